"""Rules in the annotation of a flag: ``width: Annotated[float, Above(0), AtMost(16)] = 0.5``.

A command's flags are a dataclass, and so is each group of them. Rules are in the annotations of the fields. They do not
apply to a flag that is None. They apply to each number of a flag that takes several.
"""

from __future__ import annotations

import dataclasses
import functools
import math
import typing
from collections.abc import Callable, Iterator
from typing import Any, ClassVar, NamedTuple, TypeVar

from tfgan_models.errors import InputError
from tfgan_models.training import hints

R = TypeVar("R")


class Limit:
    """The values that a flag may have. ``str`` of a limit is the advice of the error."""

    def __contains__(self, value: Any) -> bool:
        raise NotImplementedError


@dataclasses.dataclass(frozen=True)
class Bound(Limit):
    """A limit with one bound. ``advice`` replaces the default advice."""

    bound: float
    advice: str = ""
    default_advice: ClassVar[str]

    def __str__(self) -> str:
        return self.advice or self.default_advice.format(self.bound)


class Above(Bound):
    """Finite numbers above the bound."""

    default_advice = "give a number above {}"

    def __contains__(self, value: float) -> bool:
        return self.bound < value < math.inf


class AtLeast(Bound):
    """The bound and finite numbers above it."""

    default_advice = "give a number of {} or more"

    def __contains__(self, value: float) -> bool:
        return self.bound <= value < math.inf


class Below(Bound):
    """Numbers below the bound."""

    default_advice = "give a number below {}"

    def __contains__(self, value: float) -> bool:
        return value < self.bound


class AtMost(Bound):
    """The bound and numbers below it."""

    default_advice = "give a number of at most {}"

    def __contains__(self, value: float) -> bool:
        return value <= self.bound


@dataclasses.dataclass(frozen=True)
class Between(Limit):
    """Numbers from ``low`` to ``high``, both included."""

    low: float
    high: float
    advice: str = ""

    def __contains__(self, value: float) -> bool:
        return self.low <= value <= self.high

    def __str__(self) -> str:
        return self.advice or f"give a number from {self.low} to {self.high}"


@dataclasses.dataclass(frozen=True)
class OneOf(Limit):
    """Several values. (For words use a ``Literal``, which the command line checks and lists.)"""

    values: tuple[Any, ...]
    advice: str = ""

    def __contains__(self, value: Any) -> bool:
        return value in self.values

    def __str__(self) -> str:
        return self.advice or f"give {' or '.join(map(str, self.values))}"


@dataclasses.dataclass(frozen=True)
class Needs:
    """The flag has no effect while another flag of its group is off.

    Attributes:
        flag: name of the other flag.
        advice: says why it has no effect and what to do; ``{}`` is the other flag's value. By default: add that flag.
        on: says for a value of the other flag whether that flag is on.
        unless: says for the group of the flags whether the flag has an effect although the other one is off.
    """

    flag: str
    advice: str = ""
    on: Callable[[Any], bool] = bool
    unless: Callable[[Any], bool] = lambda group: False


@dataclasses.dataclass(frozen=True)
class MayChange:
    """The flag does not affect the weights, so it may change when a run resumes."""


@dataclasses.dataclass(frozen=True)
class Before:
    """The value in runs that began before the flag existed. Without this rule it is the flag's default.

    Attributes:
        value: the value.
        when: says for such a run's flags, by group and name, whether the rule applies.
    """

    value: Any
    when: Callable[[dict[str, Any]], bool] = lambda flags: True


@dataclasses.dataclass(frozen=True)
class Was:
    """The former names of the flag and of its values, in runs of earlier versions.

    Attributes:
        name: the flag's former name; None if it is unchanged.
        values: pairs of a former and a present value.
    """

    name: str | None = None
    values: tuple[tuple[Any, Any], ...] = ()


class Flag(NamedTuple):
    """A field of a dataclass of flags.

    Attributes:
        group: the instance of the dataclass.
        group_name: the name of the group in the dataclass of all groups; empty if there are no groups.
        name: the flag's name.
        rules: the rules in its annotation.
    """

    group: Any
    group_name: str
    name: str
    rules: tuple[Any, ...]

    @property
    def value(self) -> Any:
        """The flag's value."""
        return getattr(self.group, self.name)

    def rule(self, kind: type[R]) -> R | None:
        """The first rule of a class, or None."""
        return next((rule for rule in self.rules if isinstance(rule, kind)), None)

    def is_unused(self) -> bool:
        """Return whether the flag has no effect, because a flag that it needs is off."""
        needs = self.rule(Needs)
        return needs is not None and not (needs.on(getattr(self.group, needs.flag)) or needs.unless(self.group))


def walk(flags: Any, group_name: str = "") -> Iterator[Flag]:
    """Yield all flags of a dataclass and of its groups."""
    rules = _rules(type(flags))
    for name in (field.name for field in dataclasses.fields(flags)):
        value = getattr(flags, name)
        if dataclasses.is_dataclass(value):
            yield from walk(value, name)
        else:
            yield Flag(flags, group_name, name, rules[name])


@functools.cache
def _rules(kind: type) -> dict[str, tuple[Any, ...]]:
    """The rules of each field of a dataclass."""
    types = typing.get_type_hints(kind, include_extras=True)
    return {name: getattr(hint, "__metadata__", ()) for name, hint in types.items()}


def former_names(kind: type) -> dict[str, str]:
    """A mapping from former to present names of flags, in a dataclass of flags and in its groups."""
    names: dict[str, str] = {}
    for name, hint in typing.get_type_hints(kind).items():
        if dataclasses.is_dataclass(hint):
            names |= former_names(typing.cast(type, hint))
        names |= {rule.name: name for rule in _rules(kind)[name] if isinstance(rule, Was) and rule.name}
    return names


def check(flags: Any) -> None:
    """Refuse values beyond their limits, and flags that differ from their default but have no effect.

    Args:
        flags: a dataclass of flags.

    Raises:
        InputError: a flag breaks one of its rules. The error's ``argument`` is the flag's name.
    """
    for flag in walk(flags):
        values = flag.value if isinstance(flag.value, tuple) else (flag.value,)
        for rule in flag.rules:
            if isinstance(rule, Limit) and not all(value is None or value in rule for value in values):
                raise refusal(flag.name, flag.value, str(rule))
    for flag in walk(flags):
        if flag.is_unused() and flag.value != getattr(type(flag.group), flag.name):
            raise refusal(flag.name.rstrip("_"), flag.value, _advice_for_unused(flag))  # --with is the field with_


def _advice_for_unused(flag: Flag) -> str:
    """The advice for a flag without effect."""
    needs = flag.rule(Needs)
    assert needs is not None
    if needs.advice:
        return needs.advice.format(getattr(flag.group, needs.flag))
    if getattr(type(flag.group), needs.flag):
        return f"it has no effect with --no-{needs.flag}: remove one of them"
    return f"it has no effect without --{needs.flag}: remove it or add --{needs.flag}"


def refusal(name: str, value: Any, advice: str) -> InputError:
    """Make the error of a flag's value: one line that quotes the value and says what to do.

    Args:
        name: the flag's name, which becomes the error's ``argument``.
        value: the value.
        advice: says what to do.
    """
    return InputError(f"{hints.flag(name, value)}: {advice}", name)

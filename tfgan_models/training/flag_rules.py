"""Rules that stand at a flag: ``width: Annotated[float, Above(0), AtMost(16)] = 0.5``.

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

R = TypeVar("R")


class Limit:
    """Values that a flag may have; its text says what to give."""

    def __contains__(self, value: Any) -> bool:
        raise NotImplementedError


@dataclasses.dataclass(frozen=True)
class Bound(Limit):
    """A limit of one number; ``advice`` replaces the usual text."""

    bound: float
    advice: str = ""
    usual: ClassVar[str]

    def __str__(self) -> str:
        return self.advice or self.usual.format(self.bound)


class Above(Bound):
    """Finite numbers above the bound."""

    usual = "give a number above {}"

    def __contains__(self, value: float) -> bool:
        return self.bound < value < math.inf


class AtLeast(Bound):
    """The bound and finite numbers above it."""

    usual = "give a number of {} or more"

    def __contains__(self, value: float) -> bool:
        return self.bound <= value < math.inf


class Below(Bound):
    """Numbers below the bound."""

    usual = "give a number below {}"

    def __contains__(self, value: float) -> bool:
        return value < self.bound


class AtMost(Bound):
    """The bound and numbers below it."""

    usual = "give a number of at most {}"

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
    """Some values. (Words are better as a ``Literal``, which the command line knows.)"""

    values: tuple[Any, ...]
    advice: str = ""

    def __contains__(self, value: Any) -> bool:
        return value in self.values

    def __str__(self) -> str:
        return self.advice or f"give {' or '.join(map(str, self.values))}"


@dataclasses.dataclass(frozen=True)
class Needs:
    """The flag decides nothing while another one of its group is off.

    Attributes:
        flag: the name of the other.
        advice: says why it decides nothing and what to give, with ``{}`` for the other's value; by default the other
            flag.
        on: whether the other, of its value, is on.
    """

    flag: str
    advice: str = ""
    on: Callable[[Any], bool] = bool


@dataclasses.dataclass(frozen=True)
class MayChange:
    """The flag leaves the weights as they are, so it may change when a run goes on."""


@dataclasses.dataclass(frozen=True)
class Before:
    """What a run has that was begun before there was the flag; by default the flag's default.

    Attributes:
        value: what it has.
    """

    value: Any


@dataclasses.dataclass(frozen=True)
class Was:
    """The flag, or some of its values, had another name in earlier versions, and has it in the runs of these.

    Attributes:
        name: the flag's former name; None where it is the same.
        values: pairs of a former and a present value.
    """

    name: str | None = None
    values: tuple[tuple[str, str], ...] = ()


class Flag(NamedTuple):
    """A field of a dataclass of flags.

    Attributes:
        group: the dataclass, as given.
        group_name: the name of its field in the dataclass of all groups; empty where there are no groups.
        name: of the flag.
        rules: those in its annotation.
    """

    group: Any
    group_name: str
    name: str
    rules: tuple[Any, ...]

    @property
    def value(self) -> Any:
        """As given."""
        return getattr(self.group, self.name)

    def rule(self, kind: type[R]) -> R | None:
        """The first rule of a kind."""
        return next((rule for rule in self.rules if isinstance(rule, kind)), None)

    def is_idle(self) -> bool:
        """Whether the flag decides nothing, as the one that it needs is off."""
        needs = self.rule(Needs)
        return needs is not None and not needs.on(getattr(self.group, needs.flag))


def walk(flags: Any, group_name: str = "") -> Iterator[Flag]:
    """All flags of a dataclass and of its groups."""
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
    hints = typing.get_type_hints(kind, include_extras=True)
    return {name: getattr(hint, "__metadata__", ()) for name, hint in hints.items()}


def former_names(kind: type) -> dict[str, str]:
    """The present names of renamed flags, by their former names, in a dataclass of flags and in its groups."""
    names: dict[str, str] = {}
    for name, hint in typing.get_type_hints(kind).items():
        if dataclasses.is_dataclass(hint):
            names |= former_names(typing.cast(type, hint))
        names |= {rule.name: name for rule in _rules(kind)[name] if isinstance(rule, Was) and rule.name}
    return names


def check(flags: Any) -> None:
    """Refuse numbers beyond their limits, and flags that were given and decide nothing.

    Args:
        flags: a dataclass of flags.

    Raises:
        InputError: has the flag as its argument, quotes what was given and says what to give.
    """
    for flag in walk(flags):
        values = flag.value if isinstance(flag.value, tuple) else (flag.value,)
        for rule in flag.rules:
            if isinstance(rule, Limit) and not all(value is None or value in rule for value in values):
                raise refusal(flag.name, flag.value, str(rule))
    for flag in walk(flags):
        # Whoever gives a flag expects that it decides something.
        if flag.is_idle() and flag.value != getattr(type(flag.group), flag.name):
            raise refusal(flag.name, flag.value, _what_is_needed(flag))


def _what_is_needed(flag: Flag) -> str:
    """Why an idle flag decides nothing, and what would let it decide."""
    needs = flag.rule(Needs)
    assert needs is not None
    if needs.advice:
        return needs.advice.format(getattr(flag.group, needs.flag))
    switch = f"leave out --no-{needs.flag}" if getattr(type(flag.group), needs.flag) else f"give --{needs.flag}"
    return f"it decides nothing here, leave it out or {switch}"


def refusal(name: str, value: Any, advice: str) -> InputError:
    """The error of a flag's value, to be raised: one line that quotes it and says what to do.

    Args:
        name: of the flag, which the error has as its argument.
        value: as given; that of a switch is quoted as the command line has it.
        advice: what to do.
    """
    if isinstance(value, bool):
        quoted = f"--{name}" if value else f"--no-{name}"
    else:
        quoted = f"--{name} {' '.join(map(str, value)) if isinstance(value, tuple) else value}".rstrip()
    return InputError(f"{quoted}: {advice}", name)

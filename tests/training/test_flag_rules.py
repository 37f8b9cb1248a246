"""Rules at flags: what each refuses, and what an error has as data."""

from __future__ import annotations

import dataclasses
from typing import Annotated

import pytest

from tfgan_models import InputError
from tfgan_models.training import flag_rules
from tfgan_models.training.flag_rules import Above, AtLeast, AtMost, Below, Between, Needs, OneOf, Was

NAN, INFINITY = float("nan"), float("inf")


@pytest.mark.parametrize(
    ("limit", "within", "beyond"),
    [
        (Above(0), [1e-9, 5], [0, -1, NAN, INFINITY]),
        (AtLeast(2), [2, 3.5], [1.9, NAN, INFINITY]),
        (Below(1), [-5, 0.99], [1, NAN, INFINITY]),
        (AtMost(1), [-5, 1], [1.01, NAN, INFINITY]),
        (Between(0, 1), [0, 0.5, 1], [-0.1, 1.1, NAN]),
        (OneOf((1, 3)), [1, 3], [0, 2]),
    ],
    ids=str,
)
def test_limits(limit, within, beyond):
    assert all(value in limit for value in within)
    assert not any(value in limit for value in beyond)


@dataclasses.dataclass(kw_only=True)
class Group:
    """A group of flags."""

    rate: Annotated[float | None, Above(0)] = None
    sizes: Annotated[tuple[int, ...], AtLeast(1, "give sizes above 0")] = ()
    gate: bool = False
    margin: Annotated[float, Needs("gate")] = 0.5
    usual: bool = True
    count: Annotated[int, Needs("usual")] = 3
    wide: Annotated[bool, Needs("gate", "narrow while --gate is {}")] = False
    center: Annotated[float, Was("centre")] = 0.0


@dataclasses.dataclass(kw_only=True)
class All:
    """Flags in groups."""

    group: Group = dataclasses.field(default_factory=Group)


@pytest.mark.parametrize(
    ("given", "argument", "message"),
    [
        ({"rate": 0.0}, "rate", "--rate 0.0: give a number above 0"),
        ({"sizes": (3, 0)}, "sizes", "--sizes 3 0: give sizes above 0"),
        ({"margin": 1.0}, "margin", "--margin 1.0: it has no effect without --gate: remove it or add --gate"),
        (
            {"usual": False, "count": 4},
            "count",
            "--count 4: it has no effect with --no-usual: remove one of them",
        ),
        ({"wide": True}, "wide", "--wide: narrow while --gate is False"),
    ],
)
def test_an_error_has_the_flag_as_data(given, argument, message):
    with pytest.raises(InputError) as error:
        flag_rules.check(All(group=Group(**given)))
    assert error.value.argument == argument
    assert str(error.value).startswith(message)


@pytest.mark.parametrize(
    ("group", "change", "refused"),
    [
        (Group(rate=0.1, sizes=(1, 2), gate=True, margin=2.0), {"gate": False}, "margin"),
        (Group(gate=True, wide=True), {"gate": False}, "wide"),
        (Group(count=4), {"usual": False}, "count"),
        (Group(usual=False), {"rate": 0.0}, "rate"),
    ],
)
def test_what_is_within_the_rules_passes_and_one_change_breaks_them(group, change, refused):
    def argument(group: Group) -> str | None:
        try:
            flag_rules.check(All(group=group))
        except InputError as error:
            return error.argument
        return None

    assert argument(group) is None
    assert argument(dataclasses.replace(group, **change)) == refused


def test_former_names_are_found_in_groups():
    assert flag_rules.former_names(All) == {"centre": "center"}

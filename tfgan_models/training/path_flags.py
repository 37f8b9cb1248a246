"""Flags that name files and folders of this machine.

A flag is marked in its annotation: ``run_dir: Annotated[str | None, IsPath()]``. The command line fills in ``~`` and
refuses what cannot be a path, for all flags that are marked.
"""

from __future__ import annotations

import dataclasses
from typing import TypeVar

from tfgan_models.data.utils import has_scheme, user_path
from tfgan_models.errors import InputError
from tfgan_models.training import flag_rules

F = TypeVar("F")


@dataclasses.dataclass(frozen=True)
class IsPath:
    """The flag names a file or a folder.

    Attributes:
        prefix: begins a value that names a folder, such as ``folder:`` of ``folder:PATH``. Other values of the flag
            name something else, and stay as they are.
    """

    prefix: str = ""


@dataclasses.dataclass(frozen=True)
class ComparedByContent:
    """The flag names pictures, or what is known about them.

    A run that resumes compares a hash of the pictures, so the flag may have another spelling, and the files another
    place.
    """


def fill_in(flags: F) -> F:
    """Return the flags with ``~`` and ``file://`` filled in wherever they begin a path.

    Args:
        flags: a dataclass of flags.

    Raises:
        InputError: a flag is empty, or names a place that is not on this machine.
    """
    changes = {}
    for field in dataclasses.fields(flags):  # pyright: ignore[reportArgumentType]
        value = getattr(flags, field.name)
        if dataclasses.is_dataclass(value):
            changes[field.name] = fill_in(value)
    for flag in flag_rules.walk(flags):
        rule = flag.rule(IsPath)
        if flag.group is flags and rule and flag.value is not None:
            changes[flag.name] = _filled_in(flag.name, flag.value, rule.prefix)
    return dataclasses.replace(flags, **changes)  # pyright: ignore[reportType]


def _filled_in(name: str, value: str, prefix: str) -> str:
    """The value of a flag with its path filled in."""
    path = value.removeprefix(prefix)
    if prefix and not value.startswith(prefix):
        if has_scheme(value):
            raise flag_rules.refusal(name, value, f"give {prefix}PATH with a path of this machine")
        return value
    if not path:
        raise flag_rules.refusal(name, value, "there is no path: give one, or remove the flag")
    try:
        filled_in = user_path(path, f"--{name} {value}")
    except InputError as error:
        raise InputError(str(error), name) from None
    return f"{prefix}{filled_in}" if path.startswith("~") or has_scheme(path) else value

"""Flags that name files and folders of this machine.

A flag is marked in its annotation: ``run_dir: Annotated[str | None, IsPath()]``. The command line fills in ``~`` and
refuses what cannot be a path, for all flags that are marked.
"""

from __future__ import annotations

import dataclasses
import glob
import os
import re
import typing
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

from tfgan_models.data.utils import has_scheme, user_path
from tfgan_models.errors import InputError
from tfgan_models.training import flag_rules

F = TypeVar("F")
RELATIVE_TO = "relative_to"  # entry of a manifest: the folder that the relative paths among the others start from


@dataclasses.dataclass(frozen=True)
class IsPath:
    """The flag names a file or a folder.

    Attributes:
        prefix: begins a value that names a folder, such as ``folder:`` of ``folder:PATH``. Other values of the flag
            name something else, and stay as they are.
        others: further prefixes, such as ``zip:``.
        may_be_first: whether the flag's name may be left out if its value is the first word of the command line.
    """

    prefix: str = ""
    others: tuple[str, ...] = ()
    may_be_first: bool = False

    def prefix_of(self, value: str) -> str:
        """Return the prefix that begins a value; the first one if none does."""
        return next((prefix for prefix in (self.prefix, *self.others) if value.startswith(prefix)), self.prefix)


@dataclasses.dataclass(frozen=True)
class IsHubName(flag_rules.Limit):
    """The flag names a model on the Hugging Face hub: ``owner/name``.

    Attributes:
        may_be_first: as of ``IsPath``.
    """

    may_be_first: bool = False

    def __contains__(self, value: str) -> bool:
        return re.fullmatch(r"[\w-][\w.-]*/[\w-][\w.-]*", value, re.ASCII) is not None and ".." not in value

    def __str__(self) -> str:
        return "give owner/name, as in the model's address on the hub"


@dataclasses.dataclass(frozen=True)
class ComparedByContent:
    """The flag names pictures, or what is known about them.

    A run that resumes compares a hash of the pictures, so the flag may have another spelling, and the files another
    place.
    """


def first_word(kind: type) -> str | None:
    """The flag of a dataclass of flags whose name may be left out before the first word; None if there is none."""
    for name, hint in typing.get_type_hints(kind, include_extras=True).items():
        if any(
            isinstance(rule, IsPath | IsHubName) and rule.may_be_first for rule in getattr(hint, "__metadata__", ())
        ):
            return name
    return None


def fill_in(flags: F) -> F:
    """Return the flags with ``~`` and ``file://`` filled in wherever they begin a path.

    Args:
        flags: a dataclass of flags.

    Raises:
        InputError: a flag is empty, or names a place that is not on this machine.
    """
    group: Any = flags
    changes = {}
    for flag in flag_rules.walk(group):
        rule = flag.rule(IsPath)
        if flag.group is group and rule and flag.value is not None:
            several = isinstance(flag.value, tuple)
            values = [_filled_in(flag.name, v, rule.prefix_of(v)) for v in (flag.value if several else (flag.value,))]
            changes[flag.name] = tuple(values) if several else values[0]
    for field in dataclasses.fields(group):
        if dataclasses.is_dataclass(value := getattr(group, field.name)):
            changes[field.name] = fill_in(value)
    return dataclasses.replace(group, **changes)


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


def paths(flags: Any) -> dict[str, tuple[str, str]]:
    """The prefix and the path of each flag that names the data, by the flag's name.

    Args:
        flags: the group of flags that describes the data.
    """
    found = {}
    for flag in flag_rules.walk(flags):
        rule = flag.rule(IsPath)
        if rule and flag.rule(ComparedByContent) and flag.value:
            prefix = rule.prefix_of(flag.value)
            if flag.value.startswith(prefix):
                found[flag.name] = prefix, flag.value.removeprefix(prefix)
    return found


def relative_to(flags: Any) -> dict[str, str]:
    """The entry of a manifest that says where its relative paths start; empty if there are none.

    Args:
        flags: the group of flags that describes the data.
    """
    relative = any(not user_path(path).is_absolute() for _, path in paths(flags).values())
    return {RELATIVE_TO: os.getcwd()} if relative else {}


def located(value: str, manifest: Mapping[str, Any], prefix: str = "") -> str:
    """A path of a manifest as it is to be found from the present working folder.

    Args:
        value: the entry, which may begin with the prefix.
        manifest: the manifest, which may say where its relative paths start.
        prefix: as of ``IsPath``.
    """
    start, path = manifest.get(RELATIVE_TO), user_path(value.removeprefix(prefix))
    if start is None or not value.startswith(prefix) or path.is_absolute():
        return value
    there = Path(start) / path
    # With the folder that it was in, the whole work may have moved to where the user stands.
    return f"{prefix}{there}" if is_there(there) and there.resolve() != path.resolve() else value


def is_there(path: Path) -> bool:
    """Return whether a path exists, or as a pattern, which that of ``tar:`` may be, matches one that does."""
    return path.exists() or bool(glob.glob(os.fspath(path), recursive=True))

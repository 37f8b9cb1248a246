"""Parser of command lines into dataclasses of flags. This module does not import TensorFlow."""

from __future__ import annotations

import argparse
import contextlib
import dataclasses
import difflib
import io
import itertools
import sys
import types
import typing
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, Literal, TypeVar

import tyro

from tfgan_models.cli.help_texts import FLOWING
from tfgan_models.errors import InputError
from tfgan_models.training import flag_rules, hints, path_flags

F = TypeVar("F")
TYPE_NAMES = {int: ("an integer", "integers"), float: ("a number", "numbers")}


def read(flags: type[F], presets: Mapping[str, F] | None = None) -> F:
    """Read the command line into a dataclass of flags.

    ``--help`` prints all flags with their defaults.

    Args:
        flags: the dataclass.
        presets: flags by their name for ``--preset``. They replace the defaults.

    Raises:
        InputError: the command line cannot be parsed, or a path is not of this machine. The error names the flag and
            quotes its value.
    """
    words = sys.argv[1:]
    first = path_flags.first_word(flags)
    if first and words and not words[0].startswith("-"):
        words = [f"--{first}", *words]
    words = joined(flags, words)
    name = _preset(words) or ""  # an unknown name is refused by the parser
    preset = (presets or {}).get(name)
    _check_values(flags, words, preset)
    parsed = _parse(flags, words, tyro.MISSING_NONPROP if preset is None else preset)
    if parsed is None:
        raise _unreadable(flags, words)
    values, unknown = parsed
    if unknown:
        raise _unknown(flags, unknown[0])
    return path_flags.fill_in(values)


def joined(flags: type, words: Sequence[str]) -> list[str]:
    """The words with all values of a repeated flag that takes any number of them after one flag, at the end.

    The parser would take the last one of repeated flags and drop the others without a word.

    Raises:
        InputError: a value that begins with "-" is given to a repeated flag.
    """
    kinds = {name.rstrip("_"): kind for name, kind in _flag_types(flags).items()}  # --with is the field with_
    given = Counter(_name(word) for word in words if word.startswith("--"))
    repeated = {name for name, count in given.items() if count > 1 and any(map(_is_several, _members(kinds.get(name))))}
    values: dict[str, list[str]] = {name: [] for name in repeated}
    others: list[str] = []
    current = others
    for word in words:
        if word.startswith("--"):
            flag, equals, value = word.partition("=")
            current = others
            if (name := _name(flag)) in repeated:
                if value.startswith("-"):
                    raise InputError(f"{word}: a value that begins with '-' cannot be one of several, give {flag} once")
                current = values[name]
                current += [value] if equals else []
                continue
        current.append(word)
    return [*others, *(word for name, of_flag in values.items() for word in (f"--{name}", *of_flag))]


def _check_values(flags: type, words: Sequence[str], preset: Any) -> None:
    """Refuse a flag of several values that has none, as after an empty pattern of a shell, and would change nothing.

    Where the default has values, none of them is a choice.
    """
    if {"--help", "-h"} & set(words):
        return
    kinds = {name.rstrip("_"): kind for name, kind in _flag_types(flags).items()}
    for word, value in itertools.pairwise([*words, "--"]):
        name = _name(word)
        alone = word.startswith("--") and "=" not in word and value.startswith("--")
        if alone and any(map(_is_several, _members(kinds.get(name)))) and not _default(preset or flags, name):
            raise InputError(f"{word}: {_advice(kinds[name], [])}; see {hints.usage()}", name)


def _default(flags: Any, name: str) -> Any:
    """The value of a flag in an instance, or its default in a class of flags and in its groups, or else None."""
    for field in dataclasses.fields(flags):
        made = field.default_factory() if callable(field.default_factory) else field.default
        value = made if isinstance(flags, type) else getattr(flags, field.name)
        if field.name.rstrip("_") == name:
            return None if value is dataclasses.MISSING else value
        if dataclasses.is_dataclass(value) and (found := _default(value, name)) is not None:
            return found
    return None


def _parse(flags: type[F], words: Sequence[str], default: Any = tyro.MISSING_NONPROP) -> tuple[F, list[str]] | None:
    """Parse the flags.

    Returns:
        The flags and the words that belong to no flag. None if the value of a flag is missing or cannot be read: tyro
        then prints the flag's name but does not return it.
    """
    try:
        with contextlib.redirect_stderr(io.StringIO()):
            return tyro.cli(
                flags,
                args=words,
                default=default,
                return_unknown_args=True,
                config=(tyro.conf.OmitArgPrefixes,),
                use_underscores=True,
                registry=FLOWING,
            )
    except SystemExit as stop:
        if not stop.code:
            raise
        return None


def _unreadable(flags: type, words: Sequence[str]) -> InputError:
    """Make the error of a command line that ``_parse`` cannot read, by parsing each flag alone."""
    options = _options(words)
    required = [field.name for field in dataclasses.fields(flags) if _is_required(field)]
    flag_types = _flag_types(flags)
    for name in required:
        if name not in options:
            for mistyped in difflib.get_close_matches(name, options.keys() - flag_types.keys(), 1):
                return _unknown(flags, options[mistyped][0])
            return InputError(f"--{name}: this flag is required; see {hints.usage()}", name)
    needed = [word for name in required for word in options[name]]
    # A required flag is parsed with every other, so an unknown choice of it comes first.
    unknown = [
        name for name in required if not set(options[name][1:]) <= set(_choices(flag_types[name]) or options[name])
    ]
    for name, option in ({name: options[name] for name in unknown} | options).items():
        if name in flag_types and _parse(flags, [*needed, *option]) is None:
            advice = _advice(flag_types[name], option[1:])
            return InputError(f"{' '.join(option)}: {advice}; see {hints.usage()}", name)
    return InputError(f"{' '.join(words)}: cannot be read; see {hints.usage()}")


def _options(words: Sequence[str]) -> dict[str, list[str]]:
    """The words of each flag and its values, by the flag's name. The last occurrence of a flag counts."""
    options, name = {}, ""
    for word in words:
        if word.startswith("--"):
            flag, equals, value = word.partition("=")
            name = _name(flag)
            options[name] = [flag, value] if equals else [flag]
        elif name:
            options[name].append(word)
    return options


def _name(flag: str) -> str:
    """The Python name of a flag, such as batch_size for ``--batch-size`` or ``--batch_size=8``."""
    return flag.partition("=")[0].lstrip("-").replace("-", "_")


def _is_required(field: dataclasses.Field) -> bool:
    return field.default is field.default_factory is dataclasses.MISSING


def _flag_types(flags: type) -> dict[str, Any]:
    """The type of each flag, including the flags in groups."""
    hints, flag_types = typing.get_type_hints(flags), {}
    for field in dataclasses.fields(flags):
        hint = hints[field.name]
        flag_types |= (
            _flag_types(hint) if isinstance(hint, type) and dataclasses.is_dataclass(hint) else {field.name: hint}
        )
    return flag_types


def _members(kind: Any) -> tuple[Any, ...]:
    """The types of a union but None, or the one type."""
    if typing.get_origin(kind) not in (typing.Union, types.UnionType):
        return (kind,)
    return tuple(other for other in typing.get_args(kind) if other is not types.NoneType)


def _is_several(kind: Any) -> bool:
    """Return True for a tuple of any length."""
    return typing.get_origin(kind) is tuple and typing.get_args(kind)[-1] is Ellipsis


def _choices(kind: Any) -> list[str]:
    """The choices of a type, or of the elements of a tuple; empty if there are none."""
    if typing.get_origin(kind) is tuple:
        kind = typing.get_args(kind)[0]
    return [str(choice) for choice in typing.get_args(kind)] if typing.get_origin(kind) is Literal else []


def _advice(kind: Any, values: Sequence[str]) -> str:
    """The advice for the value of a flag of a type."""
    members = _members(kind)
    if len(members) == 1 and (choices := _choices(members[0])):
        unknown = [f"{value!r} is unknown, " for value in values if value not in choices][:1]
        return f"{''.join(unknown)}give {' or '.join(choices)}"
    expected = " or ".join(map(_expected, members))
    return f"give {expected}, not {' '.join(values)!r}" if values else f"give {expected}"


def _expected(kind: Any) -> str:
    """Description of the values of a type."""
    if choices := _choices(kind):
        return " or ".join(choices)
    if typing.get_origin(kind) is not tuple:
        return TYPE_NAMES.get(kind, ("a value", ""))[0]
    one, many = TYPE_NAMES.get(typing.get_args(kind)[0], ("a value", "values"))
    return f"{one}, or several" if _is_several(kind) else f"{len(typing.get_args(kind))} {many}"


def _unknown(flags: type, word: str) -> InputError:
    """Make the error of a word that belongs to no flag."""
    if not word.startswith("-"):
        return InputError(f"{word}: this word belongs to no flag, remove it; see {hints.usage()}")
    if renamed := flag_rules.former_names(flags).get(_name(word)):
        return InputError(f"{word}: this flag is now --{renamed}; see {hints.usage()}", _name(word))
    nearest = difflib.get_close_matches(_name(word), _flag_types(flags), 1)
    advice = f"did you mean --{nearest[0]}?" if nearest else "remove it."
    return InputError(f"{word}: unknown flag, {advice} See {hints.usage()}", _name(word))


def _preset(arguments: Sequence[str]) -> str | None:
    """The value of the last ``--preset``."""
    reader = argparse.ArgumentParser(add_help=False, allow_abbrev=False, exit_on_error=False)
    reader.add_argument("--preset", nargs="?")
    return reader.parse_known_args(arguments)[0].preset

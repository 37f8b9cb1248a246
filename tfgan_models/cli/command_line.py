"""Reading a command line into a dataclass of flags. Nothing here waits for TensorFlow."""

from __future__ import annotations

import argparse
import contextlib
import io
import re
import sys
from collections.abc import Mapping
from typing import TypeVar

import tyro

from tfgan_models.errors import InputError

F = TypeVar("F")


def read(flags: type[F], presets: Mapping[str, F] | None = None) -> F:
    """Read the command line into a dataclass of flags.

    ``--help`` prints its groups with their defaults; anything that cannot be read ends the program with exit code 2
    and one line.

    Args:
        flags: the dataclass.
        presets: by the names that ``--preset`` takes, what the other flags are unless they are given too.
    """
    name = _preset(sys.argv[1:]) or ""  # an unknown one is left for tyro to refuse
    preset = presets[name] if presets and name in presets else tyro.MISSING_NONPROP
    complaint = io.StringIO()
    try:
        with contextlib.redirect_stderr(complaint):
            return tyro.cli(flags, default=preset, config=(tyro.conf.OmitArgPrefixes,), use_underscores=True)
    except SystemExit as stop:
        if not stop.code:
            raise
        lines = [line.strip("│ ") for line in complaint.getvalue().splitlines()[1:]]
        end = next((i for i, line in enumerate(lines) if re.match("[─╰]", line)), len(lines))
        raise InputError(f"{' '.join(lines[:end]).rstrip('.')}: see {sys.argv[0]} --help") from None


def _preset(arguments: list[str]) -> str | None:
    """The name after ``--preset``, the last one if there are several."""
    reader = argparse.ArgumentParser(add_help=False, allow_abbrev=False, exit_on_error=False)
    reader.add_argument("--preset", nargs="?")
    return reader.parse_known_args(arguments)[0].preset

"""Commands in printed hints, written so that they can be pasted where the user stands."""

from __future__ import annotations

import os
import shlex
import shutil
import sys
from pathlib import Path

PROGRAM = "tfgan"


def command(name: str, *arguments: str | os.PathLike) -> str:
    """The command line of a subcommand, such as ``sample``, called the way this program was called.

    Args:
        name: the subcommand, which is also the name of its script.
        *arguments: the words after it, quoted for a shell if need be.
    """
    script = str(Path(sys.argv[0]).with_name(f"{name}.py"))
    words = [_python(), script] if _is_script() else [*_program(), name]
    return shlex.join([*words, *map(str, arguments)])


def usage() -> str:
    """The command line that prints the help of this command."""
    words = [_python(), sys.argv[0]] if _is_script() else [*_program(), *sys.argv[0].split()[1:]]
    return shlex.join([*words, "--help"])


def _is_script() -> bool:
    """Whether a script of train/ runs, and not the command, which sets its name: ``tfgan train vaegan``."""
    return sys.argv[0].endswith(".py")


def _program() -> list[str]:
    """The words by which a shell finds the command ``tfgan``, of which a process only knows how it was called."""
    called = sys.orig_argv[1:2]
    if called == ["-m"]:
        return [_python(), "-m", "tfgan_models"]
    on_path = shutil.which(PROGRAM)
    if called and Path(called[0]).name == PROGRAM and not (on_path and os.path.samefile(on_path, called[0])):
        return called  # in an environment that is not active
    return [PROGRAM]


def _python() -> str:
    """The interpreter as it was called."""
    called = sys.orig_argv[0] if sys.orig_argv else ""
    return called if Path(called).name.startswith("python") else "python"

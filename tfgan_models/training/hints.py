"""Printed hints: the files of a run, and commands that can be pasted where the user stands."""

from __future__ import annotations

import os
import shlex
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tfgan_models.training.run_folder import RunFolder

PROGRAM = "tfgan"
# Files of a run that its last lines name, if they exist.
PICTURES = (
    "interpolation",
    "attributes",
    "directions",
    "confusion",
    "clusters",
    "style_sheet",
    "latent_space",
    "manifold",
)
FOLDERS = ("samples/", "samples_prior/", "samples_codes/", "reconstructions/", "conditions/")
FILES = ("config.json", "metrics.csv", *FOLDERS, *(f"{name}.png" for name in PICTURES))


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


def flag(name: str, value: Any) -> str:
    """A flag as it stands on a command line: ``--name value``, ``--name 1 2``, ``--name`` or ``--no-name``."""
    if isinstance(value, bool):
        return f"--{name}" if value else f"--no-{name}"
    words = value if isinstance(value, (list, tuple)) else (value,)
    return " ".join([f"--{name}", *map(str, words)]).rstrip()


def given(name: str, value: Any) -> str:
    """What a run has been given, for a sentence: as ``flag``, or ``no --name`` for a list without values."""
    return f"no --{name}" if value in ([], ()) else flag(name, value)


def report_places(folder: RunFolder, exported: Path | None) -> None:
    """Print the paths of the run's files and the commands to use them."""
    from tfgan_models.callbacks.best_epoch import FOLDER
    from tfgan_models.training import checkpoint

    files = [name for name in FILES if (folder.path / name).exists()]
    print(f"run:         {folder.path}  ({', '.join(files)})")
    if saved := checkpoint.checkpoints(folder.checkpoints) or checkpoint.checkpoints(folder.path / FOLDER):
        print(f"checkpoints: {saved[-1]}")
    if exported:
        print(f"exported:    {exported}  (draw from it: {command('sample', '--model', exported)})")
    if (logs := folder.path / "logs").exists():
        print(f"watch:       {shlex.join(['tensorboard', '--logdir', str(logs), '--host', 'localhost'])}")


def _is_script() -> bool:
    """Return True in a script of train/, and False in the command, which sets its name: ``tfgan train vaegan``."""
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

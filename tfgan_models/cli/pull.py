"""Download an exported model from the Hugging Face hub: ``tfgan pull owner/name --output saved_models/name``."""

from __future__ import annotations

import dataclasses
import sys
from pathlib import Path
from typing import Annotated

from tfgan_models.cli.command_line import read
from tfgan_models.cli.exits import end_on_signals, one_line_errors
from tfgan_models.cli.quiet_tensorflow import import_tensorflow
from tfgan_models.files import missing_folders, remove_empty
from tfgan_models.training import flag_rules, hints
from tfgan_models.training.path_flags import IsHubName, IsPath

_missing: list[Path] = []  # folders that the download makes, the innermost first


@dataclasses.dataclass(kw_only=True)
class PullFlags:
    """Download an exported model from the Hugging Face hub."""

    name: Annotated[str, IsHubName(may_be_first=True)]
    """Name of the model on the hub: owner/name. As the first word it needs no --name."""
    output: Annotated[str | None, IsPath()] = None
    """Folder in which the model becomes the newest version; saved_models/name by default."""


def check(flags: PullFlags) -> None:
    """Check the flags.

    Raises:
        InputError: a flag breaks one of its rules.
    """
    flag_rules.check(flags)


def main(flags: PullFlags) -> None:
    """Download the model."""
    check(flags)
    import_tensorflow()
    from tfgan_models.export import hub

    folder = Path(flags.output) if flags.output else Path("saved_models") / flags.name.split("/")[1]
    _missing.extend(missing_folders(folder))
    version = hub.pull(flags.name, folder)
    print(f"downloaded:  {version}  (draw from it: {hints.command('sample', '--model', version)})")
    print(f"trust:       a SavedModel is a program, so load it only if you trust {flags.name.split('/')[0]}")


def _nothing_written() -> str:
    """Remove what was downloaded, which the exit on a signal would leave behind."""
    if "tfgan_models.export.saved_model" in sys.modules:
        sys.modules["tfgan_models.export.saved_model"].remove_unfinished()
    remove_empty(_missing)
    return "nothing was written"


def command() -> None:
    """Read the command line and run the command, with exit codes and one-line errors."""
    end_on_signals(_nothing_written)
    with one_line_errors():
        main(read(PullFlags))

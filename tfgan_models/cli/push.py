"""Upload an exported model to the Hugging Face hub: ``tfgan push --model saved_models/vaegan/1 --to owner/name``."""

from __future__ import annotations

import dataclasses
from typing import Annotated

from tfgan_models.cli.command_line import read
from tfgan_models.cli.exits import end_on_signals, one_line_errors
from tfgan_models.cli.quiet_tensorflow import import_tensorflow
from tfgan_models.training import flag_rules
from tfgan_models.training.path_flags import IsHubName, IsPath


@dataclasses.dataclass(kw_only=True)
class PushFlags:
    """Upload an exported model with its card to the Hugging Face hub, without paths and pictures of this machine."""

    model: Annotated[str, IsPath()]
    """Folder of an export: saved_models/vaegan/1, or saved_models/vaegan for its newest version."""
    to: Annotated[str, IsHubName()]
    """Name of the model on the hub: owner/name. It is made if it does not exist."""
    private: bool = False
    """Make a new model private. A model that exists stays as it is."""
    dry_run: bool = False
    """Print what would be uploaded, and stop."""


def check(flags: PushFlags) -> None:
    """Check the flags.

    Raises:
        InputError: a flag breaks one of its rules.
    """
    flag_rules.check(flags)


def main(flags: PushFlags) -> None:
    """Print what is uploaded, and upload it."""
    check(flags)
    import_tensorflow()
    from tfgan_models.export import hub, version_of

    version = version_of(flags.model)
    upload = hub.prepare(version, flags.to)
    visible = "only you" if flags.private else "everybody"
    print(f"uploads:     {version} to {flags.to}, which {visible} can see if it is new")
    for name, size in upload.sizes().items():
        print(f"  {size:>13,}  {name}")
    if upload.left_out:
        print(f"left out:    {', '.join(map(str, upload.left_out))}")
    if flags.dry_run:
        return
    print(f"uploaded:    {hub.push(upload, flags.private)}")


def command() -> None:
    """Read the command line and run the command, with exit codes and one-line errors."""
    end_on_signals("nothing was published, unless the line «uploaded» was printed")
    with one_line_errors():
        main(read(PushFlags))

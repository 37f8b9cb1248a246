"""Write an exported model in other formats: ``tfgan export --model saved_models/vaegan/1 --format onnx litert``."""

from __future__ import annotations

import dataclasses
from typing import Annotated, Literal

from tfgan_models.cli import outputs
from tfgan_models.cli.command_line import read
from tfgan_models.cli.exits import end_on_signals, one_line_errors
from tfgan_models.cli.quiet_tensorflow import import_tensorflow
from tfgan_models.training import flag_rules
from tfgan_models.training.flag_rules import refusal
from tfgan_models.training.path_flags import IsPath


@dataclasses.dataclass(kw_only=True)
class ExportFlags:
    """Write an exported model in other formats, and check each file against TensorFlow."""

    model: Annotated[str, IsPath()]
    """Folder of an export: saved_models/vaegan/1, or saved_models/vaegan for its newest version. A SavedModel can run
    any code, so load only models that you trust."""
    format: tuple[Literal["onnx", "litert"], ...] = ()
    """Formats to write, each to a folder of its name in that of the export. They need the extra of the same name."""
    signatures: tuple[str, ...] = ()
    """Signatures to write, each to a file of its own, such as generate encode. By default all that need no draw."""


def check(flags: ExportFlags) -> None:
    """Check the flags without TensorFlow.

    Raises:
        InputError: a flag breaks one of its rules.
    """
    flag_rules.check(flags)
    if not flags.format:
        raise refusal("format", "", "give onnx, litert or both")


def main(flags: ExportFlags) -> None:
    """Write the files."""
    check(flags)
    import_tensorflow()
    from tfgan_models.export import conversion
    from tfgan_models.export.saved_model import version_of

    version = version_of(flags.model)
    for name in flags.format:
        if reason := outputs.unwritable(version / name):
            advice = (
                f"{version / name} cannot be written ({reason}), correct that or give a copy of the model elsewhere"
            )
            raise refusal("model", flags.model, advice)
    for path, difference in conversion.convert(flags.model, flags.format, flags.signatures):
        megabytes = path.stat().st_size / 1e6
        print(f"{path}: {megabytes:.1f} MB, differs from TensorFlow by at most {difference:.1e}", flush=True)


def command() -> None:
    """Read the command line and run the command, with exit codes and one-line errors."""
    end_on_signals("the files that were written are complete, and the same command writes them all again")
    with one_line_errors():
        main(read(ExportFlags))

"""Draw pictures from an exported model: ``tfgan sample --model saved_models/vaegan/1 --output grid.png``."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Annotated, Literal

from tfgan_models.cli import outputs, sample_condition
from tfgan_models.cli.command_line import read
from tfgan_models.cli.exits import end_on_signals, one_line_errors
from tfgan_models.cli.quiet_tensorflow import import_tensorflow
from tfgan_models.training import flag_rules
from tfgan_models.training.flag_rules import Above, AtLeast, Between, Needs, refusal
from tfgan_models.training.flags import Seed
from tfgan_models.training.path_flags import IsPath

CONTENTS = ("reconstruct", "between", "interpolate")  # flags that choose what is drawn; samples without them


@dataclasses.dataclass(kw_only=True)
class SampleFlags(sample_condition.ConditionFlags):
    """Draw samples of an exported model, walks between samples or pictures, or reconstructions of pictures."""

    model: Annotated[str, IsPath()]
    """Folder of an export: saved_models/vaegan/1, or saved_models/vaegan for its newest version. A SavedModel can run
    any code, so load only models that you trust."""
    count: Annotated[int | None, Above(0)] = None
    """Number of samples, or of walks with --interpolate: 64 by default. With --reconstruct the number of pictures, all
    by default. A sheet has at most 89 million pixels: 20,000 samples of 64 pixels. With --format more."""
    sampler: Literal["codes", "prior"] | None = None
    """Source of the latents. codes: a Gaussian mixture fitted to the codes of training images, the default of models
    that support it; prior: p(z), the default of other models."""
    truncation: Annotated[float, Between(0, 1)] = 1.0
    """Factor on the distance of latents from their mean, or from that of their class or attributes. Below 1, samples
    have fewer faults and less variety."""
    seed: Seed = 0
    """Seed of the samples."""
    output: Annotated[str, IsPath()] = "samples.png"
    """File to write: a sheet if it ends in .png, an animation if it ends in .gif or .webp. With --format a folder."""
    format: Literal["png", "npz"] | None = None
    """Write each sample for itself to the folder --output. png: files 000000.png, 000001.png, …; npz: one file with an
    array of bytes, arr_0. Neither needs more memory for more samples."""
    interpolate: bool = False
    """Draw interpolations between two samples: one in each row of a sheet, all at once in an animation."""
    between: Annotated[tuple[str, ...], IsPath()] = ()
    """Two or more pictures. Draw a walk from each to the next; a sheet has a row for each walk, between its two
    pictures. It needs a model with an encoder."""
    reconstruct: Annotated[tuple[str, ...], IsPath()] = ()
    """Pictures, or folders of pictures. Draw rows of them, each above a row of their reconstructions. It needs a model
    with an encoder."""
    refine: Annotated[int, AtLeast(0)] = 0
    """Number of steps of gradient descent that bring the codes of pictures nearer to them after the encoder, such as
    50, with --reconstruct or --between. They keep more of a picture, such as glasses, and take longer."""
    refine_blur: Annotated[float | None, Between(0, 10), Needs("refine")] = None
    """Blur in pixels of what the steps of --refine compare. By default it grows with the images: 0.5 at 32 pixels, 1 at
    64. 0 compares the pixels themselves: images are then closer in pixels and softer."""
    steps: Annotated[int | None, Above(0)] = None
    """Number of pictures in each walk of --interpolate or --between: by default 10 in a sheet, 60 in an animation."""
    frames_per_second: Annotated[float | None, Between(0.1, 50)] = None
    """Speed of an animation: by default 20 for walks, and 2 for samples, which are shown one after the other."""
    loop: Literal["restart", "back_and_forth", "once"] | None = None
    """End of an animation. restart, the default: repeat without an end; back_and_forth: also show the pictures in
    reverse; once: stop at the last one."""


def check(flags: SampleFlags) -> None:
    """Check the flags without TensorFlow.

    Raises:
        InputError: a flag breaks one of its rules, or flags contradict each other.
    """
    from tfgan_models.plots.animation import is_animation

    flag_rules.check(flags)
    chosen = [name for name in CONTENTS if getattr(flags, name)]
    if len(chosen) > 1:
        raise refusal(chosen[1], getattr(flags, chosen[1]), f"it cannot be with --{chosen[0]}, remove one of them")
    if len(flags.between) == 1:
        raise refusal("between", flags.between, "give two or more pictures")
    animated = is_animation(flags.output)
    if flags.format:
        _check_folder(flags, chosen[0] if chosen else "", animated)
        return
    if flags.reconstruct and not flags.output.lower().endswith(".png"):
        raise refusal("output", flags.output, "with --reconstruct give a file name that ends in .png")
    if not (animated or flags.output.lower().endswith(".png")):
        raise refusal("output", flags.output, "give a file name that ends in .png, .gif or .webp, or add --format png")
    _refuse_unused(flags, chosen[0] if chosen else "", animated)


def _check_folder(flags: SampleFlags, content: str, animated: bool) -> None:
    """Refuse flags that do not go with single pictures in a folder."""
    if content:
        raise refusal("format", flags.format, f"only samples are written to a folder, remove --{content}")
    if animated or Path(flags.output).suffix.lower() in (".png", ".npz"):
        raise refusal("output", flags.output, f"with --format {flags.format} give a folder")
    if len(flags.label) > 1:
        raise refusal("label", flags.label, "with --format give one label, and write a folder for each")
    _refuse_unused(flags, content, animated)


def _refuse_unused(flags: SampleFlags, content: str, animated: bool) -> None:
    """Refuse flags that have no effect on what is drawn."""
    unused: dict[str, str] = {}
    if content in ("reconstruct", "between"):
        of_walks = ("count",) if content == "between" else ()
        unused = dict.fromkeys(
            ("sampler", "truncation", "seed", *of_walks), f"it has no effect with --{content}, remove it"
        )
    if content not in ("between", "reconstruct"):
        unused["refine"] = "it has no effect without --reconstruct or --between, remove it or add one of these"
    if content not in ("between", "interpolate"):
        unused["steps"] = "it has no effect without --interpolate or --between, remove it or add one of these"
    if not animated:
        advice = "it has no effect in a PNG file, remove it or give an --output that ends in .gif or .webp"
        unused |= dict.fromkeys(("frames_per_second", "loop"), advice)
    if flags.format:  # what would give them an effect is refused
        unused = dict.fromkeys(unused, f"it has no effect with --format {flags.format}, remove it")
    for name, advice in unused.items():
        if (value := getattr(flags, name)) != getattr(type(flags), name):
            raise refusal(name.rstrip("_"), value, advice)


def main(flags: SampleFlags) -> None:
    """Draw the pictures and write the files."""
    check(flags)
    (outputs.check_folder if flags.format else outputs.check_file)("output", flags.output)
    outputs.check_not_read("output", flags.output, (*flags.reconstruct, *flags.between))
    import_tensorflow()
    from tfgan_models import export
    from tfgan_models.cli import drawings, picture_files

    model = export.load(flags.model)
    if flags.reconstruct:
        content = drawings.draw_reconstructions(flags, model)
    elif flags.between:
        content = drawings.draw_walks_between_pictures(flags, model)
    else:
        model.sampler(flags.sampler)  # refuses a source that the model does not have
        sample_condition.check(flags, model)
        source = flags.sampler or model.manifest.get("sampler", "prior")
        draw = drawings.draw_walks_between_samples if flags.interpolate else drawings.draw_samples
        if flags.format:
            _advice.append("the pictures that were written are complete, and the same command starts over")
            draw = picture_files.draw_files
        content = f"{draw(flags, model)}, with latents from {source}"
    print(f"{flags.output}: {content}")


_advice = ["nothing was written"]  # the last one ends the line of a command that a signal has stopped


def command() -> None:
    """Read the command line and run the command, with exit codes and one-line errors."""
    end_on_signals(lambda: _advice[-1])
    with one_line_errors():
        main(read(SampleFlags))

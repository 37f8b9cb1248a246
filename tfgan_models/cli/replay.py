"""Show a run's pictures over its epochs: ``tfgan replay runs/vaegan-faces --output training.gif``.

This command does not need TensorFlow.
"""

from __future__ import annotations

import contextlib
import dataclasses
import math
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, get_args

from tfgan_models.cli import outputs
from tfgan_models.cli.command_line import read
from tfgan_models.cli.exits import end_on_signals, one_line_errors
from tfgan_models.training import flag_rules
from tfgan_models.training.flag_rules import Above, Between, refusal
from tfgan_models.training.path_flags import IsPath

if TYPE_CHECKING:
    import numpy as np

What = Literal["samples", "reconstructions", "samples_prior", "samples_codes", "conditions"]


@dataclasses.dataclass(kw_only=True)
class ReplayFlags:
    """Show the pictures of a run over its epochs, as an animated GIF or WebP file."""

    run: Annotated[str, IsPath(may_be_first=True)]
    """Folder of a run, such as runs/vaegan-faces. As the first word it needs no --run."""
    what: What = "samples"
    """Pictures to show. samples_prior or samples_codes: samples from the other source, if the run has two;
    conditions: each class or attribute in the same styles, of a conditional model."""
    output: Annotated[str, IsPath()] = "training.gif"
    """File to write, which ends in .gif or .webp."""
    every: Annotated[int, Above(0)] = 1
    """Show only every n-th of the pictures, and the last one."""
    frames_per_second: Annotated[float, Between(0.1, 50)] = 4.0
    """Pictures in a second."""
    pause: Annotated[float, Between(0, 60)] = 2.0
    """Seconds that the last picture stays longer."""
    loop: Literal["restart", "back_and_forth", "once"] = "restart"
    """restart: repeat without an end; back_and_forth: also show the pictures in reverse; once: stop at the last one."""


def check(flags: ReplayFlags) -> None:
    """Check the flags.

    Raises:
        InputError: a flag breaks one of its rules, or the output is not an animation.
    """
    from tfgan_models.plots.animation import is_animation

    flag_rules.check(flags)
    if not is_animation(flags.output):
        raise refusal("output", flags.output, "give a file name that ends in .gif or .webp")


def main(flags: ReplayFlags) -> None:
    """Write the animation."""
    check(flags)
    outputs.check_file("output", flags.output)
    from tfgan_models.plots import animation

    epochs = _epochs(flags)
    sizes = _sizes(epochs)
    readable = sorted(sizes)
    shown = [epoch for i, epoch in enumerate(readable, 1) if i % flags.every == 0 or i == len(readable)]
    damaged = [str(path) for epoch, path in sorted(epochs.items()) if epoch not in sizes]
    if not shown:
        raise refusal("run", flags.run, f"none of its pictures can be read (first: {damaged[0]!r}), give another run")
    height, width = (max(sizes[epoch][axis] for epoch in shown) for axis in (0, 1))
    _check_size(flags, len(shown), height, width)
    frames = _frames([(epoch, epochs[epoch]) for epoch in shown], height, width)
    animation.save(frames, flags.output, flags.frames_per_second, flags.loop, flags.pause)
    if damaged:
        print(f"skipped {len(damaged)} of {len(epochs)} pictures: damaged (first: {damaged[0]!r})", file=sys.stderr)
    when = f"{len(shown)} epochs, from {shown[0]} to {shown[-1]}" if len(shown) > 1 else f"epoch {shown[0]}"
    print(f"{flags.output}: {flags.what} of {flags.run} after {when}")


def _epochs(flags: ReplayFlags) -> dict[int, Path]:
    """The files of the pictures by their epochs.

    Raises:
        InputError: there is no such run, or it has no such pictures.
    """
    run = Path(flags.run)
    if not run.is_dir():
        raise refusal("run", flags.run, "there is no such folder, give that of a run, such as runs/vaegan-faces")
    if pictures := _pictures(run / flags.what):
        return pictures
    if others := [what for what in get_args(What) if _pictures(run / what)]:
        raise refusal("what", flags.what, f"{flags.run} has none of these, give --what {' or '.join(others)}")
    raise refusal("run", flags.run, f"it has no pictures of epochs, such as {flags.what}/epoch-0001.png")


def _pictures(folder: Path) -> dict[int, Path]:
    files = ((re.fullmatch(r"epoch-(\d+)\.png", path.name), path) for path in folder.glob("epoch-*.png"))
    return {int(match[1]): path for match, path in files if match}


def _sizes(epochs: dict[int, Path]) -> dict[int, tuple[int, int]]:
    """Height and width of the pictures by their epochs, without those that are damaged."""
    from PIL import Image

    sizes = {}
    for epoch, path in epochs.items():
        with contextlib.suppress(OSError, ValueError, SyntaxError), Image.open(path) as image:
            image.load()
            sizes[epoch] = image.height, image.width
    return sizes


def _check_size(flags: ReplayFlags, count: int, height: int, width: int) -> None:
    """Refuse an animation that needs too much memory."""
    from tfgan_models.plots import animation

    factor = animation.enlarging_factor(height, width)
    pixels = animation.captioned_height(factor * height) * factor * width
    total = animation.frame_count(count, flags.loop) * pixels
    if total > animation.MAX_PIXELS:
        raise refusal(
            "every",
            flags.every,
            f"the {count} frames would have {total / 1e6:.0f} million pixels, and an animation can have "
            f"{animation.MAX_PIXELS // 10**6} million; give {math.ceil(flags.every * total / animation.MAX_PIXELS)}",
        )


def _frames(pictures: list[tuple[int, Path]], height: int, width: int) -> Iterator[np.ndarray]:
    """Yield the pictures with the number of the epoch, all of one size and with the channels of the last one."""
    import numpy as np
    from PIL import Image

    from tfgan_models.plots import animation

    with Image.open(pictures[-1][1]) as last:
        mode = last.mode if last.mode in ("L", "RGBA") else "RGB"
    for epoch, path in pictures:
        with Image.open(path) as image:
            pixels = np.asarray(image.convert(mode))
        pixels = pixels.reshape(*pixels.shape[:2], -1)
        missing = height - pixels.shape[0], width - pixels.shape[1]
        frame = np.pad(pixels, ((0, missing[0]), (0, missing[1]), (0, 0)), constant_values=255)
        yield animation.captioned(animation.enlarged(frame), f"epoch {epoch}")


def command() -> None:
    """Read the command line and run the command, with exit codes and one-line errors."""
    end_on_signals("nothing was written")
    with one_line_errors():
        main(read(ReplayFlags))

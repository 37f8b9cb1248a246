"""Draw pictures from an exported model: ``tfgan sample --model saved_models/vaegan/1 --output grid.png``."""

from __future__ import annotations

import bisect
import dataclasses
from typing import Annotated, Literal

from tfgan_models.cli import sample_condition
from tfgan_models.cli.command_line import read
from tfgan_models.cli.exits import end_on_signals, one_line_errors
from tfgan_models.cli.quiet_tensorflow import import_tensorflow
from tfgan_models.training import flag_rules
from tfgan_models.training.flag_rules import Above, refusal
from tfgan_models.training.flags import Seed
from tfgan_models.training.path_flags import IsPath

MAX_PIXELS = 89_000_000  # of a sheet; Pillow warns of larger files when it opens them
PART = 128  # images of interpolations that are generated at once


@dataclasses.dataclass(kw_only=True)
class SampleFlags(sample_condition.ConditionFlags):
    """Draw samples of an exported model, or interpolations between samples, as one picture."""

    model: Annotated[str, IsPath()]
    """Folder of an export: saved_models/vaegan/1, or saved_models/vaegan for its newest version. A SavedModel can run
    any code, so load only models that you trust."""
    count: Annotated[int, Above(0)] = 64
    """Number of samples, or of rows with --interpolate. A sheet has at most 89 million pixels: 20,000 samples of 64
    pixels."""
    sampler: Literal["codes", "prior"] | None = None
    """Source of the latents. codes: a Gaussian mixture fitted to the codes of training images, the default of models
    that support it; prior: p(z), the default of other models."""
    seed: Seed = 0
    """Seed of the samples."""
    output: Annotated[str, IsPath()] = "samples.png"
    """PNG file to write."""
    interpolate: bool = False
    """Draw interpolations between two samples, one in each row."""
    steps: Annotated[int, Above(0)] = 10
    """Number of pictures in a row of --interpolate."""


def main(flags: SampleFlags) -> None:
    """Draw the samples and write the picture."""
    flag_rules.check(flags)
    if not flags.output.lower().endswith(".png"):
        raise refusal("output", flags.output, "give a file name that ends in .png")
    import_tensorflow()
    import numpy as np

    from tfgan_models import export, latent
    from tfgan_models.plots import image_grid

    model = export.load(flags.model)
    _check_sheet(flags, model.manifest["image_shape"])
    model.sampler(flags.sampler)  # refuses a source that the model does not have
    sample_condition.check(flags, model)
    source = flags.sampler or model.manifest.get("sampler", "prior")
    if flags.interpolate:
        gaussian = source == "prior" and model.manifest.get("prior") in (None, "standard_gaussian")
        if gaussian:
            random = np.random.default_rng(flags.seed)
            pair = random.standard_normal((2, flags.count, model.manifest["latent_dim"]), np.float32)
        else:
            count = flags.count if len(flags.label) == 2 else 2 * flags.count  # of one class, or from one to another
            samples = sample_condition.samples(flags, model, count, flags.seed, flags.sampler)
            latents = [part["latent"] for part in samples if "latent" in part]
            if not latents:
                raise refusal("interpolate", True, f"{model.path} was exported by an older version, export it again")
            pair = np.split(np.concatenate(latents), 2)
        start, end = pair
        walks = latent.interpolate(start, end, flags.steps, spherical=gaussian)
        rows = max(1, PART // flags.steps)
        parts = (walks[i : i + rows].reshape(-1, walks.shape[-1]) for i in range(0, flags.count, rows))
        images = (model("generate", latent=part)["image"] for part in parts)
        sheet = image_grid.grid_of_parts(images, flags.count * flags.steps, flags.steps)
    else:
        samples = sample_condition.samples(flags, model, flags.count, flags.seed, flags.sampler)
        images = (part["image"] for part in samples)
        sheet = image_grid.grid_of_parts(images, *sample_condition.sheet(flags, flags.count))
    image_grid.save(sheet, flags.output)
    content = f"{flags.count} {'interpolations' if flags.interpolate else 'samples'}{sample_condition.describe(flags)}"
    print(f"{flags.output}: {content} of {model.path}, with latents from {source}")


def _check_sheet(flags: SampleFlags, image_shape: tuple[int, int, int]) -> None:
    """Refuse a count whose sheet would be larger than programs that show pictures open."""
    from tfgan_models.plots import image_grid

    def pixels(count: int) -> int:
        interpolations = count * flags.steps, flags.steps
        number, columns = interpolations if flags.interpolate else sample_condition.sheet(flags, count)
        height, width = image_grid.grid_size(number, *image_shape[:2], columns)
        return height * width

    if pixels(flags.count) <= MAX_PIXELS:
        return
    largest = bisect.bisect_right(range(1, flags.count), MAX_PIXELS, key=pixels)
    advice = f"give at most {largest} and draw further sheets with other values of --seed"
    raise refusal(
        "count" if largest else "steps",
        flags.count if largest else flags.steps,
        f"the sheet would have {pixels(flags.count) / 1e6:.0f} million pixels, and a PNG file can have "
        f"{MAX_PIXELS // 10**6} million; {advice if largest else 'give fewer steps'}",
    )


def command() -> None:
    """Read the command line and run the command, with exit codes and one-line errors."""
    end_on_signals("nothing was written")
    with one_line_errors():
        main(read(SampleFlags))

"""Draw pictures from an exported model: ``tfgan sample --model saved_models/vaegan/1 --output grid.png``."""

from __future__ import annotations

import dataclasses
from typing import Annotated, Literal

from tfgan_models.cli.command_line import read
from tfgan_models.cli.exits import end_on_signals, one_line_errors
from tfgan_models.cli.quiet_tensorflow import import_tensorflow
from tfgan_models.training import flag_rules
from tfgan_models.training.flag_rules import Above, refusal
from tfgan_models.training.flags import Seed
from tfgan_models.training.path_flags import IsPath


@dataclasses.dataclass(kw_only=True)
class SampleFlags:
    """Draw samples of an exported model, or interpolations between samples, as one picture."""

    model: Annotated[str, IsPath()]
    """Folder of an export: saved_models/vaegan/1, or saved_models/vaegan for its newest version. A SavedModel can run
    any code, so load only models that you trust."""
    count: Annotated[int, Above(0)] = 64
    """Number of samples, or of rows with --interpolate."""
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
    sample = model.sampler(flags.sampler)
    source = flags.sampler or model.manifest.get("sampler", "prior")
    if flags.interpolate:
        gaussian = source == "prior" and model.manifest.get("prior") in (None, "standard_gaussian")
        if gaussian:
            random = np.random.default_rng(flags.seed)
            pair = random.standard_normal((2, flags.count, model.manifest["latent_dim"]), np.float32)
        else:
            samples = model(sample, count=2 * flags.count, seed=flags.seed)
            if "latent" not in samples:
                raise refusal("interpolate", True, f"{model.path} was exported by an older version, export it again")
            pair = np.split(samples["latent"], 2)
        start, end = pair
        walks = latent.interpolate(start, end, flags.steps, spherical=gaussian)
        images = model("generate", latent=walks.reshape(-1, walks.shape[-1]))["image"]
        sheet = image_grid.grid(images, flags.steps)
    else:
        sheet = image_grid.grid(model(sample, count=flags.count, seed=flags.seed)["image"])
    image_grid.save(sheet, flags.output)
    content = f"{flags.count} {'interpolations' if flags.interpolate else 'samples'}"
    print(f"{flags.output}: {content} of {model.path}, with latents from {source}")


def command() -> None:
    """Read the command line and run the command, with exit codes and one-line errors."""
    end_on_signals("nothing was written")
    with one_line_errors():
        main(read(SampleFlags))

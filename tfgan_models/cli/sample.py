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


@dataclasses.dataclass(kw_only=True)
class SampleFlags:
    """Draw samples of an exported model, or walks between them, as one picture."""

    model: str
    """Folder of the export, saved_models/vaegan/1; of saved_models/vaegan the newest version. Loading a SavedModel
    runs code that it contains: load only what you trust."""
    count: Annotated[int, Above(0)] = 64
    """Samples to draw; with --interpolate, walks."""
    sampler: Literal["codes", "prior"] | None = None
    """Where latents come from: codes, a mixture fitted to the codes of training images, the default where the model
    encodes; prior, p(z)."""
    seed: Seed = 0
    """The same seed draws the same pictures."""
    output: str = "samples.png"
    """The picture to write, a PNG file."""
    interpolate: bool = False
    """Draw walks from sample to sample, a row each."""
    steps: Annotated[int, Above(0)] = 10
    """Pictures in a walk."""


def main(asked: SampleFlags) -> None:
    """Draw and write the picture."""
    flag_rules.check(asked)
    if not asked.output.lower().endswith(".png"):
        raise refusal("output", asked.output, "give a name that ends in .png")
    import_tensorflow()
    import numpy as np

    from tfgan_models import export, latent
    from tfgan_models.plots import image_grid

    model = export.load(asked.model)
    sample = model.sampler(asked.sampler)
    source = asked.sampler or model.manifest.get("sampler", "prior")
    if asked.interpolate:
        gaussian = source == "prior" and model.manifest.get("prior") in (None, "standard_gaussian")
        if gaussian:
            random = np.random.default_rng(asked.seed)
            ends = random.standard_normal((2, asked.count, model.manifest["latent_dim"]), np.float32)
        else:
            drawn = model(sample, count=2 * asked.count, seed=asked.seed)
            if "latent" not in drawn:
                raise refusal("interpolate", True, f"{model.path} is of an older version, export it again")
            ends = np.split(drawn["latent"], 2)
        start, end = ends
        ways = latent.interpolate(start, end, asked.steps, spherical=gaussian)
        images = model("generate", latent=ways.reshape(-1, ways.shape[-1]))["image"]
        sheet = image_grid.grid(images, asked.steps)
    else:
        sheet = image_grid.grid(model(sample, count=asked.count, seed=asked.seed)["image"])
    image_grid.save(sheet, asked.output)
    drawn = f"{asked.count} {'walks' if asked.interpolate else 'samples'}"
    print(f"{asked.output}: {drawn} of {model.path}, with latents of {source}")


def command() -> None:
    """Read the command line, and end as all commands do."""
    end_on_signals("nothing was written")
    with one_line_errors():
        main(read(SampleFlags))

"""Animate style and content: ``python experiments/style_animation.py MODEL --output styles.webp``.

The model is an export of aae_supervised. Each row walks through styles of the prior and back to its first one, with the
same style in every column. Each column keeps its class (Makhzani et al. 2015, 1511.05644, section 4).
"""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Iterator
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
import tyro

from tfgan_models import export
from tfgan_models.data.pixels import to_bytes
from tfgan_models.errors import InputError
from tfgan_models.latent.interpolation import interpolate
from tfgan_models.plots import animation, image_grid


@dataclasses.dataclass(kw_only=True)
class StyleAnimationFlags:
    """Write an animation of styles, with a column for each class."""

    model: tyro.conf.Positional[Path]
    """Export whose latents are a class and a style."""
    output: Path
    """File that ends in .gif or .webp."""
    rows: int = 4
    """Number of styles that are shown at once."""
    stops: int = 3
    """Number of styles that each row walks through."""
    steps: int = 16
    """Frames from a style to the next."""
    seed: int = 0
    """Seed of the styles."""


def walks(stops: np.ndarray, steps: int) -> np.ndarray:
    """Closed walks ``[frames, rows, style_dim]`` through stops ``[rows, stops, style_dim]``, along great circles."""
    pairs = zip(stops.swapaxes(0, 1), np.roll(stops, -1, axis=1).swapaxes(0, 1), strict=True)
    ways = [interpolate(start, end, steps + 1, spherical=True)[:, :-1] for start, end in pairs]
    return np.concatenate(ways, axis=1).swapaxes(0, 1)


def frames(model: export.ExportedModel, styles: np.ndarray, classes: int) -> Iterator[np.ndarray]:
    """A grid for each frame: styles ``[frames, rows, style_dim]`` in rows, classes in columns."""
    for rows in styles:
        latents = np.concatenate([np.tile(np.eye(classes), (len(rows), 1)), np.repeat(rows, classes, axis=0)], axis=1)
        images = model("generate", latent=latents.astype(np.float32))["image"]
        yield image_grid.grid(to_bytes(images), classes)


def main(flags: StyleAnimationFlags) -> None:
    """Write the animation."""
    model = export.load(flags.model)
    if model.manifest["algorithm"] not in ("SupervisedAAE", "SemiSupervisedAAE"):
        raise InputError(f"{flags.model}: its latents are not a class and a style, give an export of aae_supervised")
    classes = len(model.manifest["label_names"])
    shape = (flags.rows, flags.stops, model.manifest["latent_dim"] - classes)
    styles = walks(np.random.default_rng(flags.seed).standard_normal(shape), flags.steps)
    animation.save(frames(model, styles, classes), flags.output, frames_per_second=20)
    print(f"{flags.output}: {len(styles)} frames, {flags.output.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main(tyro.cli(StyleAnimationFlags))

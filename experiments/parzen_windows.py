"""Parzen-window log-likelihoods of the first GAN: ``python experiments/parzen_windows.py saved_models/gan/1``.

10,000 samples of each export against the 10,000 test images of MNIST, pixels in [0, 1], σ chosen on the last 1,000
training images (Goodfellow et al. 2014, 1406.2661, section 5): out of the ten values of the reference code, and out of
finer ones around the best of these.
"""

from __future__ import annotations

import dataclasses

import numpy as np
import tyro

SAMPLES, AT_ONCE, VALIDATION, FINER = 10_000, 1000, 1000, 25


@dataclasses.dataclass
class ParzenFlags:
    """Score exports by Parzen windows on MNIST."""

    models: tyro.conf.Positional[tuple[str, ...]]
    """Exported versions, such as saved_models/gan/1."""
    data_dir: str | None = None
    """Folder of prepared tensorflow-datasets, instead of its default."""


def main(asked: ParzenFlags) -> None:
    """Print a line for each export, and one for as many training images in place of samples."""
    from tfgan_models import export
    from tfgan_models.data import sources
    from tfgan_models.metrics.parzen import SIGMAS, parzen

    models = {path: export.load(path) for path in asked.models}
    size = next(iter(models.values())).manifest["image_shape"][0]
    given = {"image_size": size, "channels": 1, "data_dir": asked.data_dir}
    train, test = (sources.load("mnist", split, **given).images for split in ("train", "test"))

    def flat(images: np.ndarray) -> np.ndarray:
        return images.reshape(len(images), -1).astype(np.float32) / 255

    validation, scored = flat(train[-VALIDATION:]), flat(test[:])
    drawn = {"training images": flat(train[:SAMPLES])}
    for path, model in models.items():
        parts = (model(model.sampler("prior"), count=AT_ONCE, seed=seed)["image"] for seed in range(SAMPLES // AT_ONCE))
        drawn[path] = np.concatenate([(part.reshape(AT_ONCE, -1) + 1) / 2 for part in parts])
    for name, samples in drawn.items():
        coarse = parzen(samples, validation, scored)
        ratio = SIGMAS[1] / SIGMAS[0]
        fine = parzen(samples, validation, scored, np.geomspace(coarse.sigma / ratio, coarse.sigma * ratio, FINER))
        for grid, found in (("of ten", coarse), ("finer", fine)):
            print(
                f"{name:40} σ {grid:6} {found.sigma:.3f}   {found.mean:7.2f} ± {found.standard_error:.2f}", flush=True
            )


if __name__ == "__main__":
    main(tyro.cli(ParzenFlags))

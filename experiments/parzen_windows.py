"""Parzen-window log-likelihoods of the first GAN: ``python experiments/parzen_windows.py saved_models/gan/1``.

Uses 10,000 samples of each export and the 10,000 test images of MNIST, pixels in [0, 1]. σ is chosen on the last 1,000
training images (Goodfellow et al. 2014, 1406.2661, section 5), first from the ten values of the reference code, then
from a finer grid around the best of them.
"""

from __future__ import annotations

import dataclasses

import numpy as np
import tyro

SAMPLES, BATCH, VALIDATION, FINE_STEPS = 10_000, 1000, 1000, 25


@dataclasses.dataclass
class ParzenFlags:
    """Score exports by Parzen windows on MNIST."""

    models: tyro.conf.Positional[tuple[str, ...]]
    """Exported versions, such as saved_models/gan/1."""
    data_dir: str | None = None
    """Folder of prepared tensorflow-datasets, instead of its default."""


def main(flags: ParzenFlags) -> None:
    """Print a line for each export, and one for the same number of training images in place of samples."""
    from tfgan_models import export
    from tfgan_models.data import sources
    from tfgan_models.metrics.parzen import SIGMAS, parzen

    models = {path: export.load(path) for path in flags.models}
    size = next(iter(models.values())).manifest["image_shape"][0]
    options = {"image_size": size, "channels": 1, "data_dir": flags.data_dir}
    train, test = (sources.load("mnist", split, **options).images for split in ("train", "test"))

    def flat(images: np.ndarray) -> np.ndarray:
        return images.reshape(len(images), -1).astype(np.float32) / 255

    validation, test_images = flat(train[-VALIDATION:]), flat(test[:])
    samples_of = {"training images": flat(train[:SAMPLES])}
    for path, model in models.items():
        parts = (model(model.sampler("prior"), count=BATCH, seed=seed)["image"] for seed in range(SAMPLES // BATCH))
        samples_of[path] = np.concatenate([(part.reshape(BATCH, -1) + 1) / 2 for part in parts])
    for name, samples in samples_of.items():
        coarse = parzen(samples, validation, test_images)
        ratio = SIGMAS[1] / SIGMAS[0]
        fine = parzen(
            samples, validation, test_images, np.geomspace(coarse.sigma / ratio, coarse.sigma * ratio, FINE_STEPS)
        )
        for grid, result in (("of ten", coarse), ("finer", fine)):
            print(
                f"{name:40} σ {grid:6} {result.sigma:.3f}   {result.mean:7.2f} ± {result.standard_error:.2f}",
                flush=True,
            )


if __name__ == "__main__":
    main(tyro.cli(ParzenFlags))

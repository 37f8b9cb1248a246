"""Class balance of GANs on MNIST: ``python experiments/class_histogram.py saved_models/gan/1 saved_models/gan/2``.

χ² = Σ (nₖ − N/10)² / (N/10) over the classes of N = 10,000 samples of each export, as predicted by a classifier of
MNIST. It is about 9 for a uniform generator, and 1,111 for one that omits a class and is uniform over the others.
"""

from __future__ import annotations

import dataclasses

import numpy as np
import tyro

SAMPLES, BATCH = 10_000, 1000


@dataclasses.dataclass
class HistogramFlags:
    """Count the predicted classes of samples of exports trained on MNIST."""

    models: tyro.conf.Positional[tuple[str, ...]]
    """Exported versions, such as saved_models/gan/1."""
    data_dir: str | None = None
    """Folder of prepared tensorflow-datasets, instead of its default."""


def main(flags: HistogramFlags) -> None:
    """Print counts and χ² for each export, and for the same number of training images."""
    from tfgan_models import export
    from tfgan_models.data import sources
    from tfgan_models.data.pixels import to_float
    from tfgan_models.metrics.in_domain_extractor import in_domain

    models = {path: export.load(path) for path in flags.models}
    size = next(iter(models.values())).manifest["image_shape"][0]
    train, test = (
        sources.load("mnist", split, image_size=size, channels=1, data_dir=flags.data_dir)
        for split in ("train", "test")
    )
    extractor = in_domain(train, test)
    print(f"classifier {extractor.name} {extractor.digest}, accuracy {extractor.accuracy:.4f} on the test images")
    batches = {"training images": [to_float(train.images[:SAMPLES])]}
    for path, model in models.items():
        batches[path] = [
            model(model.sampler("prior"), count=BATCH, seed=seed)["image"] for seed in range(SAMPLES // BATCH)
        ]
    for name, parts in batches.items():
        classes = np.concatenate([np.argmax(extractor(part).probabilities, -1) for part in parts])
        counts = np.bincount(classes, minlength=10)
        expected = len(classes) / 10
        print(f"{name:40} χ² {((counts - expected) ** 2 / expected).sum():9.1f}   {counts}", flush=True)


if __name__ == "__main__":
    main(tyro.cli(HistogramFlags))

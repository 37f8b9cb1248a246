"""How evenly GANs draw the ten digits: ``python experiments/class_histogram.py saved_models/gan/1 saved_models/gan/2``.

χ² = Σ (nₖ − N/10)² / (N/10) over the classes that a classifier of MNIST gives N = 10,000 samples of each export: about
9 of a generator that draws them evenly, and 1,111 of one that leaves a class out and draws the others evenly.
"""

from __future__ import annotations

import dataclasses

import numpy as np
import tyro

SAMPLES, AT_ONCE = 10_000, 1000


@dataclasses.dataclass
class HistogramFlags:
    """Count the classes of samples of exports trained on MNIST."""

    models: tyro.conf.Positional[tuple[str, ...]]
    """Exported versions, such as saved_models/gan/1."""
    data_dir: str | None = None
    """Folder of prepared tensorflow-datasets, instead of its default."""


def main(asked: HistogramFlags) -> None:
    """Print counts and χ² for each export, and for as many training images."""
    from tfgan_models import export
    from tfgan_models.data import sources
    from tfgan_models.metrics.in_domain import in_domain

    models = {path: export.load(path) for path in asked.models}
    size = next(iter(models.values())).manifest["image_shape"][0]
    train, test = (
        sources.load("mnist", split, image_size=size, channels=1, data_dir=asked.data_dir)
        for split in ("train", "test")
    )
    extractor = in_domain(train, test)
    print(f"classifier {extractor.name} {extractor.digest}, right about {extractor.accuracy:.4f} of the test images")
    drawn = {"training images": [train.images[:SAMPLES].astype(np.float32) / 127.5 - 1]}
    for path, model in models.items():
        drawn[path] = [
            model(model.sampler("prior"), count=AT_ONCE, seed=seed)["image"] for seed in range(SAMPLES // AT_ONCE)
        ]
    for name, parts in drawn.items():
        classes = np.concatenate([np.argmax(extractor(part).probabilities, -1) for part in parts])
        counts = np.bincount(classes, minlength=10)
        even = len(classes) / 10
        print(f"{name:40} χ² {((counts - even) ** 2 / even).sum():9.1f}   {counts}", flush=True)


if __name__ == "__main__":
    main(tyro.cli(HistogramFlags))

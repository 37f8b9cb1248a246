"""Accuracy of the class of generated images: ``python experiments/style_content.py saved_models/aae_supervised/1``.

A separate classifier of MNIST predicts the classes of 10,000 samples of each export, which combine a thousand styles of
the prior with each class (Makhzani et al. 2015, 1511.05644, section 4: style fixed, class varied).
"""

from __future__ import annotations

import dataclasses

import numpy as np
import tyro

STYLES = 1000


@dataclasses.dataclass
class StyleContentFlags:
    """Classify samples of exports trained on MNIST, whose latents are a class and a style."""

    models: tyro.conf.Positional[tuple[str, ...]]
    """Exported versions, such as saved_models/aae_supervised/1."""
    data_dir: str | None = None
    """Folder of prepared tensorflow-datasets, instead of its default."""


def main(flags: StyleContentFlags) -> None:
    """Print the share of samples of each export with the requested class, in total and for each class."""
    from tfgan_models import export
    from tfgan_models.data import sources
    from tfgan_models.errors import InputError
    from tfgan_models.metrics.in_domain_extractor import in_domain

    models = {path: export.load(path) for path in flags.models}
    for path, model in models.items():
        if model.manifest["algorithm"] not in ("SupervisedAAE", "SemiSupervisedAAE"):
            raise InputError(f"{path}: its latents are not a class and a style, give an export of aae_supervised")
    size = next(iter(models.values())).manifest["image_shape"][0]
    train, test = (
        sources.load("mnist", split, image_size=size, channels=1, data_dir=flags.data_dir)
        for split in ("train", "test")
    )
    extractor = in_domain(train, test)
    print(f"classifier {extractor.name} {extractor.digest}, accuracy {extractor.accuracy:.4f} on the test images")
    for path, model in models.items():
        style_dim = model.manifest["latent_dim"] - 10
        styles = np.random.default_rng(0).standard_normal((STYLES, style_dim), np.float32)
        accuracies = []
        for digit in range(10):
            classes = np.tile(np.eye(10, dtype=np.float32)[digit], (STYLES, 1))
            images = model("generate", latent=np.concatenate([classes, styles], 1))["image"]
            accuracies.append(np.mean(np.argmax(extractor(images).probabilities, -1) == digit))
        print(f"{path:40} {np.mean(accuracies):.4f}   {np.round(accuracies, 3)}", flush=True)


if __name__ == "__main__":
    main(tyro.cli(StyleContentFlags))

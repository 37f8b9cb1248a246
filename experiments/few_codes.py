"""Mixtures fitted to few codes, with and without shrinkage: ``python experiments/few_codes.py EXPORT``.

A folder of a few hundred pictures gives as many codes, often of 128 dimensions. The script fits the mixture of an
export to some of the codes of an unconditional model, once as it is, and once with covariances that are not shrunk
(Ledoit and Wolf 2004). It prints the likelihood of the codes of held-out images, and draws samples: without shrinkage
on the left, with it on the right.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from unittest import mock

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np

from tfgan_models import InputError, export
from tfgan_models.cli import training_data
from tfgan_models.data.image_set import ImageSet
from tfgan_models.data.pixels import to_float
from tfgan_models.latent import code_prior, gaussian_mixture
from tfgan_models.plots import image_grid

BATCH, HELD_OUT, SAMPLES, GAP = 100, 1000, 8, 8


def main() -> None:
    """Print a table with a row for each number of codes, and save the sheet of samples."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("export", help="folder of a model with an encoder")
    parser.add_argument("--counts", type=int, nargs="+", default=[100, 200, 500, 1000, 2000, 4000, 8000])
    parser.add_argument("--components", type=int, nargs="+", default=code_prior.COMPONENTS, help="rising numbers")
    parser.add_argument("--output", default="few_codes.png", help="sheet of samples, a row for each number of codes")
    parser.add_argument("--data_dir", help="folder of tensorflow-datasets")
    args = parser.parse_args()
    model = export.load(args.export)
    model.check_encodes()
    missing = f"{args.export} does not name its training data"
    sets = [training_data.load(model.manifest, split, missing, args.data_dir) for split in ("train", "test")]
    if max(args.counts) > len(sets[0].images):
        raise InputError(f"--counts {max(args.counts)}: there are {len(sets[0].images):,} training images")
    codes, held_out = codes_of(model, sets[0], max(args.counts)), codes_of(model, sets[1], HELD_OUT)
    print("| codes | without shrinkage | nats per held-out code | with shrinkage | nats per held-out code |")
    print("|---|---|---|---|---|")
    rows = []
    for count in args.counts:
        cells, pictures = [], []
        for shrunk in (False, True):
            mixture = fit(codes[:count], args.components, shrunk)
            nats = np.mean(mixture.distribution().log_prob(held_out))
            cells += [f"{len(mixture.weights)} {mixture.covariance}", f"{nats:.1f}"]
            latents = mixture.distribution().sample(SAMPLES, seed=(0, 0))
            pictures.append(image_grid.grid(model("generate", latent=latents)["image"], SAMPLES))
        print(f"| {count:,} | {' | '.join(cells)} |", flush=True)
        gap = np.full((len(pictures[0]), GAP, pictures[0].shape[-1]), 255, np.uint8)
        rows.append(np.concatenate([pictures[0], gap, pictures[1]], 1))
    image_grid.save(np.concatenate(rows), args.output)


def codes_of(model: export.ExportedModel, data: ImageSet, count: int) -> np.ndarray:
    """A draw from the posterior of each of at most ``count`` images in random order: float32 ``[n, d]``."""
    rows = np.random.default_rng(0).permutation(len(data.images))[:count]
    parts = [
        model("encode", image=to_float(data.images[rows[start : start + BATCH]]), seed=start)["latent"]
        for start in range(0, len(rows), BATCH)
    ]
    return np.concatenate(parts)


def fit(codes: np.ndarray, components: Sequence[int], shrunk: bool) -> code_prior.CodePrior:
    """The mixture that is fitted to these codes, with covariances that are shrunk or not."""
    if shrunk:
        return code_prior.fit_mixture(codes, components=components)
    with mock.patch.object(gaussian_mixture, "_shrunk", lambda mixture, train: mixture):
        return code_prior.fit_mixture(codes, components=components)


if __name__ == "__main__":
    main()

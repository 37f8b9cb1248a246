"""Attributes of reconstructions, read by two networks: ``python experiments/two_regressors.py EXPORTS``.

The extractor of ``tfgan evaluate`` is trained on damaged images, also blurred ones, so that it reads attributes of
blurred reconstructions. The regressor of Larsen et al. 2015 (1512.09300, section 4.2) has seen undamaged images alone.
Both are trained on the models' training images, and compare held-out images with their reconstructions.
"""

from __future__ import annotations

import argparse
import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

from tfgan_models import InputError, export
from tfgan_models.cli import training_data
from tfgan_models.data.pixels import to_float
from tfgan_models.latent.parts import in_parts
from tfgan_models.metrics.attribute_similarity import attribute_similarity
from tfgan_models.metrics.in_domain_extractor import in_domain

BATCH = 100


def main() -> None:
    """Print a table: a row for each model, cosine and squared error by each network."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("exports", nargs="+", help="models with an encoder, trained on the same images with attributes")
    parser.add_argument("--data_dir", help="folder of tensorflow-datasets")
    parser.add_argument("--cache_dir", help="folder of the networks")
    args = parser.parse_args()
    models = {path: export.load(path) for path in args.exports}
    if len({str(model.manifest.get("dataset")) for model in models.values()}) > 1:
        raise InputError("exports: give models of the same data set")
    manifest, missing = next(iter(models.values())).manifest, f"{args.exports[0]} does not name its training data"
    train = training_data.load(manifest, "train", missing, args.data_dir)
    test = training_data.load(manifest, "test", missing, args.data_dir)
    if test.attributes is None:
        raise InputError(f"{args.exports[0]}: its training data have no attributes, give --attributes to tfgan train")
    readers = [in_domain(train, test, args.cache_dir, damaged=damaged) for damaged in (True, False)]
    for reader in readers:
        print(f"{reader.name} {reader.digest}: right about {reader.accuracy:.1%} of held-out attributes")
    originals = to_float(test.images)
    # In [-1, 1], as in ``tfgan evaluate``.
    expected = [2 * reader(originals).probabilities - 1 for reader in readers]
    print("\n| | damaged images: cosine | squared error | undamaged images: cosine | squared error |")
    print("|---|---|---|---|---|")
    for path, model in models.items():
        images = in_parts(lambda part, model=model: model("reconstruct", image=part)["image"], originals, BATCH)
        cells = []
        for reader, original in zip(readers, expected, strict=True):
            figures = attribute_similarity(original, 2 * reader(images).probabilities - 1)
            cells += [f"{figures.cosine:.4f}", f"{figures.squared_error:.2f}"]
        print(f"| {path} | {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()

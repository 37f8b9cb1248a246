"""Draw samples with the attributes of held-out images: ``python experiments/query_attributes.py EXPORTS``.

The experiment of Larsen et al. 2015 (1512.09300, section 4.2). The extractor of the data set reads attributes
in the samples. The first row of each table is that of the held-out images, which no model can be expected to exceed.
"""

from __future__ import annotations

import argparse
import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np

from tfgan_models import InputError, export
from tfgan_models.cli import training_data
from tfgan_models.data.image_set import ImageSet
from tfgan_models.data.pixels import to_float
from tfgan_models.metrics.attribute_queries import AttributeReadings, attribute_readings, best_readable
from tfgan_models.metrics.extractor import Extractor
from tfgan_models.metrics.in_domain_extractor import in_domain

BEST = 10


def main() -> None:
    """Print the paper's table, and a table of the attributes that can be read best."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("exports", nargs="+", help="models trained with --condition attributes, on the same data")
    parser.add_argument("--count", type=int, default=1000, help="held-out images whose attributes the samples get")
    parser.add_argument("--samples", type=int, default=1, help="samples of each image's attributes")
    parser.add_argument("--all", action="store_true", help="show all attributes, not the ten best readable")
    parser.add_argument("--seed", type=int, default=0, help="seed of the styles")
    parser.add_argument("--data_dir", help="folder of tensorflow-datasets")
    parser.add_argument("--cache_dir", help="folder of the extractor")
    args = parser.parse_args()
    models = {path: export.load(path) for path in args.exports}
    for path, model in models.items():
        check(path, model)
    manifest, missing = next(iter(models.values())).manifest, f"{args.exports[0]} does not name its training data"
    train = training_data.load(manifest, "train", missing, args.data_dir)
    test = training_data.load(manifest, "test", missing, args.data_dir)
    extractor = in_domain(train, test, args.cache_dir)
    print(f"extractor: {extractor.about()['name']} {extractor.digest}\n")
    names, rows = list(test.attribute_names), {"held-out images": held_out(extractor, test, args.count)}
    for path, model in models.items():
        rows[path] = queried(extractor, model, test, args.count, args.samples, args.seed)
    print("| | cosine | squared error |\n|---|---|---|")
    for row, readings in rows.items():
        print(f"| {row} | {readings.similarity.cosine:.4f} | {readings.similarity.squared_error:.2f} |")
    chosen = best_readable(rows["held-out images"], len(names) if args.all else BEST)
    print_readings(rows, names, chosen)


def check(path: str, model: export.ExportedModel) -> None:
    """Refuse a model that is not conditioned on attributes, with an ``InputError``."""
    kind = (model.manifest.get("condition") or {}).get("kind")
    if kind != "attributes":
        advice = "condition_accuracy.py measures this one" if kind else "it has no condition"
        raise InputError(f"{path}: give a model that was trained with --condition attributes; {advice}")


def held_out(extractor: Extractor, test: ImageSet, count: int) -> AttributeReadings:
    """The attributes that are read in held-out images, against their own."""
    attributes = np.asarray(test.attributes)[:count].astype(np.float32)
    return attribute_readings(attributes, extractor(to_float(test.images[:count])).probabilities)


def queried(
    extractor: Extractor, model: export.ExportedModel, test: ImageSet, count: int, samples: int, seed: int
) -> AttributeReadings:
    """The attributes that are read in samples, against those of the held-out images that they were drawn with.

    Attributes that the model is not told are NaN for each attribute, and left out of cosine and squared error.
    """
    told = [test.attribute_names.index(name) for name in model.manifest["condition"]["names"]]
    queries = np.repeat(np.asarray(test.attributes)[:count].astype(np.float32), samples, axis=0)
    conditions = queries[:, told]
    latents = np.concatenate([part["latent"] for part in model.samples(len(queries), seed)])
    latents = model.with_conditions(latents, conditions)
    probabilities = extractor(model("generate", latent=latents)["image"]).probabilities
    readings = attribute_readings(conditions, probabilities[:, told])
    present, absent = (np.full(len(test.attribute_names), np.nan) for _ in range(2))
    present[told], absent[told] = readings.present, readings.absent
    return AttributeReadings(readings.similarity, present, absent)


def print_readings(rows: dict[str, AttributeReadings], names: list[str], chosen: list[int]) -> None:
    """Print how often each attribute is read among images that should have it, and not read among the others."""
    print("\n| attribute, read where chosen / not read where not chosen | " + " | ".join(rows) + " |")
    print("|---" * (len(rows) + 1) + "|")
    for i in chosen:
        cells = [f"{readings.present[i]:.1%} / {readings.absent[i]:.1%}" for readings in rows.values()]
        print(f"| {names[i]} | " + " | ".join(cells) + " |")
    means = []
    for readings in rows.values():
        present, absent = (np.nanmean(shares[chosen]) for shares in (readings.present, readings.absent))
        means.append(f"{present:.1%} / {absent:.1%}")
    print("| mean | " + " | ".join(means) + " |")


if __name__ == "__main__":
    main()

"""Draw how every measure follows growing damage: ``python experiments/metrics_under_damage.py mnist faces``.

Held-out images are damaged more and more (blurred, covered with noise, robbed of modes) and measured against others, as
``train/evaluate.py`` measures samples. Writes ``docs/metrics-under-damage.png`` and prints the figures.
"""

from __future__ import annotations

import os
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
import scipy.ndimage
from sklearn.cluster import KMeans

from tfgan_models.data import sources
from tfgan_models.data.pixels import to_float
from tfgan_models.data.sources import ImageSet
from tfgan_models.metrics.comparison import compare, likelihood, resemblance
from tfgan_models.metrics.extractor import Extractor
from tfgan_models.metrics.in_domain import in_domain
from tfgan_models.metrics.summary import Summary

MODES, VALIDATION = 10, 300
# Deviation of the blur in pixels; of the noise, where pixels reach from -1 to 1; modes left out of ten.
LEVELS = {"blur": (0.0, 1.0, 2.0, 3.0), "noise": (0.0, 0.85, 1.1, 1.5), "dropped modes": (0, 7, 9)}
# Faces stay faces under a light blur, and coverage rises under it; noise that leaves digits to be read hides faces.
LEVELS_OF = {"faces": {"blur": (0.0, 2.0, 3.0, 4.0), "noise": (0.0, 0.35, 0.5, 0.7)}}

# What a figure does as the damage grows: 1 rises, -1 falls. Left out where it claims nothing: precision and density
# about modes left out, and about blur, which takes images to the middle of the data; diversity about noise; Parzen
# windows about blur, of which they like a little (Theis et al. 2016, 1511.01844).
DIRECTIONS = {
    "frechet_distance": {"blur": 1, "noise": 1, "dropped modes": 1},
    "kernel_distance": {"blur": 1, "noise": 1, "dropped modes": 1},
    "inception_score": {"blur": -1, "noise": -1, "dropped modes": -1},
    "precision": {"noise": -1},
    "recall": {"blur": -1, "noise": -1, "dropped modes": -1},
    "density": {"noise": -1},
    "coverage": {"blur": -1, "noise": -1, "dropped modes": -1},
    "parzen_log_likelihood": {"noise": -1, "dropped modes": -1},
    "ms_ssim": {"blur": 1, "dropped modes": 1},
    "sharpness": {"blur": -1, "noise": 1},
    "pixel_error": {"blur": 1, "noise": 1},
    "attribute_cosine": {"blur": -1, "noise": -1},
    "attribute_squared_error": {"blur": 1, "noise": 1},
}


def levels(dataset: str) -> dict[str, tuple[float, ...]]:
    """The growing levels of each damage for a data set."""
    return LEVELS | LEVELS_OF.get(dataset, {})


def damaged(images: np.ndarray, damage: str, level: float) -> np.ndarray:
    """Images in [-1, 1], blurred or covered with noise."""
    if damage == "blur":
        return scipy.ndimage.gaussian_filter(images, (0, level, level, 0))
    noise = np.random.default_rng(9).normal(size=images.shape).astype(np.float32)
    return np.clip(images + level * noise, -1, 1)


def modes(data: ImageSet) -> np.ndarray:
    """For each image the mode it belongs to: its label, or one of ten clusters of attributes and coarse images.

    No extractor has a say in it, so that all extractors measure the same images.
    """
    if len(data.label_names) == MODES:
        return data.labels
    sides = [to_float(data.images[:, 2::4, 2::4]).reshape(len(data.images), -1)]
    if data.attributes is not None:
        sides.append(data.attributes.astype(np.float32))
    # Each side with the same weight, whatever its units.
    points = np.concatenate([side / np.sqrt(side.var(axis=0).sum()) for side in sides], axis=1)
    return KMeans(MODES, n_init=1, random_state=0).fit_predict(points)


def figures(train: ImageSet, test: ImageSet, extractor: Extractor, count: int) -> dict[str, dict[str, list[float]]]:
    """For each damage and figure its values at the growing levels.

    Args:
        train: what is damaged; at least 10 × count + 300 images, so that one mode alone fills a sample.
        test: the reference, at least count images.
        extractor: what features are measured with.
        count: images in a sample.
    """
    reference = Summary([to_float(test.images[:count])], extractor)
    validation = train.images[-VALIDATION:]
    images, belongs = train.images[:-VALIDATION], modes(train)[:-VALIDATION]
    # The commonest mode stays to the last, so that there is enough of it.
    order = np.argsort(np.bincount(belongs, minlength=MODES), kind="stable")
    whole = to_float(images[:count])
    originals = Summary([whole], extractor)

    def measure(damage: str, level: float) -> dict[str, float]:
        if damage == "dropped modes":
            summary, kept = Summary([to_float(images[~np.isin(belongs, order[:level])][:count])], extractor), {}
        else:
            summary = Summary([damaged(whole, damage, level)], extractor)
            kept = resemblance(summary, originals, extractor)
        return compare(summary, reference, extractor) | likelihood(summary, validation, reference) | kept

    undamaged = measure("blur", 0.0)
    found: dict[str, dict[str, list[float]]] = {}
    for damage, growing in levels(train.name).items():
        measured = [undamaged, *(measure(damage, level) for level in growing[1:])]
        found[damage] = {name: [row[name] for row in measured] for name in DIRECTIONS if name in measured[-1]}
    return found


def draw(found: dict[str, dict[str, dict[str, list[float]]]], path: str) -> None:
    """A row for each figure, a column for each damage, a line for each data set, scaled to its largest value."""
    import matplotlib

    matplotlib.use("agg")
    from matplotlib import pyplot

    sheet, axes = pyplot.subplots(
        len(DIRECTIONS), len(LEVELS), figsize=(8, 0.9 * len(DIRECTIONS)), sharex="col", layout="constrained"
    )
    for row, name in zip(axes, DIRECTIONS, strict=True):
        for axis, damage in zip(row, LEVELS, strict=True):
            for dataset, measured in found.items():
                growing = levels(dataset)[damage]
                values = np.array(measured[damage].get(name, [np.nan] * len(growing)))
                axis.plot(growing, values / np.nanmax(np.abs(values), initial=1e-12), marker=".", label=dataset)
            axis.tick_params(labelsize=6)
            if damage not in DIRECTIONS[name]:
                axis.set_facecolor("0.92")  # claims nothing here
        row[0].set_ylabel(name.replace("_", "\n", 1), fontsize=7)
    for axis, damage in zip(axes[0], LEVELS, strict=True):
        axis.set_title(damage, fontsize=9)
    axes[0][0].legend(fontsize=6)
    sheet.savefig(path, dpi=70)


def main(datasets: list[str]) -> None:
    """Measure the data sets at 32 pixels, print and draw."""
    found = {}
    for dataset in datasets:
        # The embedded sets are the same wherever others are, and need not be drawn once more.
        data_dir = None if dataset in ("faces", "digits") else os.environ.get("TFDS_DATA_DIR")
        train, test = (sources.load(dataset, split, image_size=32, data_dir=data_dir) for split in ("train", "test"))
        found[dataset] = figures(train, test, in_domain(train, test), 1000)
        for damage, rows in found[dataset].items():
            for name, values in rows.items():
                print(f"{dataset:8}{damage:15}{name:26}" + "".join(f"{value:10.4g}" for value in values))
    draw(found, "docs/metrics-under-damage.png")


if __name__ == "__main__":
    main(sys.argv[1:] or ["mnist", "faces"])

"""Draw every metric under growing damage: ``python experiments/metrics_under_damage.py mnist faces``.

Training images are increasingly damaged (blur, noise, dropped modes) and evaluated against held-out ones, like samples
in ``train/evaluate.py``. Writes ``docs/metrics-under-damage.png`` and prints the figures.
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
from tfgan_models.metrics.in_domain_extractor import in_domain
from tfgan_models.metrics.summary import Summary

MODES, VALIDATION = 10, 300
# Deviation of the blur in pixels; deviation of the noise, for pixels in [-1, 1]; number of dropped modes of ten.
LEVELS = {"blur": (0.0, 1.0, 2.0, 3.0), "noise": (0.0, 0.85, 1.1, 1.5), "dropped modes": (0, 7, 9)}
# Faces are robust to a light blur, under which coverage rises; noise under which digits are legible hides faces.
LEVELS_OF = {"faces": {"blur": (0.0, 2.0, 3.0, 4.0), "noise": (0.0, 0.35, 0.5, 0.7)}}

# Direction of a figure under growing damage: 1 rises, -1 falls. Cases without a claim are left out: precision and
# density under dropped modes, and under blur, which moves images to the middle of the data; diversity under noise;
# Parzen windows under blur, as a little of it improves them (Theis et al. 2016, 1511.01844).
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
    """Return the growing levels of each damage for a data set."""
    return LEVELS | LEVELS_OF.get(dataset, {})


def apply_damage(images: np.ndarray, damage: str, level: float) -> np.ndarray:
    """Blur images in [-1, 1] or add noise to them."""
    if damage == "blur":
        return scipy.ndimage.gaussian_filter(images, (0, level, level, 0))
    noise = np.random.default_rng(9).normal(size=images.shape).astype(np.float32)
    return np.clip(images + level * noise, -1, 1)


def modes(data: ImageSet) -> np.ndarray:
    """Return the mode of each image: its label, or one of ten clusters of attributes and coarse images.

    Modes do not depend on the extractor, so that all extractors are tested on the same images.
    """
    if len(data.label_names) == MODES:
        return data.labels
    parts = [to_float(data.images[:, 2::4, 2::4]).reshape(len(data.images), -1)]
    if data.attributes is not None:
        parts.append(data.attributes.astype(np.float32))
    # Both parts have the same total variance, whatever their units.
    points = np.concatenate([part / np.sqrt(part.var(axis=0).sum()) for part in parts], axis=1)
    return KMeans(MODES, n_init=1, random_state=0).fit_predict(points)


def figures(train: ImageSet, test: ImageSet, extractor: Extractor, count: int) -> dict[str, dict[str, list[float]]]:
    """Compute the values of each figure at the growing levels of each damage.

    Args:
        train: the images to damage, at least 10 × count + 300, so that a single mode has enough images.
        test: the reference, at least ``count`` images.
        extractor: network that computes the features.
        count: number of images in a sample.
    """
    reference = Summary([to_float(test.images[:count])], extractor)
    validation = train.images[-VALIDATION:]
    images, mode_of = train.images[:-VALIDATION], modes(train)[:-VALIDATION]
    # The most frequent mode is dropped last, so that it has enough images.
    order = np.argsort(np.bincount(mode_of, minlength=MODES), kind="stable")
    undamaged = to_float(images[:count])
    originals = Summary([undamaged], extractor)

    def measure(damage: str, level: float) -> dict[str, float]:
        if damage == "dropped modes":
            summary = Summary([to_float(images[~np.isin(mode_of, order[:level])][:count])], extractor)
            pixels_and_attributes = {}
        else:
            summary = Summary([apply_damage(undamaged, damage, level)], extractor)
            pixels_and_attributes = resemblance(summary, originals, extractor)
        return (
            compare(summary, reference, extractor) | likelihood(summary, validation, reference) | pixels_and_attributes
        )

    baseline = measure("blur", 0.0)
    results: dict[str, dict[str, list[float]]] = {}
    for damage, growing in levels(train.name).items():
        measured = [baseline, *(measure(damage, level) for level in growing[1:])]
        results[damage] = {name: [row[name] for row in measured] for name in DIRECTIONS if name in measured[-1]}
    return results


def draw(results: dict[str, dict[str, dict[str, list[float]]]], path: str) -> None:
    """Draw a row for each figure, a column for each damage, and a line for each data set, scaled to its maximum."""
    import matplotlib

    matplotlib.use("agg")
    from matplotlib import pyplot

    sheet, axes = pyplot.subplots(
        len(DIRECTIONS), len(LEVELS), figsize=(8, 0.9 * len(DIRECTIONS)), sharex="col", layout="constrained"
    )
    for row, name in zip(axes, DIRECTIONS, strict=True):
        for axis, damage in zip(row, LEVELS, strict=True):
            for dataset, measured in results.items():
                growing = levels(dataset)[damage]
                values = np.array(measured[damage].get(name, [np.nan] * len(growing)))
                axis.plot(growing, values / np.nanmax(np.abs(values), initial=1e-12), marker=".", label=dataset)
            axis.tick_params(labelsize=6)
            if damage not in DIRECTIONS[name]:
                axis.set_facecolor("0.92")  # no claim
        row[0].set_ylabel(name.replace("_", "\n", 1), fontsize=7)
    for axis, damage in zip(axes[0], LEVELS, strict=True):
        axis.set_title(damage, fontsize=9)
    axes[0][0].legend(fontsize=6)
    sheet.savefig(path, dpi=70)


def main(datasets: list[str]) -> None:
    """Evaluate the data sets at 32 pixels, print and draw."""
    results = {}
    for dataset in datasets:
        data_dir = os.environ.get("TFDS_DATA_DIR")
        train, test = (sources.load(dataset, split, image_size=32, data_dir=data_dir) for split in ("train", "test"))
        results[dataset] = figures(train, test, in_domain(train, test), 1000)
        for damage, rows in results[dataset].items():
            for name, values in rows.items():
                print(f"{dataset:8}{damage:15}{name:26}" + "".join(f"{value:10.4g}" for value in values))
    draw(results, "docs/metrics-under-damage.png")


if __name__ == "__main__":
    main(sys.argv[1:] or ["mnist", "faces"])

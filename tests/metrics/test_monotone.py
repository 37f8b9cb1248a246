"""The more images are damaged, the worse every measure that should notice: blur, noise, and modes left out."""

from __future__ import annotations

import functools
import subprocess
import sys

import numpy as np
import pytest
import scipy.ndimage
from sklearn.linear_model import LogisticRegression

from tests.tiers import tiered
from tfgan_models.metrics.attribute_similarity import attribute_similarity
from tfgan_models.metrics.density_coverage import density_coverage
from tfgan_models.metrics.frechet import Moments, frechet_distance
from tfgan_models.metrics.inception_score import inception_score
from tfgan_models.metrics.kernel_distance import kernel_distance
from tfgan_models.metrics.ms_ssim import ms_ssim, ms_ssim_diversity
from tfgan_models.metrics.parzen import parzen
from tfgan_models.metrics.precision_recall import precision_recall
from tfgan_models.metrics.sharpness import sharpness

SIDE, CLASSES, COUNT = 24, 8, 400
LEVELS = {"blur": (0, 0.4, 0.5, 0.6), "noise": (0, 0.15, 0.3, 0.6), "dropped modes": (0, 2, 4, 6)}

# What a measure does as the damage grows: +1 rises, -1 falls. Left out where it claims nothing: precision about modes
# left out; recall about noise, which widens the generated balls; diversity about noise, which makes images unlike and
# bars less clear.
DIRECTIONS = {
    "frechet": {"blur": 1, "noise": 1, "dropped modes": 1},
    "kernel": {"blur": 1, "noise": 1, "dropped modes": 1},
    "inception": {"blur": -1, "noise": -1, "dropped modes": -1},
    "precision": {"blur": -1, "noise": -1},
    "recall": {"blur": -1, "dropped modes": -1},
    "density": {"blur": -1, "noise": -1},
    "coverage": {"blur": -1, "noise": -1, "dropped modes": -1},
    "parzen": {"blur": -1, "noise": -1, "dropped modes": -1},
    "diversity": {"blur": 1, "dropped modes": 1},
    "sharpness": {"blur": -1, "noise": 1},
    "likeness": {"blur": -1, "noise": -1},
    "attribute cosine": {"blur": -1, "noise": -1},
    "attribute error": {"blur": 1, "noise": 1},
}


def gratings(seed: int, classes: int = CLASSES) -> tuple[np.ndarray, np.ndarray]:
    """Images of bars in [-1, 1], whose direction is their class, and the classes."""
    generator = np.random.default_rng(seed)
    labels = np.arange(COUNT) % classes
    generator.shuffle(labels)
    angle = (np.pi * labels / CLASSES + generator.normal(0, 0.04, COUNT))[:, None, None]
    phase, contrast = generator.normal(0, 0.5, (COUNT, 1, 1)), generator.uniform(1, 2, (COUNT, 1, 1))
    rows, columns = np.mgrid[:SIDE, :SIDE] - SIDE / 2
    bars = np.sin(1.2 * (rows * np.sin(angle) + columns * np.cos(angle)) + phase)
    return np.tanh(contrast * bars)[..., None], labels


def damaged(images: np.ndarray, damage: str, level: float) -> np.ndarray:
    if damage == "blur":
        return scipy.ndimage.gaussian_filter(images, (0, level, level, 0))
    return np.clip(images + level * np.random.default_rng(9).normal(size=images.shape), -1, 1)


def features(images: np.ndarray) -> np.ndarray:
    """A layer of random filters, rectified and averaged in quarters: ``[n, 48]``."""
    filters = np.random.default_rng(7).normal(size=(5, 5, 12))
    windows = np.lib.stride_tricks.sliding_window_view(images[..., 0], (5, 5), axis=(1, 2))
    responses = np.maximum(np.tensordot(windows, filters, 2), 0)
    return responses.reshape(COUNT, 2, 10, 2, 10, 12).mean(axis=(2, 4)).reshape(COUNT, 48)


@functools.cache
def classifier() -> LogisticRegression:
    images, labels = gratings(0)
    return LogisticRegression(C=0.1, max_iter=1000).fit(features(images), labels)


def moments(values: np.ndarray) -> Moments:
    result = Moments()
    result.add(values)
    return result


@functools.cache
def scores(damage: str, level: float) -> dict[str, float]:
    """Every measure of a fresh set of images, damaged, against the data."""
    real, _ = gratings(0)
    whole, _ = gratings(1, CLASSES - int(level) if damage == "dropped modes" else CLASSES)
    fake = whole if damage == "dropped modes" else damaged(whole, damage, level)
    real_features, fake_features = features(real), features(fake)
    validation, test = np.split(features(gratings(2)[0]), 2)
    precision, recall = precision_recall(real_features, fake_features)
    density, coverage = density_coverage(real_features, fake_features)
    attributes = classifier().decision_function
    cosine, error = attribute_similarity(attributes(features(whole)), attributes(fake_features))
    return {
        "frechet": frechet_distance(moments(real_features), moments(fake_features)),
        "kernel": kernel_distance(real_features, fake_features, subsets=20, subset_size=200).mean,
        "inception": inception_score(classifier().predict_proba(fake_features), splits=2).mean,
        "precision": precision,
        "recall": recall,
        "density": density,
        "coverage": coverage,
        "parzen": parzen(fake_features, validation, test).mean,
        "diversity": ms_ssim_diversity(fake, pairs=300),
        "sharpness": float(sharpness(fake).mean()),
        "likeness": float(ms_ssim(whole[:100], fake[:100]).mean()),
        "attribute cosine": cosine,
        "attribute error": error,
    }


CASES = [(measure, damage) for measure, row in DIRECTIONS.items() for damage in row]


@pytest.mark.parametrize(
    ("measure", "damage"),
    tiered(CASES, [case for case in CASES if case[1] == "noise" or case[0] in ("recall", "diversity")]),
)
def test_measures_follow_the_damage(measure, damage):
    values = [scores(damage, level)[measure] for level in LEVELS[damage]]
    steps = DIRECTIONS[measure][damage] * np.diff(values)
    assert (steps > 0).all(), f"{measure} under {damage}: {values}"
    assert (values[-1] - values[0]) * DIRECTIONS[measure][damage] > 0.005 * abs(values[0])


def test_precision_does_not_mind_modes_left_out():
    values = [scores("dropped modes", level)["precision"] for level in LEVELS["dropped modes"]]
    assert max(values) - min(values) < 0.05


def test_the_measures_do_not_load_tensorflow():
    names = "attribute_similarity density_coverage frechet inception_score kernel_distance ms_ssim neighbors parzen"
    modules = ", ".join(f"tfgan_models.metrics.{name}" for name in [*names.split(), "precision_recall", "sharpness"])
    program = f"import sys, {modules}; sys.exit('tensorflow' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], timeout=60).returncode == 0

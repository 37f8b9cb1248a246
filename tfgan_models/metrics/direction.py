"""Which values of a figure are better: higher or lower ones. This module does not import TensorFlow."""

from __future__ import annotations

import math
from collections.abc import Iterable

from tfgan_models.errors import InputError

# The figures that rank images as people do in experiments/metric_cases.py; the last one is for reconstructions.
LEADING = ("frechet_distance", "kernel_distance", "coverage", "two_sample_accuracy", "attribute_cosine")
HIGHER = (
    *("precision", "recall", "density", "coverage", "inception_score", "parzen_log_likelihood", "attribute_cosine"),
    *("sample_coverage", "condition_agreement"),
)
LOWER = (
    *("frechet_distance", "kernel_distance", "spectrum_distance", "sliced_wasserstein", "two_sample_accuracy"),
    *("pixel_error", "attribute_squared_error", "test_error"),
)
OF_SAMPLES = ("frechet_distance", "kernel_distance", "precision", "recall", "density", "coverage")
OF_SAMPLES += ("sliced_wasserstein", "spectrum_distance", "two_sample_accuracy", "inception_score")
OF_ATTRIBUTES = ("attribute_cosine", "attribute_squared_error")
OF_RECONSTRUCTIONS = ("pixel_error", *OF_ATTRIBUTES)
# Figures of an epoch to choose by, as ``metrics.csv`` names them, without extractor and number of images.
CHOICES = (
    *(f"samples/{name}" for name in OF_SAMPLES),
    *(f"reconstructions/{name}" for name in OF_RECONSTRUCTIONS),
    *("val_pixel_error", "test_error", "sample_coverage"),
)


def higher_is_better(figure: str) -> bool | None:
    """Return True if higher values are better, False if lower ones are, and None if neither is or it is unknown.

    Sharpness, for instance, should be that of the data, and losses of players in a game mean nothing alone.

    Args:
        figure: name as in ``metrics.csv``: ``samples/frechet_distance/faces/2000`` or ``val_pixel_error``.
    """
    kind, _, rest = figure.partition("/")
    name = rest.partition("/")[0] if kind in ("samples", "samples_prior", "reconstructions") else figure
    name = name.removeprefix("val_")
    if name.startswith("sliced_wasserstein"):
        name = "sliced_wasserstein"
    return True if name in HIGHER else False if name in LOWER else None


def can_choose(figure: str) -> bool:
    """Return whether an epoch can be chosen by a figure; also by a level of the sliced Wasserstein distance."""
    return figure.startswith("samples/sliced_wasserstein_") or any(column_of(name, [figure]) for name in CHOICES)


def is_better(figure: str, value: float, than: float) -> bool:
    """Return whether a value of a figure is better than another one. NaN is worse than any number.

    Raises:
        InputError: neither higher nor lower values of the figure are better.
    """
    higher = higher_is_better(figure)
    if higher is None:
        raise InputError(f"{figure}: neither higher nor lower values are better; choose one of {', '.join(CHOICES)}")
    if math.isnan(value) or math.isnan(than):
        return math.isnan(than) and not math.isnan(value)
    return value > than if higher else value < than


def column_of(figure: str, names: Iterable[str]) -> str | None:
    """The name among these that a figure stands for, with extractor and number of images if it has them; or None."""
    return next((name for name in names if name == figure or name.startswith(f"{figure}/")), None)

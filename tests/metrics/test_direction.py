"""Which values of a figure are better."""

from __future__ import annotations

import math

import pytest

from tfgan_models import InputError
from tfgan_models.metrics.direction import CHOICES, LEADING, higher_is_better, is_better


def test_every_choice_has_a_direction_and_so_have_the_leading_figures():
    assert all(higher_is_better(f"{figure}/faces/2000" * ("/" in figure) or figure) is not None for figure in CHOICES)
    assert all(higher_is_better(f"samples/{figure}/faces/2000") is not None for figure in LEADING)


@pytest.mark.parametrize(
    ("figure", "better", "worse"),
    [
        ("samples/frechet_distance/faces-0123/2000", 1.0, 2.0),
        ("samples/coverage/faces-0123/2000", 0.9, 0.8),
        ("samples/sliced_wasserstein_16/faces-0123/2000", 1.0, 2.0),
        ("val_pixel_error", 0.1, 0.2),
        ("test_error", 0.1, 0.2),
        ("val_pixel_error", 0.1, math.nan),
    ],
)
def test_better_values(figure, better, worse):
    assert is_better(figure, better, worse)
    assert not is_better(figure, worse, better)
    assert not is_better(figure, better, better)


@pytest.mark.parametrize(
    "figure", ["decoder_loss", "samples/sharpness_of_data/faces/20", "sample_diversity", "samples"]
)
def test_figures_without_a_direction_are_refused(figure):
    with pytest.raises(InputError, match=f"{figure}: neither higher nor lower"):
        is_better(figure, 1.0, 2.0)

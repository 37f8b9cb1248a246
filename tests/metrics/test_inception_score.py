"""Inception score: its ends, its parts, and zeros."""

from __future__ import annotations

import numpy as np
import pytest

from tfgan_models.errors import InputError
from tfgan_models.metrics.inception_score import inception_score, num_splits


@pytest.mark.parametrize("classes", [2, 10, 1000])
@pytest.mark.parametrize("splits", [1, 3])
def test_a_perfect_sampler_scores_its_classes(classes, splits):
    score = inception_score(np.tile(np.eye(classes), (3, 1)), splits)
    assert score == pytest.approx((classes, 0), rel=1e-12, abs=1e-9)


@pytest.mark.parametrize("row", [[1, 0, 0], [0.5, 0.3, 0.2], [1 / 3, 1 / 3, 1 / 3]], ids=str)
def test_a_constant_scores_one(row):
    assert inception_score(np.tile(row, (50, 1))) == pytest.approx((1, 0), abs=1e-12)


def test_agrees_with_the_definition_on_each_part():
    probabilities = np.random.default_rng(0).dirichlet(np.ones(6), 40)
    expected = []
    for part in (probabilities[:20], probabilities[20:]):
        divergences = [sum(p * np.log(p / q) for p, q in zip(row, part.mean(0), strict=True)) for row in part]
        expected.append(np.exp(np.mean(divergences)))
    assert inception_score(probabilities, 2) == pytest.approx((np.mean(expected), np.std(expected)), rel=1e-12)


def test_probabilities_near_zero_are_no_obstacle():
    probabilities = np.tile([1 - 1e-300, 1e-300, 0], (20, 1))
    assert inception_score(probabilities).mean == pytest.approx(1)


def test_half_precision_is_good_enough():
    probabilities = np.random.default_rng(1).dirichlet(np.full(10, 0.1), 200)
    rounded = probabilities.astype(np.float16)
    assert inception_score(rounded, 1).mean == pytest.approx(inception_score(probabilities, 1).mean, rel=1e-3)


@pytest.mark.parametrize(
    ("images", "classes", "splits"), [(10_000, 10, 10), (450, 10, 4), (120, 10, 1), (50, 10, 1), (10_000, 1000, 1)]
)
def test_parts_have_ten_images_for_each_class(images, classes, splits):
    assert num_splits(images, classes) == splits


def test_few_images_score_as_many_do():
    """A model that is sure of 10 classes scores 10: parts of 12 images would give it 7."""
    answers = np.eye(10)[np.random.default_rng(3).integers(0, 10, 120)]
    assert inception_score(answers, 10).mean < 7.5
    assert inception_score(answers, num_splits(*answers.shape)).mean > 9


def test_what_cannot_be_used_is_refused():
    with pytest.raises(InputError, match="logits"):
        inception_score(np.random.default_rng(2).normal(size=(20, 5)))
    with pytest.raises(InputError, match="10 splits of 9 images"):
        inception_score(np.full((9, 2), 0.5))

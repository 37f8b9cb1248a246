"""The report of an evaluation: its conditions, columns and order of figures."""

from __future__ import annotations

import json

import pytest

from tests.metrics.samplers import TEST, TRAIN, measure, noisy, perfect
from tests.metrics.sets import SIZE, quadrants
from tfgan_models.metrics.direction import LEADING
from tfgan_models.metrics.evaluate import FURTHER, evaluate, table


@pytest.mark.slow
def test_samples_of_two_kinds_have_a_column_each(extractor):
    both = measure(extractor, perfect, prior_sample=noisy)
    assert both.figures["samples"] == measure(extractor, perfect).figures["samples"]
    alone = measure(extractor, None, prior_sample=noisy)
    assert both.figures["samples_prior"] == alone.figures["samples_prior"] != both.figures["samples"]
    assert both.conditions["images"] == {"reference": 200, "data": 200, "samples": 200, "samples_prior": 200}
    assert table(both.figures).split()[:3] == ["samples", "samples_prior", "data"]
    assert "samples" not in alone.figures and alone.memorization is not None


def test_conditions_say_what_was_measured_with(extractor):
    conditions = measure(extractor, perfect, lambda images, rows: images, split="train").conditions
    used = conditions.pop("images_used")
    assert {name: set(numbers.values()) for name, numbers in used.items()} == {name: {200} for name in used}
    assert json.loads(json.dumps(conditions)) == {
        "extractor": extractor.about(),
        "reference": "train",
        "images": {"reference": 200, "data": 200, "samples": 200, "reconstructions": 200},
        "image_shape": [SIZE, SIZE, 1],
        "seed": 0,
        "inception_score_splits": {"data": 5, "samples": 5, "reconstructions": 5},
    }


def test_conditions_say_how_many_images_each_figure_is_of(extractor, monkeypatch):
    monkeypatch.setattr("tfgan_models.metrics.summary.MAX_IMAGES", 150)
    monkeypatch.setattr("tfgan_models.metrics.memorization.QUERIES", 60)
    monkeypatch.setattr("tfgan_models.metrics.comparison.QUERIES", 60)
    actual = evaluate(perfect, None, TRAIN, quadrants(100, 1), extractor, samples=300)
    used = actual.conditions["images_used"]["samples"]
    assert used.keys() == actual.figures["samples"].keys()
    assert [used[name] for name in ("frechet_distance", "sharpness", "kernel_distance", "ms_ssim")] == [
        300,
        300,
        150,
        150,
    ]
    assert [used[name] for name in ("precision", "coverage", "nearest_training_image")] == [100, 100, 60]
    assert [used[name] for name in ("sliced_wasserstein", "two_sample_accuracy", "nyquist_share")] == [100, 100, 150]


def test_the_conditions_say_the_splits_of_the_inception_score(extractor):
    for count, splits in ((200, 5), (60, 1)):
        actual = evaluate(perfect, None, TRAIN, TEST, extractor, samples=count)
        assert actual.conditions["inception_score_splits"] == {"data": splits, "samples": splits}
        # A setting is no figure, and no row of the table.
        assert "splits" not in table(actual.figures)
        assert ("inception_score_deviation" in actual.figures["samples"]) == (splits > 1)


def test_table():
    """Leading figures come first, the others below a line that says so."""
    lines = table(
        {"data": {"recall": 0.5, "coverage": 0.9}, "samples": {"recall": 0.25, "precision": 1.0}}
    ).splitlines()
    assert [line.split() for line in lines] == [
        ["samples", "data"],
        ["coverage", "0.9"],
        FURTHER.split(),
        ["recall", "0.25", "0.5"],
        ["precision", "1"],
    ]
    assert FURTHER not in table({"data": {"coverage": 0.9}})


def test_the_report_begins_with_the_leading_figures(extractor):
    figures = measure(extractor, perfect, lambda images, rows: images).figures
    for kind, values in figures.items():
        names = list(values)
        leading = [name for name in LEADING if name in values]
        assert names[: len(leading)] == leading, kind
    assert {name for values in figures.values() for name in values} >= set(LEADING)

"""A whole evaluation: what it finds of a perfect, a noisy, a collapsed and a memorising model."""

from __future__ import annotations

import json
import tracemalloc
from types import SimpleNamespace

import numpy as np
import pytest

from tests.metrics.sets import SIZE, quadrants
from tfgan_models.data.sources import ImageSet
from tfgan_models.errors import InputError
from tfgan_models.metrics.comparison import LEADING, compare
from tfgan_models.metrics.evaluate import FURTHER, evaluate, table
from tfgan_models.metrics.frechet import Moments
from tfgan_models.metrics.in_domain import in_domain
from tfgan_models.metrics.sampling import samples_of
from tfgan_models.metrics.summary import Summary

TRAIN, TEST = quadrants(400, 0), quadrants(200, 1)


@pytest.fixture(scope="module")
def extractor(tmp_path_factory):
    return in_domain(TRAIN, TEST, tmp_path_factory.mktemp("cache"), 60, verbose=False)


def as_floats(images: np.ndarray) -> np.ndarray:
    return images.astype(np.float32) / 127.5 - 1


def perfect(count: int, seed: int) -> np.ndarray:
    return as_floats(quadrants(count, [2, seed]).images)


def noisy(count: int, seed: int) -> np.ndarray:
    random = np.random.default_rng(seed)
    return np.clip(perfect(count, seed) + random.normal(0, 0.7, (count, SIZE, SIZE, 1)), -1, 1).astype(np.float32)


def collapsed(count: int, seed: int) -> np.ndarray:
    return np.repeat(perfect(1, 0), count, 0)


def memorising(count: int, seed: int) -> np.ndarray:
    return as_floats(TRAIN.images[np.random.default_rng(seed).integers(0, len(TRAIN.images), count)])


def measure(extractor, sample, reconstruct=None, **options):
    return evaluate(sample, reconstruct, TRAIN, TEST, extractor, samples=200, **options)


def test_a_perfect_model_is_as_near_as_real_images(extractor):
    figures = measure(extractor, perfect).figures
    for name in ("frechet_distance", "precision", "recall", "coverage", "inception_score", "ms_ssim"):
        assert figures["samples"][name] == pytest.approx(figures["data"][name], rel=0.4, abs=0.05), name
    assert figures["samples"]["nearest_training_image"] == pytest.approx(1, abs=0.15)
    assert figures["samples"]["sharpness_of_data"] == pytest.approx(1, abs=0.05)
    assert figures["samples"]["parzen_log_likelihood"] == pytest.approx(
        figures["data"]["parzen_log_likelihood"], abs=4 * figures["data"]["parzen_standard_error"]
    )


@pytest.mark.slow
def test_noise_and_collapse_are_seen(extractor):
    good, noise, same = (measure(extractor, s).figures["samples"] for s in (perfect, noisy, collapsed))
    for bad in (noise, same):
        assert bad["frechet_distance"] > 3 * good["frechet_distance"]
        assert bad["kernel_distance"] > good["kernel_distance"] + 0.01
        assert bad["coverage"] < 0.5 * good["coverage"]
        assert bad["parzen_log_likelihood"] < good["parzen_log_likelihood"]
    assert same["inception_score"] == pytest.approx(1)
    assert same["ms_ssim"] == pytest.approx(1)
    assert noise["sharpness_of_data"] > 2


@pytest.mark.slow
def test_samples_of_two_kinds_have_a_column_each(extractor):
    both = measure(extractor, perfect, prior_sample=noisy)
    assert both.figures["samples"] == measure(extractor, perfect).figures["samples"]
    alone = measure(extractor, None, prior_sample=noisy)
    assert both.figures["samples_prior"] == alone.figures["samples_prior"] != both.figures["samples"]
    assert both.conditions["images"] == {"reference": 200, "data": 200, "samples": 200, "samples_prior": 200}
    assert table(both.figures).split()[:3] == ["samples", "samples_prior", "data"]
    assert "samples" not in alone.figures and alone.memorised is not None


def test_memorised_images_are_found(extractor):
    found = measure(extractor, memorising)
    assert found.figures["samples"]["nearest_training_image"] < 0.05
    # Ten rows of nine images with two pixels between them; the nearest is the sample itself.
    cell = SIZE + 2
    assert found.memorised.picture.shape == (10 * cell - 2, 9 * cell - 2, 1)
    rows = [found.memorised.picture[i * cell : i * cell + SIZE] for i in range(10)]
    for row in rows:
        np.testing.assert_array_equal(row[:, :SIZE], row[:, cell : cell + SIZE])
    assert len({row[:, :SIZE].tobytes() for row in rows[:5]}) == 5


def test_reconstructions(extractor):
    exact = measure(extractor, None, lambda images: images)
    assert exact.memorised is None
    assert set(exact.figures) == {"data", "reconstructions"}
    figures = exact.figures["reconstructions"]
    assert figures["pixel_error"] == 0
    assert figures["attribute_cosine"] == pytest.approx(1)
    assert figures["attribute_squared_error"] == 0
    assert figures["frechet_distance"] == pytest.approx(0, abs=1e-6)
    shifted = measure(extractor, None, lambda images: np.clip(images + 13 / 127.5, -1, 1))
    # Images are measured as they would be saved, in steps of 1/127.5.
    assert shifted.figures["reconstructions"]["pixel_error"] == pytest.approx((13 / 127.5) ** 2, rel=1e-5)
    wrong = measure(extractor, None, lambda images: images[:, ::-1]).figures["reconstructions"]
    assert wrong["attribute_cosine"] < 0.2


def test_the_same_seed_gives_the_same_figures(extractor):
    first, again, other = (measure(extractor, perfect, seed=seed) for seed in (5, 5, 6))
    assert first.figures == again.figures
    assert first.figures != other.figures
    np.testing.assert_array_equal(first.memorised.picture, again.memorised.picture)


def test_conditions_say_what_was_measured_with(extractor):
    conditions = measure(extractor, perfect, lambda images: images, split="train").conditions
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
    monkeypatch.setattr("tfgan_models.metrics.summary.KEPT", 150)
    monkeypatch.setattr("tfgan_models.metrics.memorised.QUERIES", 60)
    monkeypatch.setattr("tfgan_models.metrics.comparison.QUERIES", 60)
    found = evaluate(perfect, None, TRAIN, quadrants(100, 1), extractor, samples=300)
    used = found.conditions["images_used"]["samples"]
    assert used.keys() == found.figures["samples"].keys()
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
        found = evaluate(perfect, None, TRAIN, TEST, extractor, samples=count)
        assert found.conditions["inception_score_splits"] == {"data": splits, "samples": splits}
        # A setting is no figure, and no row of the table.
        assert "splits" not in table(found.figures)
        assert ("inception_score_deviation" in found.figures["samples"]) == (splits > 1)


def test_too_few(extractor):
    with pytest.raises(InputError, match=r"^samples 5: give at least 20"):
        evaluate(perfect, None, TRAIN, TEST, extractor, samples=5)
    with pytest.raises(InputError, match="quadrants: a split of 3 images is too small"):
        evaluate(perfect, None, TRAIN, quadrants(3, 0), extractor)


def test_samples_do_not_depend_on_how_many_follow():
    few, many = (np.concatenate(list(samples_of(perfect, count, 7))) for count in (100, 250))
    assert len(many) == 250
    np.testing.assert_array_equal(few, many[:100])
    assert len(np.unique(many, axis=0)) == 250


def test_memory_does_not_grow_with_the_number(extractor, monkeypatch):
    monkeypatch.setattr("tfgan_models.metrics.summary.KEPT", 150)
    summary = Summary(samples_of(perfect, 400), extractor)
    assert summary.moments.count == 400
    assert len(summary.images) == len(summary.features) == len(summary.probabilities) == 150


@pytest.mark.slow
def test_the_peak_of_memory_does_not_grow_with_the_number(extractor, monkeypatch):
    monkeypatch.setattr("tfgan_models.metrics.summary.KEPT", 100)

    def peak(count: int) -> int:
        tracemalloc.start()
        try:
            Summary(samples_of(perfect, count), extractor)
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    peak(200)  # what is traced and imported once
    assert peak(3000) < 1.5 * peak(600)


@pytest.mark.slow
def test_images_are_compared_without_a_copy_as_floats():
    random = np.random.default_rng(0)
    features, moments = random.normal(size=(60, 4)), Moments()
    moments.add(features)
    subject = Summary.__new__(Summary)
    subject.features, subject.moments, subject.sharpness = features, moments, 1.0
    subject.images = random.integers(0, 256, (2_000, 64, 64, 3), np.uint8)
    compare(subject, subject, SimpleNamespace(outputs="attributes"))  # what is traced and imported once
    tracemalloc.start()
    try:
        compare(subject, subject, SimpleNamespace(outputs="attributes"))
        assert tracemalloc.get_traced_memory()[1] < 2 * subject.images.nbytes
    finally:
        tracemalloc.stop()


def test_images_of_one_colour_each_have_no_sharpness_to_compare_with(extractor):
    """And no distance from one to the next, where they are all alike."""
    images = np.full((60, SIZE, SIZE, 1), 130, np.uint8)
    plain = ImageSet(images, np.zeros(60, np.int32), None, tuple("abcd"), (), "plain")
    found = evaluate(perfect, lambda images: images, plain, plain, extractor, samples=60)
    for name in ("samples", "reconstructions", "data"):
        assert np.isnan(found.figures[name]["sharpness_of_data"])
        assert np.isfinite(found.figures[name]["frechet_distance"])
    assert np.isnan(found.figures["samples"]["nearest_training_image"])


@pytest.mark.slow
def test_rotations_say_nothing_of_classes_and_attributes(tmp_path):
    plain = [quadrants(count, seed, labels=False, key="") for count, seed in ((100, 0), (50, 1))]
    turned = in_domain(*plain, tmp_path, 3, verbose=False)
    found = evaluate(perfect, lambda images: images, *plain, turned, samples=60)
    figures = found.figures
    assert "inception_score" not in figures["samples"]
    assert "inception_score_splits" not in found.conditions
    assert "attribute_cosine" not in figures["reconstructions"]
    assert figures["reconstructions"]["pixel_error"] == 0


@pytest.mark.slow
def test_a_model_that_memorised_all_is_measured_all_the_same(extractor):
    found = evaluate(memorising, None, TRAIN, TEST, extractor, samples=6000)
    assert found.figures["samples"]["nearest_training_image"] < 0.05
    assert "parzen_log_likelihood" not in found.figures["samples"]  # no window is narrow enough


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
    figures = measure(extractor, perfect, lambda images: images).figures
    for kind, values in figures.items():
        names = list(values)
        leading = [name for name in LEADING if name in values]
        assert names[: len(leading)] == leading, kind
    assert {name for values in figures.values() for name in values} >= set(LEADING)


def test_every_figure_of_patches_and_spectra_is_near_the_data_s_own(extractor):
    figures = measure(extractor, perfect).figures
    for name, near in {"sliced_wasserstein": 0.03, "spectrum_distance": 0.5}.items():
        assert figures["samples"][name] == pytest.approx(figures["data"][name], abs=near), name
    assert figures["samples"]["nyquist_share_of_data"] == pytest.approx(1, abs=0.05)
    assert figures["samples"]["two_sample_accuracy"] == pytest.approx(0.5, abs=0.1)
    bad = measure(extractor, noisy).figures["samples"]
    assert bad["sliced_wasserstein"] > 5 * figures["samples"]["sliced_wasserstein"]
    assert bad["spectrum_distance"] > 5 * figures["samples"]["spectrum_distance"]
    assert bad["two_sample_accuracy"] > 0.8

"""A whole evaluation: the figures of a perfect, a noisy, a collapsed and a memorising model."""

from __future__ import annotations

import numpy as np
import pytest

from tests.metrics.samplers import TEST, TRAIN, collapsed, measure, memorising, noisy, perfect
from tests.metrics.sets import SIZE, quadrants
from tfgan_models.data.sources import ImageSet
from tfgan_models.errors import InputError
from tfgan_models.metrics.evaluate import evaluate
from tfgan_models.metrics.in_domain_extractor import in_domain


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
def test_noisy_and_collapsed_samples_have_worse_figures(extractor):
    good, noise, same = (measure(extractor, s).figures["samples"] for s in (perfect, noisy, collapsed))
    for bad in (noise, same):
        assert bad["frechet_distance"] > 3 * good["frechet_distance"]
        assert bad["kernel_distance"] > good["kernel_distance"] + 0.01
        assert bad["coverage"] < 0.5 * good["coverage"]
        assert bad["parzen_log_likelihood"] < good["parzen_log_likelihood"]
    assert same["inception_score"] == pytest.approx(1)
    assert same["ms_ssim"] == pytest.approx(1)
    assert noise["sharpness_of_data"] > 2


def test_memorized_images_are_found(extractor):
    actual = measure(extractor, memorising)
    assert actual.figures["samples"]["nearest_training_image"] < 0.05
    # Ten rows of nine images with two pixels between them; the nearest is the sample itself.
    cell = SIZE + 2
    assert actual.memorization.picture.shape == (10 * cell - 2, 9 * cell - 2, 1)
    rows = [actual.memorization.picture[i * cell : i * cell + SIZE] for i in range(10)]
    for row in rows:
        np.testing.assert_array_equal(row[:, :SIZE], row[:, cell : cell + SIZE])
    assert len({row[:, :SIZE].tobytes() for row in rows[:5]}) == 5


def test_reconstructions(extractor):
    exact = measure(extractor, None, lambda images, rows: images)
    assert exact.memorization is None
    assert set(exact.figures) == {"data", "reconstructions"}
    figures = exact.figures["reconstructions"]
    assert figures["pixel_error"] == 0
    assert figures["attribute_cosine"] == pytest.approx(1)
    assert figures["attribute_squared_error"] == 0
    assert figures["frechet_distance"] == pytest.approx(0, abs=1e-6)
    assert figures["two_sample_accuracy"] == 0.5  # equal pairs, which are in the same half
    shifted = measure(extractor, None, lambda images, rows: np.clip(images + 13 / 127.5, -1, 1))
    # Images are measured as they would be saved, in steps of 1/127.5.
    assert shifted.figures["reconstructions"]["pixel_error"] == pytest.approx((13 / 127.5) ** 2, rel=1e-5)
    wrong = measure(extractor, None, lambda images, rows: images[:, ::-1]).figures["reconstructions"]
    assert wrong["attribute_cosine"] < 0.2


def test_the_same_seed_gives_the_same_figures(extractor):
    first, again, other = (measure(extractor, perfect, seed=seed) for seed in (5, 5, 6))
    assert first.figures == again.figures
    assert first.figures != other.figures
    np.testing.assert_array_equal(first.memorization.picture, again.memorization.picture)


def test_too_few_samples_or_images_raise_input_error(extractor):
    with pytest.raises(InputError, match=r"^samples 5: give at least 20"):
        evaluate(perfect, None, TRAIN, TEST, extractor, samples=5)
    with pytest.raises(InputError, match="its test split has 3 images, too small"):
        evaluate(perfect, None, TRAIN, quadrants(3, 0), extractor)


def test_images_of_one_color_each_have_no_sharpness_to_compare_with(extractor):
    """And no distance from one to the next, where they are all alike."""
    images = np.full((60, SIZE, SIZE, 1), 130, np.uint8)
    plain = ImageSet(images, np.zeros(60, np.int32), None, tuple("abcd"), (), "plain")
    actual = evaluate(perfect, lambda images, rows: images, plain, plain, extractor, samples=60)
    for name in ("samples", "reconstructions", "data"):
        assert np.isnan(actual.figures[name]["sharpness_of_data"])
        assert np.isfinite(actual.figures[name]["frechet_distance"])
    assert np.isnan(actual.figures["samples"]["nearest_training_image"])


@pytest.mark.slow
def test_rotations_say_nothing_of_classes_and_attributes(tmp_path):
    plain = [quadrants(count, seed, labels=False, key="") for count, seed in ((100, 0), (50, 1))]
    turned = in_domain(*plain, tmp_path, 3, verbose=False)
    actual = evaluate(perfect, lambda images, rows: images, *plain, turned, samples=60)
    figures = actual.figures
    assert "inception_score" not in figures["samples"]
    assert "inception_score_splits" not in actual.conditions
    assert "attribute_cosine" not in figures["reconstructions"]
    assert figures["reconstructions"]["pixel_error"] == 0


@pytest.mark.slow
def test_a_model_that_memorized_all_is_measured_all_the_same(extractor):
    actual = evaluate(memorising, None, TRAIN, TEST, extractor, samples=6000)
    assert actual.figures["samples"]["nearest_training_image"] < 0.05
    assert "parzen_log_likelihood" not in actual.figures["samples"]  # no window is narrow enough


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

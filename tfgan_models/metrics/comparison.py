"""Two sets of images beside each other, by every measure."""

from __future__ import annotations

import numpy as np

from tfgan_models.data.pixels import to_float
from tfgan_models.errors import InputError
from tfgan_models.metrics.attribute_similarity import attribute_similarity
from tfgan_models.metrics.density_coverage import density_coverage
from tfgan_models.metrics.extractor import Extractor
from tfgan_models.metrics.frechet import frechet_distance
from tfgan_models.metrics.inception_score import inception_score, splits_of
from tfgan_models.metrics.kernel_distance import kernel_distance
from tfgan_models.metrics.memorised import QUERIES
from tfgan_models.metrics.ms_ssim import ms_ssim_diversity
from tfgan_models.metrics.parzen import SIGMAS, parzen
from tfgan_models.metrics.power_spectrum import spectrum_distance
from tfgan_models.metrics.precision_recall import precision_recall
from tfgan_models.metrics.sliced_wasserstein import IMAGES, sliced_wasserstein
from tfgan_models.metrics.summary import IN_SPECTRUM, Summary
from tfgan_models.metrics.two_sample import LEAST_CODES, discriminated

Figures = dict[str, float]

# The figures that order images as people do in experiments/metric_cases.py; the last is of reconstructions.
LEADING = ("frechet_distance", "kernel_distance", "coverage", "two_sample_accuracy", "attribute_cosine")
OF_ALL = ("frechet_distance", "sharpness", "sharpness_of_data")
OF_EQUAL = ("precision", "recall", "density", "coverage")
OF_SPECTRUM = ("spectrum_distance", "nyquist_share", "nyquist_share_of_data")
TWO_SAMPLE = 2_000  # images of each set that the two-sample classifier learns from and is scored on

FLAT = 1e-20  # sharpness below it is what rounding leaves of images of one colour each
LARGEST_PARZEN = 3 * 64 * 64  # values of an image: beyond, distances say little and take minutes


def compare(subject: Summary, reference: Summary, extractor: Extractor, seed: int = 0) -> Figures:
    """How near a set of images comes to the reference, by every measure of features, and its own diversity.

    Precision, recall, density and coverage depend on the numbers of images, so they are taken on equally many of both.
    ``sharpness_of_data`` is NaN where the reference is of plain-coloured images.
    """
    equal = min(len(subject.features), len(reference.features))
    # Halves at most: subsets that are whole sets are all the same, and would show no deviation.
    kernel = kernel_distance(subject.features, reference.features, subset_size=min(1000, equal // 2), seed=seed)
    manifolds = precision_recall(reference.first(equal), subject.first(equal))
    balls = density_coverage(reference.first(equal), subject.first(equal))
    patches = sliced_wasserstein(subject.images, reference.images, seed)
    share, share_of_data = subject.spectrum.nyquist_share, reference.spectrum.nyquist_share
    figures = {
        "frechet_distance": frechet_distance(subject.moments, reference.moments),
        "kernel_distance": kernel.mean,
        "kernel_distance_deviation": kernel.deviation,
        "precision": manifolds.precision,
        "recall": manifolds.recall,
        "density": balls.density,
        "coverage": balls.coverage,
        "ms_ssim": ms_ssim_diversity(subject.images, seed=seed),
        "sharpness": subject.sharpness,
        "sharpness_of_data": subject.sharpness / reference.sharpness if reference.sharpness > FLAT else np.nan,
        "sliced_wasserstein": patches.mean,
        **{f"sliced_wasserstein_{width}": distance for width, distance in patches.levels.items()},
        "spectrum_distance": spectrum_distance(subject.spectrum, reference.spectrum),
        "nyquist_share": share,
        "nyquist_share_of_data": share / share_of_data if share_of_data else np.nan,
    }
    if equal >= LEAST_CODES:
        first, second = (summary.first(min(equal, TWO_SAMPLE)) for summary in (subject, reference))
        figures["two_sample_accuracy"] = discriminated(first, second, seed)
    if splits := inception_splits(subject, extractor):
        score = inception_score(subject.probabilities, splits)
        figures["inception_score"] = score.mean
        if splits > 1:
            figures["inception_score_deviation"] = score.deviation
    return figures


def inception_splits(subject: Summary, extractor: Extractor) -> int | None:
    """The number of parts that ``compare`` takes the inception score on; None where there is no such score."""
    return splits_of(*subject.probabilities.shape) if extractor.outputs == "classes" else None


def likelihood(subject: Summary, validation: np.ndarray, test: Summary) -> Figures:
    """Parzen-window log-likelihood of the test images, pixels in [0, 1].

    There is none for images too large for it, nor where the samples contain the validation images: then no window is
    the best, the narrower the better.

    Args:
        subject: samples.
        validation: images, uint8, that choose the window and are neither among the samples nor the test images.
        test: what is scored.
    """
    if test.images[0].size > LARGEST_PARZEN:
        return {}
    # Bytes, of which the windows need no copies: 255 times as wide, and a density of 255 ** size as much.
    bytes_of = (images.reshape(len(images), -1) for images in (subject.images, validation, test.images))
    try:
        result = parzen(*bytes_of, sigmas=255 * np.array(SIGMAS))
    except InputError:
        return {}
    return {
        "parzen_log_likelihood": result.mean + test.images[0].size * float(np.log(255)),
        "parzen_standard_error": result.standard_error,
        "parzen_sigma": result.sigma / 255,
    }


def images_used(figures: Figures, subject: Summary, reference: Summary) -> dict[str, int]:
    """The number of the subject's images that each figure was measured on.

    Moments and means are of all images; what compares images with each other has the first 10,000, manifolds have as
    many as the smaller of both sets, patches, spectra and the two-sample classifier are of about 2,000, and the search
    of the training set has 1,000.
    """
    kept = len(subject.images)
    equal = min(kept, len(reference.images))
    special = dict.fromkeys(OF_ALL, subject.moments.count) | dict.fromkeys(OF_EQUAL, equal)
    special |= {name: min(IMAGES, equal) for name in figures if name.startswith("sliced_wasserstein")}
    special |= dict.fromkeys(OF_SPECTRUM, min(IN_SPECTRUM, kept))
    special["two_sample_accuracy"] = min(TWO_SAMPLE, equal)
    special["nearest_training_image"] = min(QUERIES, kept)
    return {name: special.get(name, kept) for name in figures}


def resemblance(reconstructions: Summary, originals: Summary, extractor: Extractor) -> Figures:
    """How well reconstructions keep their originals: their pixels, and what the extractor says of them.

    Attributes are compared as numbers from -1 to 1, classes as probabilities, rotations not at all.
    """
    pairs = zip(originals.images, reconstructions.images, strict=True)
    errors = [np.mean((to_float(original) - to_float(reconstruction)) ** 2) for original, reconstruction in pairs]
    figures = {"pixel_error": float(np.mean(errors))}
    if extractor.outputs == "rotations":
        return figures
    said = originals.probabilities, reconstructions.probabilities
    if extractor.outputs == "attributes":
        said = tuple(2 * probabilities - 1 for probabilities in said)
    kept = attribute_similarity(*said)
    return figures | {"attribute_cosine": kept.cosine, "attribute_squared_error": kept.squared_error}

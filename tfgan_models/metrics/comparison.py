"""Compare two sets of images by all metrics."""

from __future__ import annotations

import numpy as np

from tfgan_models.data.pixels import to_float
from tfgan_models.errors import InputError
from tfgan_models.metrics.attribute_similarity import attribute_similarity
from tfgan_models.metrics.density_coverage import density_coverage
from tfgan_models.metrics.extractor import Extractor
from tfgan_models.metrics.frechet import frechet_distance
from tfgan_models.metrics.inception_score import inception_score, num_splits
from tfgan_models.metrics.kernel_distance import kernel_distance
from tfgan_models.metrics.memorization import QUERIES
from tfgan_models.metrics.ms_ssim import ms_ssim_diversity
from tfgan_models.metrics.parzen import SIGMAS, parzen
from tfgan_models.metrics.power_spectrum import spectrum_distance
from tfgan_models.metrics.precision_recall import precision_recall
from tfgan_models.metrics.sliced_wasserstein import IMAGES, sliced_wasserstein
from tfgan_models.metrics.summary import SPECTRUM_IMAGES, Summary
from tfgan_models.metrics.two_sample import MIN_CODES, classifier_two_sample_accuracy

Figures = dict[str, float]

OF_ALL = ("frechet_distance", "sharpness", "sharpness_of_data")
OF_EQUAL = ("precision", "recall", "density", "coverage")
OF_SPECTRUM = ("spectrum_distance", "nyquist_share", "nyquist_share_of_data")
TWO_SAMPLE = 2_000  # images of each set on which the two-sample classifier is trained and tested

MIN_SHARPNESS = 1e-20  # below it sharpness is only the rounding error of plain images
MAX_PARZEN = 3 * 64 * 64  # values of an image: for more, the likelihood says little and takes minutes


def compare(subject: Summary, reference: Summary, extractor: Extractor, seed: int = 0, paired: bool = False) -> Figures:
    """Compare a set of images with the reference by all metrics of features, and measure its diversity.

    Precision, recall, density and coverage depend on the numbers of images, so they use equally many of both sets.
    ``sharpness_of_data`` is NaN if the reference has plain-colored images only.

    Args:
        subject: the images to measure.
        reference: real images.
        extractor: the network that computes the features.
        seed: seed of subsets and of the classifier.
        paired: whether the subject's images are reconstructions of the reference's, in the same order.
    """
    equal = min(len(subject.features), len(reference.features))
    # At most half of a set: subsets as large as the set would all be equal, with a deviation of 0.
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
        "sharpness_of_data": subject.sharpness / reference.sharpness if reference.sharpness > MIN_SHARPNESS else np.nan,
        "sliced_wasserstein": patches.mean,
        **{f"sliced_wasserstein_{width}": distance for width, distance in patches.levels.items()},
        "spectrum_distance": spectrum_distance(subject.spectrum, reference.spectrum),
        "nyquist_share": share,
        "nyquist_share_of_data": share / share_of_data if share_of_data else np.nan,
    }
    if equal >= MIN_CODES:
        first, second = (summary.first(min(equal, TWO_SAMPLE)) for summary in (subject, reference))
        figures["two_sample_accuracy"] = classifier_two_sample_accuracy(first, second, seed, paired)
    if splits := inception_splits(subject, extractor):
        score = inception_score(subject.probabilities, splits)
        figures["inception_score"] = score.mean
        if splits > 1:
            figures["inception_score_deviation"] = score.deviation
    return figures


def inception_splits(subject: Summary, extractor: Extractor) -> int | None:
    """Number of splits of the inception score in ``compare``; None if there is no such score."""
    return num_splits(*subject.probabilities.shape) if extractor.outputs == "classes" else None


def likelihood(subject: Summary, validation: np.ndarray, test: Summary) -> Figures:
    """Parzen-window log-likelihood of the test images, pixels in [0, 1].

    It is left out for large images, and if the samples contain the validation images, because then ever narrower
    windows are better.

    Args:
        subject: samples.
        validation: uint8 images that select the window, neither among the samples nor among the test images.
        test: test images.
    """
    if test.images[0].size > MAX_PARZEN:
        return {}
    # Bytes need no float copies. Windows are then 255 times as wide, and densities 255 ** size times as large.
    flat = (np.asarray(images).reshape(len(images), -1) for images in (subject.images, validation, test.images))
    try:
        result = parzen(*flat, sigmas=255 * np.array(SIGMAS))
    except InputError:
        return {}
    return {
        "parzen_log_likelihood": result.mean + test.images[0].size * float(np.log(255)),
        "parzen_standard_error": result.standard_error,
        "parzen_sigma": result.sigma / 255,
    }


def images_used(figures: Figures, subject: Summary, reference: Summary) -> dict[str, int]:
    """Number of the subject's images that each figure was measured on.

    Moments and means use all images. Metrics that compare images with each other use the first 10,000, and manifolds as
    many as the smaller set. Patches, spectra and the two-sample classifier use about 2,000, and the search of the
    training set 1,000.
    """
    available = len(subject.images)
    equal = min(available, len(reference.images))
    special = dict.fromkeys(OF_ALL, subject.moments.count) | dict.fromkeys(OF_EQUAL, equal)
    special |= {name: min(IMAGES, equal) for name in figures if name.startswith("sliced_wasserstein")}
    special |= dict.fromkeys(OF_SPECTRUM, min(SPECTRUM_IMAGES, available))
    special["two_sample_accuracy"] = min(TWO_SAMPLE, equal)
    special["nearest_training_image"] = min(QUERIES, available)
    return {name: special.get(name, available) for name in figures}


def resemblance(reconstructions: Summary, originals: Summary, extractor: Extractor) -> Figures:
    """Compare reconstructions with their originals: pixels, and the extractor's outputs.

    Attributes are compared as numbers from -1 to 1, classes as probabilities. Rotations are not compared.
    """
    pairs = zip(originals.images, reconstructions.images, strict=True)
    errors = [np.mean((to_float(original) - to_float(reconstruction)) ** 2) for original, reconstruction in pairs]
    figures = {"pixel_error": float(np.mean(errors))}
    if extractor.outputs == "rotations":
        return figures
    outputs = originals.probabilities, reconstructions.probabilities
    if extractor.outputs == "attributes":
        outputs = tuple(2 * probabilities - 1 for probabilities in outputs)
    similarity = attribute_similarity(*outputs)
    return figures | {"attribute_cosine": similarity.cosine, "attribute_squared_error": similarity.squared_error}

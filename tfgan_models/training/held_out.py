"""Evaluation on the test split: reconstruction error and validation batches."""

from __future__ import annotations

import numpy as np
import tensorflow as tf

from tfgan_models.data import pipeline
from tfgan_models.data.pixels import to_float
from tfgan_models.data.sources import ImageSet
from tfgan_models.latent.parts import in_parts, reconstruction
from tfgan_models.models.base import GenerativeModel
from tfgan_models.training.ema import ema_model

PART = 50  # images that are reconstructed at once
VISIBLE = 5e-5  # errors below are printed as 0.0000; those of images of one color are 0, but for rounding


def report_error(model: GenerativeModel, train: ImageSet, test: ImageSet) -> None:
    """Print the squared error of held-out reconstructions, and compare it with that of the mean training image.

    Nothing is printed for a model without an encoder, or if an image does not have what the model is told.
    """
    model, sums = ema_model(model), np.zeros(3)
    reconstruct = reconstruction(model, test)
    if reconstruct is None:
        return
    mean = np.mean(train.images[:5000], 0) / 127.5 - 1
    for start in range(0, len(test.images), PART):
        rows = np.arange(start, min(start + PART, len(test.images)))
        images = to_float(np.asarray(test.images[rows]))
        reconstructions = in_parts(reconstruct, rows, model.inference_batch)
        errors = [np.mean((images - x) ** 2) for x in (reconstructions, mean)]
        sums += len(images) * np.array([1, *errors])
    if sums[0]:
        print(f"held out:    {describe(int(sums[0]), *(sums[1:] / sums[0]))}")


def describe(count: int, error: float, mean_image_error: float) -> str:
    """For instance "pixel error 0.0146, 0.112 of the mean image's 0.1304 (2000 images)"."""
    if mean_image_error < VISIBLE:
        comparison = "the mean image has almost none"
    elif error < mean_image_error:
        comparison = f"{error / mean_image_error:.3f} of the mean image's {mean_image_error:.4f}"
    else:
        comparison = f"{error / mean_image_error:.1f} times the mean image's {mean_image_error:.4f}"
    return f"pixel error {error:.4f}, {comparison} ({count} image{'s' * (count != 1)})"


def batches(model: GenerativeModel, test: ImageSet, batch_size: int, replicas: int) -> tf.data.Dataset | None:
    """Full batches of the test split for the model's validation metrics; None if there are none to compute."""
    batch_size = min(batch_size, len(test.images) // replicas * replicas)
    if not model.test_metrics or not batch_size:
        return None
    return pipeline.ordered(test, batch_size, limit=len(test.images) // batch_size * batch_size)

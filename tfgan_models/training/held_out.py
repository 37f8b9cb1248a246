"""Evaluation on the test split: reconstruction error and validation batches."""

from __future__ import annotations

import numpy as np
import tensorflow as tf

from tfgan_models.data import pipeline
from tfgan_models.data.sources import ImageSet
from tfgan_models.latent.parts import in_parts
from tfgan_models.models.base import GenerativeModel
from tfgan_models.training.ema import ema_model


def report_error(model: GenerativeModel, train: ImageSet, test: ImageSet) -> None:
    """Print the squared error of held-out reconstructions, and its ratio to the error of the mean training image."""
    mean = np.mean(train.images[:5000], 0) / 127.5 - 1
    model, sums = ema_model(model), np.zeros(3)
    for batch in pipeline.ordered(test, 50):
        images = batch["image"].numpy()
        reconstructions = in_parts(model.reconstruct, images, model.inference_batch)
        errors = [np.mean((images - x) ** 2) for x in (reconstructions, mean)]
        sums += len(images) * np.array([1, *errors])
    error, mean_image_error = sums[1:] / sums[0]
    ratio = f"{error / mean_image_error:.3f} of the mean image's {mean_image_error:.4f}"
    print(f"held out:    pixel error {error:.4f}, {ratio} ({sums[0]:.0f} images)")


def batches(model: GenerativeModel, test: ImageSet, batch_size: int, replicas: int) -> tf.data.Dataset | None:
    """Full batches of the test split for the model's validation metrics; None if there are none to compute."""
    batch_size = min(batch_size, len(test.images) // replicas * replicas)
    if not model.test_metrics or not batch_size:
        return None
    return pipeline.ordered(test, batch_size, limit=len(test.images) // batch_size * batch_size)

"""Codes of a set of images."""

from __future__ import annotations

from typing import cast

import numpy as np

from tfgan_models.data import pipeline
from tfgan_models.data.image_set import ImageSet
from tfgan_models.latent.parts import encode, in_parts
from tfgan_models.models.base import GenerativeModel
from tfgan_models.protocols import HasHeads

CODES, BATCH = 10_000, 100  # a universal posterior is evaluated 16 times for each image, so batches are small


def encode_set(model: GenerativeModel, data: ImageSet) -> tuple[np.ndarray, np.ndarray | None]:
    """Draw a code ``[n, latent_dim]`` from the posterior of each of at most 10,000 images; also return their labels.

    For a model with cluster heads the codes are its representations, which have class and style in one space.
    """
    parts, headed = [], with_heads(model)
    for i, batch in enumerate(pipeline.ordered(data, BATCH, limit=CODES)):
        images = batch["image"].numpy()
        if headed is None:
            parts.append(np.asarray(encode(model, images).sample(seed=(0, i))))
        else:
            parts.append(in_parts(headed.represent, images, model.inference_batch))
    codes = np.concatenate(parts)
    return codes, None if data.labels is None else np.asarray(data.labels[: len(codes)])


def with_heads(model: GenerativeModel) -> HasHeads | None:
    """Return the model if it has cluster heads, else None."""
    return None if getattr(model, "heads", None) is None else cast(HasHeads, model)

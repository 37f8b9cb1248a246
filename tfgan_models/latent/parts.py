"""Calls of a model on parts of a batch, so that drawing and measuring need no more memory than a training step.

In inference mode the networks do not mix examples: batch normalization uses stored statistics, and virtual batch
normalization those of its reference batch. Images and codes are therefore the same for any size of the parts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import tensorflow as tf

from tfgan_models.data.pixels import to_bytes, to_float
from tfgan_models.models.base import GenerativeModel
from tfgan_models.protocols import (
    Distribution,
    SupportsEncode,
    SupportsEncodeAs,
    SupportsReconstruct,
    SupportsReconstructAs,
)

if TYPE_CHECKING:
    from tfgan_models.data.image_set import ImageSet


def split(examples: Any, size: int | None) -> Iterator[Any]:
    """Yield parts of at most ``size`` examples; all at once if it is None."""
    for start in range(0, len(examples), size or len(examples)):
        yield examples[start : start + (size or len(examples))]


def in_parts(function: Callable[[Any], Any], examples: Any, size: int | None) -> np.ndarray:
    """Call a function on parts of at most ``size`` examples, and concatenate the results."""
    return np.concatenate([np.asarray(function(part)) for part in split(examples, size)])


def generate_bytes(model: GenerativeModel, latents: Any) -> np.ndarray:
    """Generate images of latents as bytes, which are a quarter of the size of floats: uint8 ``[n, h, w, c]``."""
    return in_parts(lambda part: _bytes(model.generate(part)), latents, model.inference_batch)


def reconstruct_bytes(model: GenerativeModel, images: np.ndarray) -> np.ndarray:
    """Reconstruct images as bytes, uint8 ``[n, h, w, c]``."""
    return in_parts(lambda part: _bytes(model.reconstruct(part)), images, model.inference_batch)


def reconstruction(model: GenerativeModel, data: ImageSet) -> Callable[[np.ndarray], tf.Tensor] | None:
    """A function from rows of a data set to the reconstructions of its images ``[n, h, w, c]``.

    A conditional model is told the condition of each image, and a supervised adversarial autoencoder its class.

    Returns:
        The function; None if the model has no encoder, or an image does not have what the model is told.
    """
    if isinstance(model, SupportsReconstruct):
        return lambda selected: model.reconstruct(to_float(data.images[selected]))
    condition = getattr(model, "condition", None)
    told = data.attributes if condition is not None and condition.kind == "attributes" else data.labels
    if not isinstance(model, SupportsReconstructAs) or told is None or (told is data.labels and min(told) < 0):
        return None

    def reconstruct(selected: np.ndarray) -> tf.Tensor:
        each = told[selected]
        if condition is not None:
            each = condition.of({"attributes" if condition.kind == "attributes" else "label": each})
        return model.reconstruct_as(to_float(data.images[selected]), each)

    return reconstruct


def encode(model: SupportsEncode, images: np.ndarray) -> Distribution:
    """Encode images, bytes or floats, to one batch of posteriors, as ``model.encode`` does."""
    size = getattr(model, "inference_batch", None)
    return _concatenate([model.encode(to_float(part)) for part in split(images, size)])


def encode_as(model: SupportsEncodeAs, images: np.ndarray, conditions: np.ndarray) -> Distribution:
    """Encode images with their conditions to one batch of posteriors of the style, as ``model.encode_as`` does."""
    size = getattr(model, "inference_batch", None)
    pairs = zip(split(images, size), split(conditions, size), strict=True)
    return _concatenate([model.encode_as(to_float(part), given) for part, given in pairs])


def _bytes(images: Any) -> np.ndarray:
    return to_bytes(np.asarray(images, np.float32))


def _concatenate(batches: Sequence[Any]) -> Any:
    """Concatenate batches of distributions along their first axis.

    A sample of the result has the noise of a whole batch, which samples of the parts would not have.
    """
    if len(batches) == 1:
        return batches[0]
    parameters = {}
    for name, value in batches[0].parameters.items():
        values = [batch.parameters[name] for batch in batches]
        if hasattr(value, "parameters"):  # the components and weights of a mixture
            parameters[name] = _concatenate(values)
        else:
            parameters[name] = np.concatenate(values) if hasattr(value, "shape") else value
    return type(batches[0])(**parameters)

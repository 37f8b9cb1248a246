"""The network that computes features of images, with its name and digest for reports."""

from __future__ import annotations

import dataclasses
import hashlib
from typing import Any, Literal, NamedTuple

import keras
import numpy as np
import tensorflow as tf

from tfgan_models.data.pixels import over_white

BATCH = 100


class Extracted(NamedTuple):
    """Features ``[n, d]`` and probabilities ``[n, k]`` of n images, float32."""

    features: np.ndarray
    probabilities: np.ndarray


@dataclasses.dataclass(frozen=True)
class Extractor:
    """A network, and the information that reports need about it.

    Args:
        network: maps images to features ``[n, d]`` and probabilities ``[n, k]``.
        name: data and task of its training: ``inception_v3-imagenet``, ``faces-attributes``.
        digest: hash of its weights. Figures are comparable only if name and digest are equal.
        outputs: meaning of the probabilities: ``classes``, which sum to 1; independent ``attributes``; or
            ``rotations``, which do not depend on an image's content.
        accuracy: accuracy on held-out images, from 0 to 1; None if unknown.
        baseline: accuracy of the majority class of the training images; None if unknown.
    """

    network: keras.Model
    name: str
    digest: str
    outputs: Literal["classes", "attributes", "rotations"]
    accuracy: float | None = None
    baseline: float | None = None

    def __call__(self, images: np.ndarray) -> Extracted:
        """Compute features and probabilities of images, float ``[n, h, w, c]`` in [-1, 1] of any size."""
        parts = [self._extract(images[i : i + BATCH]) for i in range(0, len(images), BATCH)]
        return Extracted(*(np.concatenate(part) for part in zip(*parts, strict=True)))

    def about(self) -> dict[str, Any]:
        """Return the information that reports need, as JSON values."""
        return {
            "name": self.name,
            "digest": self.digest,
            "outputs": self.outputs,
            "image_size": self.network.input_shape[1],
            "resize": "bilinear, antialiased, where sizes differ",
            "accuracy": self.accuracy,
            "baseline": self.baseline,
        }

    def _extract(self, images: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        _, height, width, channels = self.network.input_shape
        inputs = tf.convert_to_tensor(images, tf.float32)
        if inputs.shape[-1] == 4 != channels:
            inputs = over_white(inputs)
        if inputs.shape[-1] != channels:
            inputs = tf.image.grayscale_to_rgb(inputs) if channels == 3 else tf.image.rgb_to_grayscale(inputs)
        if inputs.shape[1:3] != (height, width):
            inputs = tf.image.resize(inputs, (height, width), antialias=True)
        features, probabilities = self.network(inputs, training=False)
        return features.numpy(), probabilities.numpy()


def digest(network: keras.Model) -> str:
    """Hash of a network's weights, twelve characters."""
    sha256 = hashlib.sha256()
    for value in network.get_weights():
        sha256.update(np.ascontiguousarray(value).tobytes())
    return sha256.hexdigest()[:12]

"""Directions in latent space that need no labels: of the decoder's first weights, or of codes.

A direction is a unit vector of the latent space. Images change in one way where latents move along it, and a person may
name that way afterwards.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import keras
import numpy as np

from tfgan_models.errors import InputError
from tfgan_models.keras_private import has_input
from tfgan_models.layers.latent_dropout import LatentDropout
from tfgan_models.layers.latent_noise import LatentNoise
from tfgan_models.layers.spectral_normalization import SpectralNormalization
from tfgan_models.layers.weight_normalization import WeightNormalization

# Layers that hand a latent ``[n, latent_dim]`` on as it is, when images are generated.
UNCHANGED = (
    keras.layers.ActivityRegularization,
    keras.layers.Dropout,
    keras.layers.Flatten,
    keras.layers.GaussianDropout,
    keras.layers.GaussianNoise,
    keras.layers.Identity,
)
# Layers that take the latent only to draw from it.
DRAWS = (LatentDropout, LatentNoise)


class Directions(NamedTuple):
    """Orthogonal directions, the most important one first.

    Attributes:
        vectors: float64 ``[k, latent_dim]``, unit vectors. The largest component of each is positive, so that equal
            input gives equal signs. Directions of equal eigenvalues are any basis of their space.
        eigenvalues: float64 ``[k]``, falling. Of weights: the squared length of the change of the layer's output, for a
            step of length 1. Of codes: their variance along the direction.
    """

    vectors: np.ndarray
    eigenvalues: np.ndarray


def of_weights(kernel: np.ndarray, count: int | None = None) -> Directions:
    """The directions that change the output of a layer the most (SeFa: Shen and Zhou 2021, 2007.06600, section 2.2).

    A layer z ↦ Az + b moves by αAn where z moves by αn, wherever z is. The unit vectors n of the largest ‖An‖² are the
    eigenvectors of AᵀA. Keras keeps A transposed.

    Args:
        kernel: ``[latent_dim, units]``, such as that of ``first_kernel``.
        count: k, at most ``latent_dim``; all by default.

    Raises:
        InputError: the kernel is not a finite matrix, or ``count`` is out of range.
    """
    kernel = _matrix(kernel, "kernel", "[latent_dim, units]")
    scale = np.abs(kernel).max() or 1.0  # so that no square overflows
    return _largest(kernel / scale @ (kernel / scale).T, scale**2, count)


def of_codes(codes: np.ndarray, count: int | None = None) -> Directions:
    """The principal axes of codes (GANSpace: Härkönen et al. 2020, 2004.02546, section 2).

    These are the eigenvectors of the codes' covariance. Codes that fill a standard Gaussian have none: all variances
    are then near 1.

    Args:
        codes: ``[n, latent_dim]``, at least two.
        count: k, at most ``latent_dim``; all by default.

    Raises:
        InputError: there are fewer than two codes, some are not finite, or ``count`` is out of range.
    """
    codes = _matrix(codes, "codes", "[n, latent_dim]")
    if len(codes) < 2:
        raise InputError("codes with 1 row: give at least 2, which have a variance", "codes")
    centered = codes - codes.mean(0)
    return _largest(centered.T @ centered / (len(codes) - 1), 1.0, count)


def first_kernel(decoder: keras.Model) -> np.ndarray:
    """The kernel of the decoder's first layer, float64 ``[latent_dim, units]``.

    The layer is the one that takes the latent: a ``Dense`` layer, also with spectral or weight normalization, whose
    kernel is then the normalized one. Nested models are searched. All decoders and generators of
    ``tfgan_models.networks`` begin with such a layer.

    Args:
        decoder: latents ``[n, latent_dim]`` to images.

    Raises:
        InputError: the decoder does not take one latent of rank 2, several layers take it, or the one that does is
            not affine.
    """
    layer = _first_layer(decoder)
    inner = layer.layer if isinstance(layer, (SpectralNormalization, WeightNormalization)) else layer
    if not isinstance(inner, keras.layers.Dense):
        raise InputError(
            f"decoder {decoder.name!r} takes the latent in {layer.name!r}, a {type(layer).__name__} layer: "
            "directions of weights need a Dense layer there; use directions of codes",
            "decoder",
        )
    if isinstance(layer, (SpectralNormalization, WeightNormalization)):
        return np.asarray(layer.normalized_kernel(), np.float64)
    return np.asarray(keras.ops.convert_to_numpy(inner.kernel), np.float64)


def _first_layer(model: keras.Model) -> keras.layers.Layer:
    """Return the layer that takes the latent, after layers that do not change it."""
    inputs = getattr(model, "inputs", None)
    if not inputs or len(inputs) != 1 or len(inputs[0].shape) != 2:
        shapes = [list(tensor.shape) for tensor in inputs or ()]
        raise InputError(f"decoder {model.name!r} with inputs {shapes}: give one that takes [n, latent_dim]", "decoder")
    tensor: Any = inputs[0]
    while True:
        takers = [layer for layer in model.layers if _takes(layer, tensor) and not isinstance(layer, DRAWS)]
        if len(takers) != 1:
            names = ", ".join(layer.name for layer in takers) or "none"
            raise InputError(
                f"decoder {model.name!r} takes the latent in several layers or in none ({names}): directions of "
                "weights need exactly one; use directions of codes",
                "decoder",
            )
        (layer,) = takers
        if isinstance(layer, keras.Model):
            return _first_layer(layer)
        if not isinstance(layer, UNCHANGED):
            return layer
        tensor = layer.output


def _takes(layer: keras.layers.Layer, tensor: Any) -> bool:
    """Return whether a layer is called on a tensor."""
    return has_input(layer, tensor)


def _largest(matrix: np.ndarray, unit: float, count: int | None) -> Directions:
    """The eigenvectors of the largest eigenvalues of a symmetric positive semi-definite matrix, times its unit."""
    size = len(matrix)
    count = size if count is None else count
    if not 1 <= count <= size:
        raise InputError(f"count {count}: a latent of {size} dimensions has 1 to {size} directions", "count")
    eigenvalues, vectors = np.linalg.eigh(matrix)
    vectors = vectors.T[::-1][:count]
    largest = np.take_along_axis(vectors, np.abs(vectors).argmax(1)[:, np.newaxis], 1)
    # Rounding errors put eigenvalues of 0 a little below it.
    return Directions(vectors * np.sign(largest), unit * np.maximum(eigenvalues[::-1][:count], 0))


def _matrix(values: np.ndarray, name: str, shape: str) -> np.ndarray:
    values = np.asarray(values)
    if values.ndim != 2 or not values.size or values.dtype.kind not in "biuf":
        raise InputError(f"{name} of shape {list(values.shape)} and type {values.dtype}: give real {shape}", name)
    values = values.astype(np.float64)
    if count := np.count_nonzero(~np.isfinite(values)):
        raise InputError(f"{name} with {count} entries that are NaN or infinite: give finite numbers", name)
    return values

"""Codes of pictures that gradient descent brings nearer to them, after the encoder."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from tfgan_models.errors import InputError
from tfgan_models.export.exported_model import ExportedModel
from tfgan_models.export.latent_classes import latents_of
from tfgan_models.latent.projection import Descent, Projector
from tfgan_models.latent.truncation import is_continuous

PART = 32  # pictures that are refined at once, at most
BLUR = 1 / 64  # of the image's side


def blur_of(model: ExportedModel, given: float | None) -> float:
    """The blur in pixels: the given one, or by default 1 in images of 64 pixels and in proportion in others."""
    return BLUR * min(model.manifest["image_shape"][:2]) if given is None else given


class Refiner:
    """Refines codes with the decoder of an export; classes and attributes in a latent stay as they are.

    Args:
        model: an export that generates images of latents.
        steps: number of steps for each picture.
        blur: standard deviation in pixels of the Gaussian that blurs the difference of picture and image. Without blur
            the image is closer in pixels and softer: texture that is not exactly that of the picture would be an error.
            None for the default of ``blur_of``.

    Raises:
        InputError: no samples of the model can be drawn, whose deviation is the unit of a step, or latents are classes
            alone.
    """

    def __init__(self, model: ExportedModel, steps: int, blur: float | None = None):
        latents = latents_of(next(model.samples(count=128)))
        deviation = np.where(is_continuous(latents), latents.std(0), 0)
        if not np.any(deviation > 0):
            raise InputError(f"refine: the latents of {model.path} are classes, which do not move, remove it", "refine")
        self.steps = steps
        descent = Descent(steps, feature_weight=0.0, blur=blur_of(model, blur))
        self._projector = Projector(model.differentiable_generate, deviation, descent)
        self._size: int | None = None

    def __call__(
        self, images: np.ndarray, codes: np.ndarray, after_step: Callable[[], object] = lambda: None
    ) -> np.ndarray:
        """Refine the codes of any number of images.

        Args:
            images: float32 ``[n, h, w, c]`` in [-1, 1].
            codes: the encoder's codes ``[n, latent_dim]``.
            after_step: called after each step of each part of at most 32 images.

        Returns:
            float32 ``[n, latent_dim]``.
        """
        size = self._size = self._size or max(1, min(PART, len(images)))
        refined = []
        for start in range(0, len(images), size):
            rows = np.arange(start, start + size) % len(images)  # a last part is filled up with other images
            kept = min(size, len(images) - start)
            refined.append(self._projector.refine(images[rows], codes[rows], after_step)[:kept])
        return np.concatenate(refined) if refined else codes

"""Samples of a model in training: of latents from a mixture fitted to its codes, or from its prior."""

from __future__ import annotations

import zlib
from typing import Literal

import numpy as np
import tensorflow as tf

from tfgan_models.latent import code_prior
from tfgan_models.models.base import GenerativeModel
from tfgan_models.protocols import SupportsPrior

Source = Literal["codes", "prior"]

CODES = 2_000  # enough to look at samples by; an export has more, and more mixtures to choose from
COMPONENTS = (1, 5, 10)


class Sampler:
    """Latents of the same seeds at every epoch.

    The callbacks of a run share one. A mixture is fitted once to the codes of the same weights, whichever callback
    draws first; it and its draws are pure functions of weights and seed, and leave the model as it is.

    Args:
        images: the training images, uint8 ``[n, h, w, c]``; 2,000 of them are encoded. Without images no mixture can be
            fitted, and the prior is the only source.
        source: ``codes`` or ``prior``, what samples come from; the first of the model's ``samplers`` by default.
        seed: of the codes and of the mixture.
    """

    def __init__(self, images: np.ndarray | None = None, source: Source | None = None, seed: int = 0):
        self.images = images
        self.source = source
        self.seed = seed
        self._fitted: dict[int, code_prior.CodePrior] = {}

    def sources(self, model: GenerativeModel) -> tuple[str, ...]:
        """What a model's latents can be drawn from, the chosen source first; none of a model that draws no samples."""
        possible = [source for source in model.samplers if source == "prior" or self.images is not None]
        return tuple(sorted(possible, key=lambda source: source != self.source))

    def draw(self, model: GenerativeModel, count: int, seed: tuple[int, int], source: str | None = None) -> tf.Tensor:
        """Draw latents ``[count, d]``, from the chosen source by default."""
        if (source or self.sources(model)[0]) == "prior" and isinstance(model, SupportsPrior):
            return model.prior.sample(count, seed=seed)
        return self.code_prior(model).distribution().sample(count, seed=seed)

    def code_prior(self, model: GenerativeModel) -> code_prior.CodePrior:
        """The mixture of a model's codes."""
        # The weights of one model change from epoch to epoch, so that its identity says nothing.
        key = 0
        for variable in model.encoder.variables:
            key = zlib.crc32(variable.numpy().tobytes(), key)
        if key not in self._fitted:
            if self.images is None:
                raise ValueError("a Sampler without images cannot fit a mixture to codes")
            codes = code_prior.codes_of(model, self.images, CODES, self.seed)
            prior = model.prior if isinstance(model, SupportsPrior) else None
            # Those in training and their averages; no more epochs than one.
            self._fitted = dict(list(self._fitted.items())[-1:])
            self._fitted[key] = code_prior.fit(codes, prior, COMPONENTS, seed=self.seed)
        return self._fitted[key]

"""Draw a model's latents during training, from a mixture fitted to its codes or from its prior."""

from __future__ import annotations

import zlib
from typing import Literal

import numpy as np
import tensorflow as tf

from tfgan_models.latent import code_prior
from tfgan_models.models.base import GenerativeModel
from tfgan_models.protocols import SupportsPrior

Source = Literal["codes", "prior"]

CODES = 2_000  # enough for pictures; an export uses more codes and chooses among more mixtures
COMPONENTS = (1, 5, 10)


class Sampler:
    """Sampler of a model's latents, shared by the callbacks of a run.

    The mixture is fitted once for the same weights. Mixture and samples are pure functions of the weights and the seed.
    The model is not changed.

    Args:
        images: the training images, uint8 ``[n, h, w, c]``; 2,000 of them are encoded. Without images the prior is the
            only source.
        source: ``codes`` or ``prior``; by default the first of the model's ``samplers``.
        seed: seed of the codes and of the mixture.
    """

    def __init__(self, images: np.ndarray | None = None, source: Source | None = None, seed: int = 0):
        self.images = images
        self.source = source
        self.seed = seed
        self._mixtures: dict[int, code_prior.CodePrior] = {}

    def sources(self, model: GenerativeModel) -> tuple[str, ...]:
        """List the sources of a model's latents, the chosen one first; empty for a model without samples."""
        possible = [source for source in model.samplers if source == "prior" or self.images is not None]
        return tuple(sorted(possible, key=lambda source: source != self.source))

    def draw(self, model: GenerativeModel, count: int, seed: tuple[int, int], source: str | None = None) -> tf.Tensor:
        """Draw latents ``[count, d]``, from the chosen source by default."""
        if (source or self.sources(model)[0]) == "prior" and isinstance(model, SupportsPrior):
            return model.prior.sample(count, seed=seed)
        return self.code_prior(model).distribution().sample(count, seed=seed)

    def code_prior(self, model: GenerativeModel) -> code_prior.CodePrior:
        """Mixture fitted to the model's codes."""
        # The key is a checksum of the weights, because the model has other weights in the next epoch.
        key = 0
        for variable in model.encoder.variables:
            key = zlib.crc32(variable.numpy().tobytes(), key)
        if key not in self._mixtures:
            if self.images is None:
                raise ValueError("a Sampler without images cannot fit a mixture to codes")
            codes = code_prior.sample_codes(model, self.images, CODES, self.seed)
            prior = model.prior if isinstance(model, SupportsPrior) else None
            # Two entries are needed, for the raw and the averaged weights of one epoch.
            self._mixtures = dict(list(self._mixtures.items())[-1:])
            self._mixtures[key] = code_prior.fit_mixture(codes, prior, COMPONENTS, seed=self.seed)
        return self._mixtures[key]

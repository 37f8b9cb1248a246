"""Draw a model's latents during training, from a mixture fitted to its codes or from its prior."""

from __future__ import annotations

import zlib
from typing import Literal

import numpy as np
import tensorflow as tf

from tfgan_models.data.image_set import ImageSet
from tfgan_models.latent import code_prior
from tfgan_models.models.base import GenerativeModel
from tfgan_models.protocols import SupportsPrior

Source = Literal["codes", "prior"]

CODES = 4_000  # enough for a run's pictures and figures; an export uses more, and chooses among more mixtures
COMPONENTS = (1, 2, 3, 5, 10)


class Sampler:
    """Sampler of a model's latents, shared by the callbacks of a run.

    The mixture is fitted once for the same weights. Mixture and samples are pure functions of the weights and the seed.
    The model is not changed.

    Args:
        train: the training set; 4,000 of its images are encoded. Without a set the prior is the only source.
        source: ``codes`` or ``prior``; by default the first of the model's ``samplers``.
        seed: seed of the codes and of the mixture.
    """

    def __init__(self, train: ImageSet | None = None, source: Source | None = None, seed: int = 0):
        self.train = train
        self.source = source
        self.seed = seed
        self._mixtures: dict[int, code_prior.CodePrior] = {}

    def sources(self, model: GenerativeModel) -> tuple[str, ...]:
        """List the sources of a model's latents, the chosen one first; empty for a model without samples."""
        possible = [source for source in model.samplers if source == "prior" or self.train is not None]
        return tuple(sorted(possible, key=lambda source: source != self.source))

    def draw(self, model: GenerativeModel, count: int, seed: tuple[int, int], source: str | None = None) -> tf.Tensor:
        """Draw latents ``[count, d]``, from the chosen source by default."""
        if (source or self.sources(model)[0]) == "prior" and isinstance(model, SupportsPrior):
            return model.prior.sample(count, seed=seed)
        return self.code_prior(model).distribution().sample(count, seed=seed)

    def with_conditions(self, model: GenerativeModel, latents: np.ndarray, conditions: np.ndarray) -> np.ndarray:
        """Give latents of a conditional model, drawn from the chosen source, other conditions ``[n, k]``."""
        effects = None if self.sources(model)[0] == "prior" else self.code_prior(model).effects
        return code_prior.with_conditions(latents, conditions, effects)

    def code_prior(self, model: GenerativeModel) -> code_prior.CodePrior:
        """Mixture fitted to the model's codes."""
        # The key is a checksum of the weights, because the model has other weights in the next epoch.
        key = 0
        for variable in model.encoder.variables:
            key = zlib.crc32(variable.numpy().tobytes(), key)
        if key not in self._mixtures:
            if self.train is None:
                raise ValueError("a Sampler without a training set cannot fit a mixture to codes")
            # Two entries are needed, for the raw and the averaged weights of one epoch.
            self._mixtures = dict(list(self._mixtures.items())[-1:])
            self._mixtures[key] = code_prior.fit_to_model(model, self.train, CODES, COMPONENTS, self.seed)
        return self._mixtures[key]

"""Evaluate samples and reconstructions every few epochs."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from tfgan_models.callbacks.model_callback import ModelCallback
from tfgan_models.callbacks.out_of_memory import warn_if_out_of_memory
from tfgan_models.data.image_set import ImageSet
from tfgan_models.errors import NotFinite
from tfgan_models.latent.parts import reconstruction, split
from tfgan_models.latent.sampler import Sampler
from tfgan_models.metrics.comparison import compare, resemblance
from tfgan_models.metrics.evaluate import check_size
from tfgan_models.metrics.extractor import Extractor
from tfgan_models.metrics.sampling import BATCH, batches_of, images_of, rows, samples_of
from tfgan_models.metrics.summary import Summary
from tfgan_models.models.base import GenerativeModel
from tfgan_models.training.ema import ema_model


class Evaluation(ModelCallback):
    """Add figures to an epoch's logs, so that TensorBoard and ``metrics.csv`` show them.

    Their names end in the extractor's name and the number of images, so that incomparable figures never share a
    column: ``samples/frechet_distance/faces-attributes-0123456789ab/2000``.

    Args:
        test: held-out images, the reference.
        extractor: network that computes the features.
        every: number of epochs between evaluations.
        samples: number of samples, and the maximum number of held-out images.
        seed: seed of the samples.
        sampler: draws the samples' latents; by default from the prior, if there is one.

    Raises:
        InputError: there are too few held-out images.
    """

    def __init__(
        self,
        test: ImageSet,
        extractor: Extractor,
        every: int = 1,
        samples: int = 2_000,
        seed: int = 0,
        sampler: Sampler | None = None,
    ):
        super().__init__()
        check_size(test)
        self.test = test
        self.extractor = extractor
        self.every = every
        self.samples = samples
        self.seed = seed
        self.sampler = sampler or Sampler()
        self.rows = rows(test, "data", seed)[:samples]
        self.reference: Summary | None = None

    @warn_if_out_of_memory("an evaluation")
    def on_epoch_end(self, epoch: int, logs: dict | None = None) -> None:
        """Evaluate if the epoch is a multiple of ``every``."""
        if (epoch + 1) % self.every or logs is None:
            return
        if self.reference is None:
            self.reference = Summary(self._images(), self.extractor)
        model = ema_model(self.model)
        counts = {"samples": self.samples, "reconstructions": len(self.rows)}
        for kind, figures in self._measure(model, self.reference).items():
            for name, value in figures.items():
                logs[f"{kind}/{name}/{self.extractor.name}-{self.extractor.digest}/{counts[kind]}"] = value

    def _measure(self, model: GenerativeModel, reference: Summary) -> dict[str, dict[str, float]]:
        figures = {}
        if self.sampler.sources(model):

            def draw(count: int, seed: int) -> np.ndarray:
                return np.asarray(self.sampler.draw(model, count, (seed, 0)))

            latents = samples_of(draw, self.samples, self.seed)
            images = (_finite(model.generate(part)) for batch in latents for part in split(batch, self._size()))
            summary = Summary(images, self.extractor)
            figures["samples"] = compare(summary, reference, self.extractor, self.seed)
        if reconstruct := reconstruction(model, self.test):
            images = (_finite(reconstruct(selected)) for selected in batches_of(self.rows, self._size()))
            figures["reconstructions"] = resemblance(Summary(images, self.extractor), reference, self.extractor)
        return figures

    def _images(self) -> Iterator[np.ndarray]:
        return images_of(self.test, self.rows, self._size())

    def _size(self) -> int:
        """The number of images to generate or to extract features from at once."""
        return min(BATCH, self.model.inference_batch or BATCH)


def _finite(images) -> np.ndarray:
    images = np.asarray(images)
    if not np.isfinite(images).all():
        raise NotFinite("samples or reconstructions became not finite")
    return images

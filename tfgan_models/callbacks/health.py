"""Notice when a run has gone wrong, without watching pictures."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence

import numpy as np
import tensorflow as tf
from sklearn.decomposition import PCA

from tfgan_models.callbacks.model_callback import ModelCallback
from tfgan_models.callbacks.symptoms import LEAST_STEPS, SYMPTOMS
from tfgan_models.data.pixels import to_float
from tfgan_models.errors import NotFinite
from tfgan_models.latent.sampler import Sampler
from tfgan_models.metrics.density_coverage import density_coverage
from tfgan_models.metrics.neighbours import radii

DRAWN, BATCH, SIDE, COMPONENTS = 256, 64, 16, 32
FLAT = 1e-3  # a spread of the data below it is no spread: less than a step of a byte in one pixel


class HealthMonitor(ModelCallback):
    """Log how diverse samples are, and warn once of each thing that has gone wrong for two epochs.

    It looks for samples that have become alike, a discriminator that is always right, a gate that stays closed, codes
    that lie far from the prior, and gradients that explode or vanish (``symptoms.py``); ``StopIfNotFinite`` watches for
    values that are no numbers.
    Samples are compared with images in the data's principal axes at a coarse scale, where the blur and noise of early
    samples matter little. They are of the weights that train, not of their averages, which lag behind.

    Adds to the logs ``sample_diversity``, the spread of samples over the data's (1 is right); ``sample_spacing``, the
    median distance from a sample to the nearest other one, over the data's (near 0 where a few images are repeated);
    and ``sample_coverage``, the share of images with a sample in their neighbourhood (Naeem et al. 2020). Images that
    are all alike leave nothing to compare samples with, so of these it logs none. Nor does it log the spacing of a
    model of one or two latents: on a line or in a plane so many samples are near each other without being repeated.
    With a sampler, of a model with codes and a prior, it adds ``code_prior_gap``, in nats per code: how much likelier
    codes are under a mixture fitted to them than under the prior.

    Args:
        images: at least ``LEAST_IMAGES`` of the data's, uint8 ``[n, h, w, c]``; 256 of them are used.
        seed: of the samples, which are of the same latents at every epoch.
        stop_on_collapse: end the training when samples have collapsed.
        verbose: whether to print warnings, on standard error.
        earlier: the logs of the run's epochs so far, where it goes on with them.
        sampler: draws the samples' latents; by default they are of the prior, if there is one.

    Attributes:
        warnings: what was found, by its name.
        stopped: whether it has ended the training.
    """

    LEAST_IMAGES = 16

    def __init__(
        self,
        images: np.ndarray,
        seed: int = 0,
        stop_on_collapse: bool = False,
        verbose: bool = True,
        earlier: Sequence[Mapping[str, float]] = (),
        sampler: Sampler | None = None,
    ):
        super().__init__()
        # From all over the set: a folder's pictures lie in the order of their labels.
        rows = np.linspace(0, len(images) - 1, min(DRAWN, len(images))).astype(int)
        coarse = _coarse(to_float(images[rows]))
        with np.errstate(invalid="ignore"):  # shares of a variance of 0, which nobody asks for
            self.axes = PCA(min(COMPONENTS, *coarse.shape), svd_solver="full").fit(coarse)
        self.data = self.axes.transform(coarse)
        self.spread, self.spacing = _spread(self.data), _spacing(self.data)
        self.seed = seed
        self.stop_on_collapse = stop_on_collapse
        self.verbose = verbose
        self.sampler = sampler or Sampler()
        self.warnings: dict[str, str] = {}
        self.stopped = False
        self.history: list[dict[str, float]] = [dict(row) for row in earlier]

    def on_epoch_end(self, epoch: int, logs: dict | None = None) -> None:
        """Measure the samples, and judge the last two epochs."""
        logs = {} if logs is None else logs
        logs |= self._diversity() | self._gap()
        step = int(self.model.step.numpy())
        self.history.append({name: float(np.mean(value)) for name, value in logs.items()} | {"step": step})
        if len(self.history) < 2 or step < LEAST_STEPS:
            return
        for symptom in SYMPTOMS:
            for name, finding in symptom(self.history).items():
                if name in self.warnings:
                    continue
                self.warnings[name] = f"epochs {epoch} and {epoch + 1}: {finding}"
                if self.verbose:
                    print(f"\nhealth: {self.warnings[name]}", file=sys.stderr)
        if self.stop_on_collapse and "collapse" in self.warnings:
            self.stopped = self.model.stop_training = True

    def _diversity(self) -> dict[str, float]:
        model = self.model
        if not self.sampler.sources(model) or self.spread < FLAT:
            return {}
        latents = self.sampler.draw(model, len(self.data), (self.seed, 0))
        parts = np.array_split(latents, len(latents) // BATCH or 1)
        images = np.concatenate([np.asarray(model.generate(part)) for part in parts])
        if not np.isfinite(images).all():
            raise NotFinite("samples became not finite")
        samples = self.axes.transform(_coarse(images))
        found = {
            "sample_diversity": _spread(samples) / self.spread,
            "sample_coverage": density_coverage(self.data, samples).coverage,
        }
        # Else most images are repeated, and samples may be; or they all lie on a line or in a plane.
        if self.spacing >= FLAT and np.shape(latents)[-1] > 2:
            found["sample_spacing"] = _spacing(samples) / self.spacing
        return found

    def _gap(self) -> dict[str, float]:
        if len(self.sampler.sources(self.model)) < 2:
            return {}
        gap = self.sampler.code_prior(self.model).gap()
        return {} if gap is None else {"code_prior_gap": gap}


def _spread(points: np.ndarray) -> float:
    return float(np.sqrt(np.var(points, 0).sum()))


def _spacing(points: np.ndarray) -> float:
    return float(np.median(radii(points, 1)))


def _coarse(images: np.ndarray) -> np.ndarray:
    """Images as rows of at most 16×16 pixels, ``[n, pixels]``."""
    side = min(SIDE, images.shape[1])
    return tf.image.resize(images, (side, side), "area").numpy().reshape(len(images), -1)

"""Warn when a training fails, by its figures."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence

import numpy as np
import tensorflow as tf
from sklearn.decomposition import PCA

from tfgan_models.callbacks.model_callback import ModelCallback
from tfgan_models.callbacks.out_of_memory import warn_if_out_of_memory
from tfgan_models.callbacks.symptoms import MIN_STEPS, SYMPTOMS
from tfgan_models.data.pixels import to_float
from tfgan_models.errors import NotFinite
from tfgan_models.latent.parts import in_parts
from tfgan_models.latent.sampler import Sampler
from tfgan_models.latent.truncation import is_continuous
from tfgan_models.metrics.density_coverage import density_coverage
from tfgan_models.metrics.neighbors import radii

NUM_SAMPLES, BATCH, SIDE, COMPONENTS = 256, 64, 16, 32
MIN_SPREAD = 1e-3  # of the data: below it images differ by less than a byte's step in one pixel


class HealthMonitor(ModelCallback):
    """Log the diversity of samples, and warn once about each symptom that lasts for two epochs.

    Symptoms are collapsed samples, a discriminator that is always right, a gate that stays closed, codes far from the
    prior, and exploding or vanishing gradients (``symptoms.py``). ``StopIfNotFinite`` checks for NaN and infinity.
    Samples are compared with images in the data's principal axes at a coarse scale, where the blur and noise of early
    samples matter little. They use the raw weights; averaged weights lag early in training.

    It adds three figures to the logs. ``sample_diversity`` is the spread of samples over the data's (1 is ideal).
    ``sample_spacing`` is the median distance from a sample to its nearest neighbor, over the data's (near 0 if a few
    images are repeated). ``sample_coverage`` is the share of images with a sample in their neighborhood (Naeem et al.
    2020). They are left out if all images of the data are alike. The spacing is also left out for fewer than
    three latent dimensions, not counting those of classes: many samples are then close without being repeated.
    For a model with codes and a prior, a sampler adds ``code_prior_gap``: the difference in log-likelihood of codes
    between a mixture fitted to them and the prior, in nats per code.

    Args:
        images: at least ``MIN_IMAGES`` images of the data, uint8 ``[n, h, w, c]``; 256 of them are used.
        seed: seed of the samples, which have the same latents at every epoch.
        stop_on_collapse: stop the training when samples have collapsed.
        verbose: print warnings on standard error.
        earlier: logs of the run's previous epochs, if it is resumed.
        sampler: draws the samples' latents; by default from the prior, if there is one.

    Attributes:
        warnings: the warnings by the name of the symptom.
        stopped: whether this callback stopped the training.
    """

    MIN_IMAGES = 16

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
        # Spread over the set, because images from Python may be in the order of their labels.
        rows = np.linspace(0, len(images) - 1, min(NUM_SAMPLES, len(images))).astype(int)
        coarse = in_parts(lambda part: _coarse(to_float(images[part])), rows, BATCH)
        with np.errstate(
            invalid="ignore"
        ):  # the explained variance ratio of images that are all equal, which is not used
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

    @warn_if_out_of_memory("a health check")
    def on_epoch_end(self, epoch: int, logs: dict | None = None) -> None:
        """Measure the samples, and look for symptoms in the last two epochs."""
        logs = {} if logs is None else logs
        logs |= self._diversity() | self._gap()
        step = int(self.model.step.numpy())
        self.history.append({name: float(np.mean(value)) for name, value in logs.items()} | {"step": step})
        if len(self.history) < 2 or step < MIN_STEPS:
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
        if not self.sampler.sources(model) or self.spread < MIN_SPREAD:
            return {}
        latents = self.sampler.draw(model, len(self.data), (self.seed, 0))
        size = min(BATCH, model.inference_batch or BATCH)
        samples = self.axes.transform(in_parts(lambda part: _coarse(_finite(model.generate(part))), latents, size))
        figures = {
            "sample_diversity": _spread(samples) / self.spread,
            "sample_coverage": density_coverage(self.data, samples).coverage,
        }
        # Without a spacing in the data repeated samples are correct. So are samples of a class alone, and those of two
        # dimensions are always close.
        if self.spacing >= MIN_SPREAD and is_continuous(np.asarray(latents)).sum() > 2:
            figures["sample_spacing"] = _spacing(samples) / self.spacing
        return figures

    def _gap(self) -> dict[str, float]:
        if len(self.sampler.sources(self.model)) < 2:
            return {}
        gap = self.sampler.code_prior(self.model).gap()
        return {} if gap is None else {"code_prior_gap": gap}


def _spread(points: np.ndarray) -> float:
    return float(np.sqrt(np.var(points, 0).sum()))


def _spacing(points: np.ndarray) -> float:
    return float(np.median(radii(points, 1)))


def _finite(images: tf.Tensor) -> np.ndarray:
    values = np.asarray(images)
    if not np.isfinite(values).all():
        raise NotFinite("samples became not finite")
    return values


def _coarse(images: np.ndarray) -> np.ndarray:
    """Resize images to at most 16×16 pixels and flatten them: ``[n, pixels]``."""
    side = min(SIDE, images.shape[1])
    return tf.image.resize(images, (side, side), "area").numpy().reshape(len(images), -1)

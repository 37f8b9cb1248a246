"""The model of a technique, and its training on mixtures."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, NamedTuple

import keras
import numpy as np
import tensorflow as tf

import tfgan_models
from tfgan_models.lab import networks
from tfgan_models.lab.mixtures import SAMPLES, Mixture, ModeCoverage, score
from tfgan_models.lab.tasks import Settings
from tfgan_models.lab.techniques import TECHNIQUES, Technique
from tfgan_models.models.base import GenerativeModel
from tfgan_models.models.techniques import R1, HistoricalAverage
from tfgan_models.objectives.input_noise import InputNoise
from tfgan_models.objectives.replay import Replay
from tfgan_models.objectives.target_smoothing import TargetOptions

SEED_STRIDE = 1 << 32  # steps between the step counters of two seeds


class Outcome(NamedTuple):
    """Outcome of a run.

    Attributes:
        score: score of the last samples.
        looks: float32 ``[looks, SAMPLES, 2]``, samples of the same latents during training.
    """

    score: ModeCoverage
    looks: np.ndarray


def build(technique: Technique, learning_rate: float) -> GenerativeModel:
    """Build and compile the model of a technique, with new initial weights."""
    generator = networks.generator(**technique.generator)
    options = _objects(technique)
    opponents = (
        networks.autoencoder() if technique.model == "EBGAN" else [networks.discriminator(**technique.discriminator)]
    )
    model = getattr(tfgan_models, technique.model)(generator, *opponents, **options)
    own = {"discriminator": technique.discriminator_optimizer}
    kinds = {player: own.get(player) or technique.optimizer for player in model.players}
    optimizers = {
        player: getattr(keras.optimizers, kind.name)(learning_rate * kind.rate, **kind.options)
        for player, kind in kinds.items()
    }
    model.compile(gradient_clip=technique.gradient_clip, **optimizers)
    return model


def _objects(technique: Technique) -> dict[str, Any]:
    """Arguments of the model, with the objects that its plain data stand for."""
    options = dict(technique.options)
    kinds = {"r1": R1, "historical_averaging": HistoricalAverage}
    penalties = [kinds[name](options.pop(name)) for name in kinds if name in options]
    if penalties:
        options["penalties"] = penalties
    if technique.label_tricks:
        options["targets"] = TargetOptions.from_config(dict(technique.label_tricks))
    for name, kind in (("input_noise", InputNoise), ("replay", Replay)):
        if name in options:
            options[name] = kind(*options[name])
    if "joined_batch" in options:
        options["concat_real_fake"] = options.pop("joined_batch")
    return options


@functools.lru_cache(maxsize=1)
def _traced(name: str, batch_size: int, learning_rate: float) -> tuple[GenerativeModel, Callable]:
    """Build a technique's model and a function that trains it, which is traced once for all mixtures and seeds."""
    keras.utils.set_random_seed(0)  # layers with dropout or noise keep a seed that they draw, and the trace has it
    model = build(TECHNIQUES[name], learning_rate)
    points = batch_size * model.minibatches
    train_step = tf.autograph.experimental.do_not_convert(model.train_step)

    @tf.function
    def train(centers: tf.Tensor, deviation: tf.Tensor, steps: tf.Tensor) -> None:
        for _ in tf.range(steps):
            # A uniform number below 1 in float32, times the number of modes, never rounds to the number of modes.
            uniform = model.noise("mode", points, (), tf.random.stateless_uniform)
            mode = tf.cast(uniform * tf.cast(tf.shape(centers)[0], tf.float32), tf.int32)
            train_step({"image": tf.gather(centers, mode) + deviation * model.noise("point", points, (2,))})

    return model, train


def _all_variables(model: GenerativeModel) -> list[keras.Variable]:
    return [*model.variables, *(v for player in model.players for v in model.optimizers[player].variables)]


def _latents(prior: str, seed: int) -> np.ndarray:
    """Latents of a prior for all samples of a run, float32 ``[SAMPLES, LATENT_DIM]``."""
    random, shape = np.random.default_rng(seed), (SAMPLES, networks.LATENT_DIM)
    if prior == "centered_uniform":
        return random.uniform(-1, 1, shape).astype(np.float32)
    return random.standard_normal(shape, np.float32)


def run(name: str, mixture: Mixture, seed: int, settings: Settings) -> Outcome:
    """Train a technique's model on a mixture, with samples at equal intervals.

    Args:
        name: a key of ``TECHNIQUES``.
        mixture: distribution of the real points.
        seed: seed of initial weights, points and latents.
        settings: settings of the table.
    """
    model, train = _traced(name, settings.batch_size, settings.learning_rate)
    keras.utils.set_random_seed(seed)
    for variable, value in zip(
        _all_variables(model), _all_variables(build(TECHNIQUES[name], settings.learning_rate)), strict=True
    ):
        variable.assign(value)
    # All noise is a pure function of the model's seed and step, so an offset of the step is a new seed.
    model.step.assign(seed * SEED_STRIDE)
    latents = _latents(model.prior_name, seed)
    centers, deviation = tf.constant(mixture.centers, tf.float32), tf.constant(mixture.deviation, tf.float32)
    looks, steps_done = [], 0
    for look in range(1, settings.looks + 1):
        until = settings.steps * look // settings.looks
        train(centers, deviation, tf.constant(until - steps_done))
        looks.append(np.asarray(model.generate(latents)))
        steps_done = until
    return Outcome(score(looks[-1], mixture), np.stack(looks))

"""A hack's model, and its runs on mixtures."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, NamedTuple

import keras
import numpy as np
import tensorflow as tf

import tfgan_models
from tfgan_models.lab import networks
from tfgan_models.lab.mixtures import SAMPLES, Mixture, Score, score
from tfgan_models.lab.settings import Settings
from tfgan_models.lab.techniques import HACKS, Hack
from tfgan_models.models.base import GenerativeModel
from tfgan_models.models.techniques import R1, HistoricalAverage
from tfgan_models.objectives.target_smoothing import TargetOptions

FAR = 1 << 32  # steps between the counts of two seeds


class Outcome(NamedTuple):
    """What a run gave.

    Attributes:
        score: at the end.
        looks: float32 ``[looks, SAMPLES, 2]``, samples of the same latents on the way.
    """

    score: Score
    looks: np.ndarray


def build(hack: Hack, learning_rate: float) -> GenerativeModel:
    """The compiled model of a hack, with new initial weights."""
    generator = networks.generator(**hack.generator)
    options = _objects(hack)
    opponents = networks.autoencoder() if hack.model == "EBGAN" else [networks.discriminator(**hack.discriminator)]
    model = getattr(tfgan_models, hack.model)(generator, *opponents, **options)
    optimizer = getattr(keras.optimizers, hack.optimizer.name)
    rate = learning_rate * hack.optimizer.rate
    model.compile(
        gradient_clip=hack.gradient_clip,
        **{player: optimizer(rate, **hack.optimizer.options) for player in model.players},
    )
    return model


def _objects(hack: Hack) -> dict[str, Any]:
    """Arguments of the model, with the objects that its plain data stand for."""
    options = dict(hack.options)
    kinds = {"r1": R1, "historical_averaging": HistoricalAverage}
    penalties = [kinds[name](options.pop(name)) for name in kinds if name in options]
    if penalties:
        options["penalties"] = penalties
    if hack.label_tricks:
        options["targets"] = TargetOptions.from_config(dict(hack.label_tricks))
    if "joined_batch" in options:
        options["concat_real_fake"] = options.pop("joined_batch")
    return options


@functools.lru_cache(maxsize=1)
def _traced(name: str, batch_size: int, learning_rate: float) -> tuple[GenerativeModel, Callable]:
    """A hack's model and the function that trains it on a mixture: traced once for all mixtures and seeds."""
    model = build(HACKS[name], learning_rate)
    points = batch_size * getattr(model, "minibatches", 1)
    train_step = tf.autograph.experimental.do_not_convert(model.train_step)

    @tf.function
    def train(centres: tf.Tensor, deviation: tf.Tensor, steps: tf.Tensor) -> None:
        for _ in tf.range(steps):
            # Below 1 in float32, times the number of modes: never the number itself.
            uniform = model.noise("mode", points, (), tf.random.stateless_uniform)
            mode = tf.cast(uniform * tf.cast(tf.shape(centres)[0], tf.float32), tf.int32)
            train_step({"image": tf.gather(centres, mode) + deviation * model.noise("point", points, (2,))})

    return model, train


def _everything(model: GenerativeModel) -> list[keras.Variable]:
    return [*model.variables, *(v for player in model.players for v in model.optimizers[player].variables)]


def run(name: str, mixture: Mixture, seed: int, settings: Settings) -> Outcome:
    """Train a hack's model on a mixture and look at its samples on the way.

    Args:
        name: of the hack, a key of ``HACKS``.
        mixture: what points are drawn from.
        seed: decides initial weights, points and latents.
        settings: of the table.
    """
    model, train = _traced(name, settings.batch_size, settings.learning_rate)
    keras.utils.set_random_seed(seed)
    for variable, value in zip(
        _everything(model), _everything(build(HACKS[name], settings.learning_rate)), strict=True
    ):
        variable.assign(value)
    # All noise is a pure function of (the model's seed, step): so a seed is a place to count from, and needs no trace.
    model.step.assign(seed * FAR)
    latents = np.random.default_rng(seed).standard_normal((SAMPLES, networks.LATENT_DIM), np.float32)
    centres, deviation = tf.constant(mixture.centres, tf.float32), tf.constant(mixture.deviation, tf.float32)
    looks, done = [], 0
    for look in range(1, settings.looks + 1):
        until = settings.steps * look // settings.looks
        train(centres, deviation, tf.constant(until - done))
        looks.append(np.asarray(model.generate(latents)))
        done = until
    return Outcome(score(looks[-1], mixture), np.stack(looks))

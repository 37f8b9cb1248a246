"""Hacks become models, and runs repeat."""

from __future__ import annotations

from collections.abc import Iterator

import keras
import numpy as np
import pytest
import tensorflow as tf

from tests.tiers import tiered
from tfgan_models.lab import networks, training
from tfgan_models.lab.mixtures import MIXTURES
from tfgan_models.lab.tasks import Settings
from tfgan_models.lab.techniques import TECHNIQUES
from tfgan_models.layers import (
    BatchNormalization,
    LatentDropout,
    LatentNoise,
    Maxout,
    MinibatchDiscrimination,
    SpectralNormalization,
    VirtualBatchNormalization,
)

SHORT = Settings(steps=10, batch_size=16, looks=2)
BRIEF = Settings(steps=2, batch_size=16, looks=2)
RING, GRID = MIXTURES["ring"], MIXTURES["grid"]


def looks(technique: str, mixture=RING, seed: int = 0) -> np.ndarray:
    return training.run(technique, mixture, seed, SHORT).looks


NOISY = ["dropout", "generator_noise", "generator_dropout", "historical_averaging"]


@pytest.mark.parametrize(
    "technique",
    tiered(NOISY, NOISY[:2]),
)
def test_a_run_depends_on_its_seed_and_not_on_what_ran_before(technique):
    """Models are traced once for all seeds and mixtures: nothing of a run may stay for the next."""
    first = looks(technique, RING, seed=1)
    alternatives = [looks(technique, GRID, seed=1), looks(technique, RING, seed=0)]
    np.testing.assert_array_equal(looks(technique, RING, seed=1), first)
    training._traced.cache_clear()
    np.testing.assert_array_equal(looks(technique, RING, seed=1), first)
    for other in alternatives:
        assert np.abs(other - first).max() > 1e-3


def test_the_samples_scored_are_those_after_all_steps():
    outcome = training.run("base", RING, 0, SHORT)
    assert outcome.looks.shape == (2, training.SAMPLES, 2)
    assert outcome.score == training.score(outcome.looks[-1], RING)
    np.testing.assert_array_equal(outcome.looks[0], training.run("base", RING, 0, Settings(5, 16, looks=1)).looks[0])
    assert np.abs(outcome.looks[1] - outcome.looks[0]).max() > 1e-3


def test_a_seed_decides_initial_weights_points_and_latents():
    """After no step but the first one's weights: two seeds share nothing."""
    still = Settings(steps=1, batch_size=16, learning_rate=1e-30, looks=1)
    zero, one = (training.run("base", RING, seed, still).looks for seed in (0, 1))
    assert np.abs(np.corrcoef(zero.ravel(), one.ravel())[0, 1]) < 0.9


@pytest.mark.parametrize(
    ("technique", "network", "layer"),
    [
        ("maxout", "discriminator", Maxout),
        ("batch_norm", "discriminator", BatchNormalization),
        ("batch_norm_joined", "discriminator", BatchNormalization),
        ("batch_norm_generator", "generator", BatchNormalization),
        ("generator_dropout", "generator", LatentDropout),
        ("generator_dropout_in_samples", "generator", LatentDropout),
        ("generator_noise", "generator", LatentNoise),
        ("generator_leaky_relu", "generator", keras.layers.LeakyReLU),
        ("virtual_batch_norm", "generator", VirtualBatchNormalization),
        ("spectral_norm", "discriminator", SpectralNormalization),
        ("minibatch_discrimination", "discriminator", MinibatchDiscrimination),
    ],
)
def test_a_layer_is_where_its_technique_says_and_nowhere_in_the_base(technique, network, layer):
    def has(name: str) -> bool:
        return any(
            isinstance(actual, layer) for actual in getattr(training.build(TECHNIQUES[name], 1e-3), network).layers
        )

    assert has(technique)
    assert not has("base")


def test_every_technique_is_another_game_than_the_base():
    """No two rows are the same by mistake."""
    fields = [
        str({k: v for k, v in vars(technique).items() if k not in ("description", "cost")})
        for technique in TECHNIQUES.values()
    ]
    assert len(set(fields)) == len(TECHNIQUES)


@pytest.fixture
def eager() -> Iterator[None]:
    """Functions run without a graph, whose making takes most of a short run's time; tests/models has the graphs."""
    tf.config.run_functions_eagerly(True)
    yield
    tf.config.run_functions_eagerly(False)


@pytest.mark.usefixtures("eager")
@pytest.mark.parametrize("technique", tiered(TECHNIQUES, ["base", "wgan"]))
def test_every_technique_trains(technique):
    samples = training.run(technique, RING, 0, BRIEF).looks
    assert np.isfinite(samples).all()
    assert np.abs(samples[1] - samples[0]).max() > 1e-5
    model, _ = training._traced(technique, BRIEF.batch_size, BRIEF.learning_rate)
    assert type(model).__name__ == TECHNIQUES[technique].model
    for player in model.players:
        assert int(model.optimizers[player].iterations) >= BRIEF.steps


def test_networks_take_points():
    assert networks.generator().output_shape == (None, 2)
    encoder, decoder = networks.autoencoder()
    assert (encoder.input_shape, decoder.output_shape) == ((None, 2), (None, 2))

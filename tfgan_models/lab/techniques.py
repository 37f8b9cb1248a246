"""Techniques that the laboratory compares, as plain data. Each one alone is added to the base."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any


@dataclasses.dataclass(frozen=True)
class Optimizer:
    """A player's optimizer.

    Attributes:
        name: name of a class in ``keras.optimizers``.
        rate: factor on the learning rate.
        options: further arguments of the class.
    """

    name: str = "Adam"
    rate: float = 1.0
    options: Mapping[str, float] = dataclasses.field(default_factory=lambda: {"beta_1": 0.5})


@dataclasses.dataclass(frozen=True)
class Technique:
    """One row of a table.

    Attributes:
        description: a few words for the table.
        model: name of the model's class.
        options: arguments of the model; the options r1 and historical_averaging are the weights of penalties, and those
            of input_noise and replay are their arguments.
        label_tricks: arguments of ``TargetOptions``, with ``flip`` in place of ``swap``, as in earlier results files.
        generator: arguments of ``networks.generator``.
        discriminator: arguments of ``networks.discriminator``.
        optimizer: optimizer of both players.
        discriminator_optimizer: optimizer of the discriminator; None for that of both.
        gradient_clip: argument of ``compile``.
        cost: duration of a step relative to the base, from which the remaining time is estimated.
    """

    description: str
    model: str = "GAN"
    options: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    label_tricks: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    generator: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    discriminator: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    optimizer: Optimizer = dataclasses.field(default_factory=Optimizer)
    discriminator_optimizer: Optimizer | None = None
    gradient_clip: float | None = None
    cost: float = 1.0


TECHNIQUES = {
    "base": Technique("non-saturating loss, Adam with β₁ 0.5"),
    "minimax": Technique("the minimax game's loss", options={"loss": "minimax"}),
    "least_squares": Technique("least squares in place of cross-entropy", options={"loss": "least_squares"}),
    "hinge": Technique("hinge loss", options={"loss": "hinge"}),
    "three_steps": Technique(
        "three steps of the discriminator for each of the generator", options={"discriminator_steps": 3}
    ),
    "three_generator_steps": Technique(
        "three steps of the generator for each of the discriminator", options={"generator_steps": 3}, cost=2.0
    ),
    "sequential": Technique(
        "the discriminator moves first, then the generator on new noise", options={"sequential_updates": True}, cost=1.3
    ),
    "momentum": Technique(
        "stochastic gradient descent, momentum 0.5, 5 times the rate",
        optimizer=Optimizer("SGD", 5.0, {"momentum": 0.5}),
    ),
    "momentum_discriminator": Technique(
        "the same for the discriminator alone, beside Adam for the generator",
        discriminator_optimizer=Optimizer("SGD", 5.0, {"momentum": 0.5}),
    ),
    "smoothing": Technique("one-sided label smoothing, 0.9", label_tricks={"real": 0.9}),
    "smoothing_both": Technique("the same, with a target of 0.1 for fakes", label_tricks={"real": 0.9, "fake": 0.1}),
    "fake_target": Technique("a target of 0.1 for fakes, 1 for real points", label_tricks={"fake": 0.1}),
    "noisy_labels": Technique("targets from 0.7 to 1 and from 0 to 0.3", label_tricks={"noise": 0.3}),
    "flipped_labels": Technique("labels flipped in every twentieth step", label_tricks={"flip_every": 20}),
    "dropout": Technique("dropout of 0.3 in the discriminator", discriminator={"dropout": 0.3}),
    "generator_dropout": Technique(
        "dropout of 0.3 in the generator, in training", generator={"dropout": 0.3}, cost=1.3
    ),
    "generator_dropout_in_samples": Technique(
        "the same, also in samples", generator={"dropout": 0.3, "in_samples": True}, cost=1.3
    ),
    "generator_noise": Technique(
        "noise of 0.1 on the generator's hidden layers, in training", generator={"noise": 0.1}, cost=1.3
    ),
    "generator_leaky_relu": Technique("LeakyReLU of slope 0.2 in the generator", generator={"leaky": True}),
    "maxout": Technique("maxout of 3 pieces in the discriminator", discriminator={"maxout": 3}, cost=4.0),
    "batch_norm": Technique("batch normalization in the discriminator", discriminator={"normalization": "batch"}),
    "batch_norm_joined": Technique(
        "the same, real points and fakes in one batch",
        options={"joined_batch": True},
        discriminator={"normalization": "batch"},
    ),
    "batch_norm_generator": Technique("batch normalization in the generator", generator={"normalization": "batch"}),
    "virtual_batch_norm": Technique(
        "virtual batch normalization in the generator", generator={"normalization": "virtual"}, cost=2.0
    ),
    "spectral_norm": Technique(
        "spectral normalization of the discriminator", discriminator={"normalization": "spectral"}
    ),
    "spectral_norm_steep": Technique(
        "the same, logits times 10", discriminator={"normalization": "spectral", "gain": 10.0}
    ),
    "feature_matching": Technique(
        "the generator matches the mean of the last hidden layer", options={"feature_matching": "features"}
    ),
    "minibatch_discrimination": Technique(
        "the discriminator sees how close a batch's points are",
        discriminator={"minibatch_discrimination": True},
        cost=5.0,
    ),
    "minibatch_discrimination_r1": Technique(
        "the same, with the gradient penalty of r1",
        options={"r1": 0.1},
        discriminator={"minibatch_discrimination": True},
        cost=7.0,
    ),
    "minibatch_discrimination_weak_r1": Technique(
        "the same, with the gradient penalty of weak_r1",
        options={"r1": 0.003},
        discriminator={"minibatch_discrimination": True},
        cost=7.0,
    ),
    "historical_averaging": Technique(
        "penalty on the distance of weights from their past mean", options={"historical_averaging": 1e-3}
    ),
    "r1": Technique("zero-centered gradient penalty on real points, γ 0.1", options={"r1": 0.1}, cost=1.3),
    "weak_r1": Technique("the same, γ 0.003", options={"r1": 0.003}, cost=1.3),
    "input_noise": Technique(
        "noise of 0.3 on the discriminator's inputs, which decays in 3,000 steps",
        options={"input_noise": (0.3, 3000)},
    ),
    "uniform_prior": Technique("latents uniform on [-1, 1]", options={"prior_name": "centered_uniform"}),
    "narrow_generator": Technique("a generator of 32 units in each layer, not 128", generator={"units": 32}),
    "wide_generator": Technique("the same, 512 units", generator={"units": 512}, cost=3.0),
    "replay": Technique(
        "half of the discriminator's fakes are past ones, of the last 100 steps",
        options={"replay": (12_800, 0.5)},
        cost=1.3,
    ),
    "gradient_clip": Technique("gradients' elements clipped to ±0.1", gradient_clip=0.1),
    "wgan": Technique(
        "Wasserstein GAN, 5 critic steps, weights clipped to ±0.1, RMSprop",
        model="WGAN",
        options={"critic_steps": 5, "clip": 0.1},
        optimizer=Optimizer("RMSprop", 0.5, {"epsilon": 1e-16}),  # Keras' own slows weights with small gradients
        cost=2.5,
    ),
    "wgan_gp": Technique(
        "Wasserstein GAN with gradient penalty, 5 critic steps",
        model="WGANGP",
        options={"critic_steps": 5, "penalty_weight": 0.1},
        optimizer=Optimizer(options={"beta_1": 0.0, "beta_2": 0.9}),
        cost=4.5,
    ),
    "ebgan": Technique("energy-based GAN with the pull-away term", model="EBGAN", options={"margin": 1.0}),
    "r3gan": Technique(
        "relativistic GAN with penalties on real points and fakes, γ 0.1",
        model="R3GAN",
        options={"gamma": 0.1},
        optimizer=Optimizer(options={"beta_1": 0.0, "beta_2": 0.99}),
        cost=1.6,
    ),
}

# Each of them takes as long as nine others.
EXCLUDED_FROM_ALL = ("minibatch_discrimination_r1", "minibatch_discrimination_weak_r1")

"""The presets of the papers: their flags, and the models that they build."""

from __future__ import annotations

import sys
from types import SimpleNamespace

import numpy as np

from tfgan_models.cli import command_line, train
from tfgan_models.training import flags as common_flags


def preset(monkeypatch, name: str, *arguments: str):
    """A recipe, and the checked flags of one of its presets with others beside it."""
    recipe = train.load(name)
    monkeypatch.setattr(sys, "argv", [f"{name}.py", "--preset", *arguments])
    flags = command_line.read(recipe.flags, recipe.presets)
    common_flags.check(flags)
    return recipe, flags


def test_preset_gulrajani_of_wgan_gp(monkeypatch):
    recipe, flags = preset(monkeypatch, "wgan_gp", "gulrajani", "--width", "0.1")
    assert (flags.training.learning_rate, flags.training.batch_size, flags.training.ema) == (1e-4, 64, None)
    assert flags.training.epochs * flags.training.steps_per_epoch == 200_000
    model = recipe.build(flags, SimpleNamespace(images=np.zeros((8, 32, 32, 3), np.uint8), attribute_names=()))
    assert (model.critic_steps, model.penalty_weight) == (5, 10.0)
    assert {(o.beta_1, o.beta_2) for o in model.optimizers.values()} == {(0.0, 0.9)}


def test_preset_larsen_of_vaegan_with_another_flag(monkeypatch):
    recipe, flags = preset(monkeypatch, "vaegan", "larsen", "--width", "0.1")
    assert (flags.data.image_size, flags.training.epochs, flags.training.steps_per_epoch) == (64, 250, 250)
    assert (flags.training.decay_power, flags.training.learning_rate_decay) == (0.75, 1.0)
    model = recipe.build(flags, SimpleNamespace(images=np.zeros((8, 64, 64, 3), np.uint8), attribute_names=()))
    assert (model.similarity_layer, model.relative_error, model.gamma, model.beta) == (("features",), False, 1e-6, 1.0)
    assert (model.loss, model.judge_reconstructions, model.equilibrium) == ("minimax", True, None)
    assert not model.balanced_gradients
    assert model.discriminator.get_layer("features").kernel.shape == (5, 5, 32, 32)
    assert {type(optimizer).__name__ for optimizer in model.optimizers.values()} == {"RMSprop"}


def test_preset_bergamini_of_vaegan(monkeypatch):
    recipe, flags = preset(monkeypatch, "vaegan", "bergamini", "--width", "0.1")
    training = flags.training
    assert (training.epochs, training.batch_size, training.learning_rate) == (12, 64, 3e-4)
    assert (training.learning_rate_decay, training.decay_power, training.ema) == (0.75, 0.0, None)
    model = recipe.build(flags, SimpleNamespace(images=np.zeros((8, 64, 64, 3), np.uint8), attribute_names=()))
    assert (model.equilibrium, model.equilibrium_margin, model.judge_reconstructions) == (0.68, 0.35, False)
    assert (model.similarity_layer, model.gamma, model.beta, model.loss) == (("features",), 1e-6, 1.0, "minimax")
    assert {type(optimizer).__name__ for optimizer in model.optimizers.values()} == {"RMSprop"}

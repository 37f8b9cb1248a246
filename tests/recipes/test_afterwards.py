"""What follows a training is said before it, because it may take longer."""

from __future__ import annotations

import dataclasses
from types import SimpleNamespace

import numpy as np
import pytest

from tests.models.small import MODELS, compiled
from tfgan_models.callbacks.classification import Classification
from tfgan_models.data import sources
from tfgan_models.metrics.two_sample import MIN_CODES
from tfgan_models.recipes import _vae_comparison, aae, aae_semi_supervised, improved_gan
from tfgan_models.training.flags import Training
from tfgan_models.training.recipe import CallbackContext
from tfgan_models.training.start_flags import Best


def test_a_baseline_is_announced_unless_an_earlier_start_has_trained_it(tmp_path, capsys):
    def begin(flags: improved_gan.ImprovedGANFlags) -> list[str]:
        context = CallbackContext(None, SimpleNamespace(labels=np.zeros(9)), None, tmp_path, None, None)
        (callback,) = improved_gan.RECIPE.callbacks(flags, context)
        assert isinstance(callback, Classification)
        return capsys.readouterr().out.splitlines()

    flags = improved_gan.ImprovedGANFlags()
    (line,) = begin(flags)
    assert line.startswith("afterwards:  2000 steps of a baseline, the same classifier on the labeled pictures alone;")
    assert line.endswith("--baseline_steps 0 disables it")
    (tmp_path / "errors.json").write_text(
        '{"labels": 50, "label_seed": 1, "baseline_steps": 2000, "baseline_error": 0.1}'
    )
    assert begin(flags) == []  # an earlier start has trained it
    flags.model.baseline_steps = 3000
    assert len(begin(flags)) == 1
    flags.output.verbose = 0
    assert begin(flags) == []
    flags.output.verbose, flags.model.baseline_steps = 1, 0
    assert begin(flags) == []
    flags.model.num_labels, flags.model.baseline_steps = (0,), 3000
    assert begin(flags) == []


def test_a_vae_that_will_be_compared_is_announced(capsys):
    enough, few = (SimpleNamespace(images=[0] * count) for count in (MIN_CODES, MIN_CODES - 1))
    flags = aae.AAEFlags()
    _vae_comparison.announce(flags, enough)
    said = capsys.readouterr().out
    flags.best = Best(keep_best="val_pixel_error", patience=3)
    _vae_comparison.announce(flags, enough)
    assert "  at most 100 epochs of a VAE" in capsys.readouterr().out
    flags.best = Best()
    assert said.startswith("afterwards:  100 epochs of a VAE") and said.endswith("--vae_epochs 0 disables it\n")
    _vae_comparison.announce(flags, few)
    flags.model.vae_epochs = 0
    _vae_comparison.announce(flags, enough)
    flags.model.vae_epochs, flags.output.verbose = 7, 0
    _vae_comparison.announce(flags, enough)
    assert capsys.readouterr().out == ""
    flags.output.verbose = 1
    _vae_comparison.announce(flags, enough)
    assert "  7 epochs" in capsys.readouterr().out


def test_the_baseline_has_the_optimizer_of_the_run():
    digits = sources.load("digits", "train", image_size=8)
    model = dataclasses.replace(aae_semi_supervised.RECIPE.flags().model, momentum=0.5, network="mlp", width=0.1)
    for kind, name in (("sgd", "momentum"), ("adam", "beta_1")):
        flags = aae_semi_supervised.SemiSupervisedAAEFlags(model=dataclasses.replace(model, optimizer=kind))
        _, make = aae_semi_supervised.classifier(flags, digits)
        optimizer = make(0.25)
        assert getattr(optimizer, name) == 0.5 and float(optimizer.learning_rate) == 0.25


@pytest.mark.parametrize(("vae_epochs", "share"), [(2, 1 / 2), (None, 15 / 16)])
def test_the_vae_has_the_learning_rates_of_the_run(vae_epochs, share):
    training = Training(epochs=9, steps_per_epoch=1, schedule="linear", warmup=1, batch_size=20)
    flags = aae.AAEFlags(training=training)
    flags.model.vae_epochs = vae_epochs
    digits = sources.load("digits", "train", image_size=8)
    run = SimpleNamespace(flags=flags, train=digits, model=compiled(MODELS["aae"]))
    (optimizer,) = _vae_comparison._vae(run, 2).optimizers.values()
    # The line from 1 to 0 after the warm-up: its middle if it has one epoch; if --patience has ended the run in the
    # second epoch, that of the first of its eight epochs.
    np.testing.assert_allclose(float(optimizer.learning_rate), share * training.learning_rate, rtol=1e-5)

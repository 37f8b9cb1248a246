"""Learning rates fall from epoch to epoch, gate or no gate, and go on falling in a resumed run."""

from __future__ import annotations

import keras
import numpy as np
import pytest
import tensorflow as tf

from tests.models.small import batch, compiled, vae_gan
from tfgan_models import checkpoint
from tfgan_models.callbacks.learning_rate import LearningRateDecay


def train(model, epochs: int, first: int = 0, decay: float = 0.5, cooldown: float = 0.0) -> dict[str, float]:
    data = tf.data.Dataset.from_tensors(batch()).repeat()
    model.fit(
        data,
        initial_epoch=first,
        epochs=epochs,
        steps_per_epoch=2,
        shuffle=False,
        verbose=0,
        callbacks=[LearningRateDecay(decay, cooldown)],
    )
    return {player: float(optimizer.learning_rate) for player, optimizer in model.optimizers.items()}


def make():
    # With the centre at 9 no cross-entropy is high enough for the discriminator to learn.
    return compiled(lambda: vae_gan(equilibrium=9.0), lambda: keras.optimizers.RMSprop(1e-3))


def test_all_rates_fall_whatever_the_gates_do():
    model = make()
    assert list(train(model, 3).values()) == pytest.approx([2.5e-4] * 3)
    assert int(model.optimizers["discriminator"].iterations) == 0


def test_a_resumed_run_goes_on_at_its_rate(tmp_path):
    model = make()
    train(model, 2)
    saved, again = checkpoint.save(model, tmp_path, 2), make()
    checkpoint.restore(again, saved)
    assert list(train(again, 3, first=2).values()) == pytest.approx([2.5e-4] * 3)


def test_rates_stay_and_then_fall_along_half_a_cosine():
    rates = [train(make(), 4, 4 - left, decay=1.0, cooldown=0.5)["encoder"] for left in (3, 2, 1)]
    # Resumed after 1, 2 and 3 epochs at the first rate, so that each multiplies what is left of the four epochs.
    middle, last = ((1 + np.cos(np.pi * part)) / 2 for part in (0.25, 0.75))
    assert rates == pytest.approx([1e-3 * last, 1e-3 * last, 1e-3 * last / middle], rel=1e-5)


def test_a_resumed_run_cools_down_as_an_undisturbed_one(tmp_path):
    whole, model = make(), make()
    expected = train(whole, 5, decay=0.9, cooldown=0.6)
    data = tf.data.Dataset.from_tensors(batch()).repeat()

    class Stop(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            self.model.stop_training = epoch == 2

    model.fit(
        data, epochs=5, steps_per_epoch=2, shuffle=False, verbose=0, callbacks=[LearningRateDecay(0.9, 0.6), Stop()]
    )
    saved, again = checkpoint.save(model, tmp_path, 3), make()
    checkpoint.restore(again, saved)
    assert train(again, 5, first=3, decay=0.9, cooldown=0.6) == pytest.approx(expected)
    assert expected["encoder"] < 1e-4

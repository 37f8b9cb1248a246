"""Learning rates fall from epoch to epoch, gate or no gate, and go on falling in a resumed run."""

from __future__ import annotations

import keras
import pytest
import tensorflow as tf

from tests.models.small import batch, compiled, vae_gan
from tfgan_models import checkpoint
from tfgan_models.callbacks.learning_rate import LearningRateDecay


def train(model, epochs: int, first: int = 0) -> dict[str, float]:
    data = tf.data.Dataset.from_tensors(batch()).repeat()
    model.fit(
        data,
        initial_epoch=first,
        epochs=epochs,
        steps_per_epoch=2,
        shuffle=False,
        verbose=0,
        callbacks=[LearningRateDecay(0.5)],
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

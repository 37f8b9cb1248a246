"""Learning rates fall from epoch to epoch, gate or no gate, and go on falling in a resumed run."""

from __future__ import annotations

from types import SimpleNamespace

import keras
import numpy as np
import pytest
import tensorflow as tf

from tests.models.small import batch, compiled, vae_gan
from tfgan_models.callbacks.learning_rate import LearningRateDecay
from tfgan_models.training import checkpoint


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
    # With the center at 9 no cross-entropy is high enough for the discriminator to learn.
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


def run_epochs(
    optimizer, epochs: int, first: int = 0, decay: float = 1.0, cooldown: float = 0.0, power: float = 0.0, **options
) -> list[float]:
    """The rate of each epoch from the first on, as a new callback sets it."""
    callback, rates = LearningRateDecay(decay, cooldown, power, **options), []
    callback.set_params({"epochs": epochs})
    callback.set_model(SimpleNamespace(optimizers={"player": optimizer}))
    for epoch in range(first, epochs):
        callback.on_epoch_begin(epoch)
        rates.append(float(optimizer.learning_rate))
    return rates


def test_rates_stay_and_then_fall_along_half_a_cosine():
    rates = run_epochs(keras.optimizers.SGD(1e-3), 4, cooldown=0.5)
    middle, last = ((1 + np.cos(np.pi * part)) / 2 for part in (0.25, 0.75))
    assert rates == pytest.approx([1e-3, 1e-3, 1e-3 * middle, 1e-3 * last])
    assert run_epochs(keras.optimizers.SGD(1e-3), 3, decay=0.9) == pytest.approx([1e-3, 9e-4, 8.1e-4])
    assert run_epochs(keras.optimizers.SGD(1e-3), 2, cooldown=1.0) == pytest.approx([1e-3 * middle, 1e-3 * last])


def test_a_resumed_run_cools_down_as_an_undisturbed_one():
    whole = run_epochs(keras.optimizers.SGD(1e-3), 5, decay=0.9, cooldown=0.6)
    resumed = keras.optimizers.SGD(whole[2])
    assert run_epochs(resumed, 5, first=3, decay=0.9, cooldown=0.6) == pytest.approx(whole[3:])
    assert whole[-1] < 1e-4


def test_the_fall_by_a_power_is_that_of_larsen_et_al():
    """(0.025 - (epoch / 250) ** 0.75 * (0.025 - 1e-5)) / 64, and a resumed run goes on along it."""
    whole = run_epochs(keras.optimizers.SGD(0.025 / 64), 250, power=0.75)
    expected = (0.025 - (np.arange(250) / 250) ** 0.75 * (0.025 - 1e-5)) / 64
    assert whole == pytest.approx(expected.tolist(), rel=1e-3)
    resumed = keras.optimizers.SGD(whole[99])
    assert run_epochs(resumed, 250, first=100, power=0.75) == pytest.approx(whole[100:], rel=1e-3)


def middles(schedule: str, epochs: int) -> list[float]:
    done = (np.arange(epochs) + 0.5) / epochs
    return {"exponential": 0.01**done, "linear": 1 - done, "cosine": (1 + np.cos(np.pi * done)) / 2}[schedule].tolist()


@pytest.mark.parametrize("schedule", ["exponential", "linear", "cosine"])
def test_a_schedule_has_its_value_in_the_middle_of_each_epoch(schedule):
    whole = run_epochs(keras.optimizers.SGD(1.0), 8, schedule=schedule)
    assert whole == pytest.approx(middles(schedule, 8), rel=1e-5)
    resumed = keras.optimizers.SGD(whole[4])
    assert run_epochs(resumed, 8, first=5, schedule=schedule) == pytest.approx(whole[5:], rel=1e-6)
    after_warmup = run_epochs(keras.optimizers.SGD(1.0), 10, schedule=schedule, warmup=2)
    assert after_warmup[2:] == pytest.approx(middles(schedule, 8), rel=1e-5)


def test_the_default_multiplies_by_exactly_one():
    assert run_epochs(keras.optimizers.SGD(3e-4), 3) == [float(np.float32(3e-4))] * 3


def rates_of_steps(optimizer, epochs: int, first: int = 0, steps: int = 4, **options) -> list[float]:
    """The rate of each step from the first epoch on, and that at the end of each epoch."""
    callback, rates = LearningRateDecay(1.0, **options), []
    callback.set_params({"epochs": epochs, "steps": steps})
    callback.set_model(SimpleNamespace(optimizers={"player": optimizer}))
    for epoch in range(first, epochs):
        callback.on_epoch_begin(epoch)
        for number in range(steps):
            callback.on_train_batch_begin(number)
            rates.append(float(optimizer.learning_rate))
        callback.on_epoch_end(epoch)
    return rates


def test_a_warm_up_rises_with_every_step_also_in_a_resumed_run():
    rates = rates_of_steps(keras.optimizers.SGD(0.8), 4, warmup=2)
    assert rates == pytest.approx([0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8] + [0.8] * 8)
    resumed = keras.optimizers.SGD(rates[3])  # as the checkpoint of the first epoch has it
    assert rates_of_steps(resumed, 4, first=1, warmup=2) == rates[4:]

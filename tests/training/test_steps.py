"""Number of steps in one call of the compiled function, which makes no difference to the weights."""

from __future__ import annotations

from types import SimpleNamespace

import keras
import numpy as np
import pytest
import tensorflow as tf

from tests.models.small import MODELS, batch, compiled
from tests.tiers import tiered
from tfgan_models import InputError
from tfgan_models.optimizers import FusedAdam
from tfgan_models.training import flags, steps


def steps_per_execution(network: str, strategy: str, per_epoch: int) -> int:
    training = SimpleNamespace(strategy=strategy, steps_per_epoch=per_epoch)
    return steps.steps_per_execution(SimpleNamespace(model=SimpleNamespace(network=network), training=training))


@pytest.mark.parametrize(("per_epoch", "count"), [(1, 1), (4, 4), (600, 25), (937, 1), (26, 13), (30, 15)])
def test_they_divide_the_epoch(per_epoch, count):
    assert steps_per_execution("mlp", "default", per_epoch) == count


@pytest.mark.parametrize(("network", "strategy"), [("dcgan", "default"), ("mlp", "mirrored"), ("mlp", "multi_worker")])
def test_large_networks_and_strategies_take_one_by_one(network, strategy):
    assert steps_per_execution(network, strategy, 600) == 1


@pytest.mark.parametrize(
    ("images", "replicas", "parts", "advice"),
    [
        (1, 1, 1, "add pictures"),
        (9, 1, 5, "add pictures or lower --critic_steps or --discriminator_steps"),
        (10, 1, 5, 2),
        (3, 4, 1, "add pictures"),
        (7, 4, 1, 4),
    ],
)
def test_advice_is_such_that_can_be_taken(images, replicas, parts, advice, monkeypatch):
    said = advice if isinstance(advice, str) else f"give a batch of at most {advice}"
    with pytest.raises(
        InputError,
        match=f"there are only {images} images and a step takes {64 * parts}, {said} or set --steps_per_epoch$",
    ):
        steps.steps_per_epoch(flags.Training(batch_size=64), images, replicas, parts)
    if isinstance(advice, int):
        assert steps.steps_per_epoch(flags.Training(batch_size=advice), images, replicas, parts) == 1


@pytest.mark.parametrize("images", [1, 40, 5000])
def test_any_number_of_steps_makes_an_epoch(images):
    training = flags.Training(batch_size=64, steps_per_epoch=500)
    assert steps.steps_per_epoch(training, images, replicas=2, parts=5) == 500


def test_a_batch_has_what_a_step_of_the_model_needs():
    training = flags.Training(batch_size=2, steps_per_epoch=5)
    assert steps.steps_per_epoch(training, 10, replicas=2, smallest=2) == 5
    with pytest.raises(InputError, match=r"--batch_size 2: give 4 or more with these flags") as error:
        steps.steps_per_epoch(training, 10, replicas=2, smallest=4)
    assert error.value.argument == "batch_size"


@pytest.mark.parametrize("name", tiered(["vae", "gan", "wgan_gp", "aae"], ["aae"]))
def test_several_at_once_are_the_same_steps(name):
    trained = []
    for count in (1, 3):
        keras.utils.set_random_seed(0)
        model = compiled(MODELS[name], lambda: FusedAdam(1e-3, use_ema=True, ema_momentum=0.9))
        model.steps_per_execution = count
        examples = [batch(step) for step in range(6)]
        data = tf.data.Dataset.from_tensor_slices({k: np.stack([b[k] for b in examples]) for k in examples[0]})
        held_out = data.take(5) if model.test_metrics else None  # which 3 does not divide
        logs = model.fit(
            data.repeat(), validation_data=held_out, steps_per_epoch=6, epochs=2, verbose=0, shuffle=False
        ).history
        assert int(model.step) == 12
        trained.append(([v.numpy() for v in model.variables], logs))
    (one_by_one, first_logs), (together, second_logs) = trained
    for here, there in zip(one_by_one, together, strict=True):
        np.testing.assert_array_equal(here, there)
    assert first_logs == second_logs

"""Arguments of a GAN: errors that name them, objects that several models share, and those of earlier versions."""

from __future__ import annotations

import copy
import json

import keras
import pytest

from tests.models.small import compiled
from tests.models.test_gan_options import make, step
from tfgan_models import GAN, R1, DiffAugment, HistoricalAverage, InputError, TargetOptions


@pytest.mark.parametrize(
    ("options", "argument", "message"),
    [
        (lambda: {"loss": "hinge", "targets": TargetOptions(0.9)}, "loss", "^loss hinge has margins"),
        (lambda: {"loss": "wasserstein"}, "loss", "^loss 'wasserstein': give one of minimax, "),
        (lambda: {"augment": DiffAugment("colour")}, "policy", "'colour'"),
        (lambda: {"feature_matching": "nowhere"}, "feature_matching", "^feature_matching nowhere: .*features"),
        (lambda: {"targets": TargetOptions(swap_chance=2)}, "swap_chance", "^swap_chance 2"),
        (lambda: {"discriminator_steps": 0}, "discriminator_steps", "^discriminator_steps 0: give 1 or more"),
        (lambda: {"generator_steps": 0}, "generator_steps", "^generator_steps 0: give 1 or more"),
        (
            lambda: {"concat_real_fake": True, "discriminator": {"minibatch_discrimination": True}},
            "concat_real_fake",
            "^concat_real_fake True: minibatch discrimination would compare real images with fakes",
        ),
    ],
)
def test_an_error_names_its_argument(options, argument, message):
    with pytest.raises(InputError, match=message) as error:
        make(**options())
    assert error.value.argument == argument


@pytest.mark.parametrize(
    ("optimizer", "said"),
    [
        (lambda: keras.optimizers.SGD(0.1, loss_scale_factor=1024.0), "divides gradients by a loss scale"),
        (lambda: keras.optimizers.LossScaleOptimizer(keras.optimizers.Adam()), "divides gradients by a loss scale"),
        (lambda: keras.optimizers.Adam(gradient_accumulation_steps=2), "accumulates gradients; give larger batches"),
        (lambda: keras.optimizers.Adam(clipnorm=1.0), "clips gradients on each replica"),
    ],
)
def test_optimizers_that_change_gradients_are_refused(optimizer, said):
    with pytest.raises(ValueError, match=f"^the optimizer of 'discriminator' {said}"):
        make().compile(generator=keras.optimizers.SGD(0.1), discriminator=optimizer())


def test_several_models_may_share_a_penalty():
    """It is configuration: each model has the state for itself."""
    penalty = HistoricalAverage(0.5)
    models = [compiled(lambda: make(penalties=[penalty]), lambda: keras.optimizers.SGD(0.1)) for _ in range(2)]
    for number in range(2):
        step(models[0], number)
    assert [int(model.generator_average.steps.numpy()) for model in models] == [2, 0]


def test_a_configuration_with_switches_of_an_earlier_version_is_read():
    model = make(
        generator={"normalization": "virtual"},
        targets=TargetOptions(0.9, swap_every=3),
        concat_real_fake=True,
        penalties=[R1(0.1), HistoricalAverage(0.01)],
        augment=DiffAugment("color"),
    )
    config = model.get_config()
    old = {name: config[name] for name in config.keys() - {"targets", "concat_real_fake", "penalties", "augment"}}
    tricks = {"real": 0.9, "noise": 0.0, "flip_every": 3, "flip_steps": 1, "flip_chance": 0.0}
    old |= {"joined_batch": True, "r1": 0.1, "historical_averaging": 0.01, "augmentation": "color"}
    old["label_tricks"] = {
        "module": "tfgan_models.objectives.target_smoothing",
        "class_name": "LabelTricks",
        "config": tricks | {"flip_when_accuracy": None},
        "registered_name": "tfgan_models>LabelTricks",
    }
    again = GAN.from_config(copy.deepcopy(old))  # Keras writes into what it deserializes
    assert json.dumps(again.get_config()) == json.dumps(config)
    assert [v.shape for v in again.variables] == [v.shape for v in model.variables]
    old |= {"r1": 0.0, "historical_averaging": 0.0, "augmentation": "", "label_tricks": None}
    plain = GAN.from_config(old)
    assert (plain.penalties, plain.augment, plain.targets) == ((), None, None)

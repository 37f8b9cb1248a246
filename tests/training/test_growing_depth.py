"""Runs whose networks grow in depth, by blocks that begin as the identity."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf

from tests.tiers import tiered
from tests.training.test_growing import CASES, flags_of, stage, trained
from tfgan_models import InputError
from tfgan_models.keras_private import optimizer_slots
from tfgan_models.networks.growing import Growth
from tfgan_models.training import growing

DEEPER = {"grow_from": None, "grow_depth": 2}


@pytest.mark.parametrize("case", tiered(CASES, ["gan"]))
def test_a_block_more_leaves_the_outputs_as_they_are_and_learns(case):
    name, options = CASES[case]
    models = [stage(name, 16, Growth(16, blocks=blocks), **{**options, **DEEPER}) for blocks in (1, 2)]
    before, after = models
    images = trained(before, 16)
    growing.carry_over(before, after)
    latents = np.random.default_rng(1).normal(size=(8, 3)).astype(np.float32)
    np.testing.assert_array_equal(after.generate(latents), before.generate(latents))
    names = dict.fromkeys(name for networks in after.players.values() for name in networks)
    for ours, theirs in ((getattr(after, name), getattr(before, name)) for name in names):
        given = latents if ours.input.shape[1:] == (3,) else images
        for one, other in zip(tf.nest.flatten(ours(given)), tf.nest.flatten(theirs(given)), strict=True):
            np.testing.assert_array_equal(one, other)
        assert not ours.get_layer("block_2_second").kernel.numpy().any()
        assert {"block_1", "block_2"} < {layer.name for layer in ours.layers}
    trained(after, 16)
    for ours in (getattr(after, name) for name in names):
        assert ours.get_layer("block_2_second").kernel.numpy().any()


def test_second_moments_of_a_new_block_begin_with_the_mean_of_the_others():
    """With 0, Adam would move its weights by 16 times the learning rate in the first step."""
    before, after = (stage("gan", 16, Growth(16, blocks=blocks), **DEEPER) for blocks in (1, 2))
    trained(before, 16)
    growing.carry_over(before, after)
    for player, optimizer in after.optimizers.items():
        moments = {
            variable.path: values.numpy()
            for variable, values in zip(
                after.variables_of(player), optimizer_slots(optimizer)["_velocities"], strict=True
            )
        }
        mean = np.concatenate([values.ravel() for path, values in moments.items() if "block_2" not in path]).mean()
        new = [values for path, values in moments.items() if "block_2" in path]
        assert len(new) >= 4 and mean > 0
        for values in new:
            np.testing.assert_allclose(values, mean, rtol=1e-3)


def test_blocks_come_after_the_smallest_maps_first_and_then_again():
    model = stage("gan", 32, Growth(32, blocks=5), **DEEPER)
    for network in (model.generator, model.discriminator):
        sides = [network.get_layer(f"block_{number}").output.shape[1] for number in range(1, 6)]
        assert sides == [8, 16, 8, 16, 8]
    names = [layer.name for layer in model.discriminator.layers]
    assert names.index("block_5") < names.index("features")


def test_stages_in_depth_have_a_block_more_each():
    flags = flags_of(size=32, training={"epochs": 9}, epochs_per_stage=2, **DEEPER)
    phases = growing.schedule(flags)
    assert [tuple(phase) for phase in phases] == [(32, False, 0, 2, 0), (32, False, 2, 4, 1), (32, False, 4, 9, 2)]
    assert [str(phase) for phase in phases] == [
        "32×32 pixels, epochs 1 to 2",
        "32×32 pixels, epochs 3 to 4, 1 block added",
        "32×32 pixels, epochs 5 to 9, 2 blocks added",
    ]
    # The images have the same size, so that figures of all stages can be compared.
    assert [growing.epochs_before_stage(flags, phase) for phase in phases] == [0, 0, 0]
    flags.model.epochs_per_stage = 0
    assert [tuple(phase) for phase in growing.schedule(flags)] == [(32, False, 0, 9, 2)]


REFUSED = {
    "family": ("grow_depth", {**DEEPER, "network": "resnet"}),
    "epochs": ("epochs", {**DEEPER, "training": {"epochs": 2}}),
    "virtual": ("generator_normalization", {**DEEPER, "generator_normalization": "virtual"}),
    "kept epoch": ("keep_best", DEEPER),
    "size": ("image_size", {**DEEPER, "size": 8}),
    "size of a map of 7×7": ("image_size", {**DEEPER, "size": 14}),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_grow_is_refused_in_one_line(case):
    argument, options = REFUSED[case]
    flags = flags_of(**options)
    flags.best.keep_best = "pixel_error" if argument == "keep_best" else None
    with pytest.raises(InputError) as error:
        growing.schedule(flags)
    assert error.value.argument == argument
    assert "\n" not in str(error.value)

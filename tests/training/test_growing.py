"""Runs that begin with small images and small networks."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

from tests.tiers import tiered
from tfgan_models import InputError
from tfgan_models.callbacks.fade_in_schedule import FadeInSchedule
from tfgan_models.data.image_set import ImageSet
from tfgan_models.keras_private import flatten_layers, optimizer_slots, weight_averages
from tfgan_models.latent.sampler import Sampler
from tfgan_models.layers import FadeIn
from tfgan_models.networks.growing import Growth
from tfgan_models.recipes import gan, r3gan, vaegan, wgan_gp
from tfgan_models.training import checkpoint, fit, growing
from tfgan_models.training import flags as common_flags

RECIPES = {recipe.name: recipe for recipe in (gan.RECIPE, wgan_gp.RECIPE, r3gan.RECIPE, vaegan.RECIPE)}


def flags_of(name: str = "gan", folder: Path = Path("run"), size: int = 16, training=None, **model):
    recipe = RECIPES[name]
    defaults = {"width": 0.02, "latent_dim": 3, "grow_from": 8, "epochs_per_stage": 1}
    schedule = {"epochs": 4, "steps_per_epoch": 2, "batch_size": 32, "precision": "float32", "ema": 0.9}
    return recipe.flags(
        data=common_flags.Data(dataset="digits", image_size=size),
        training=common_flags.Training(**(schedule | (training or {}))),
        model=type(recipe.flags().model)(**(defaults | model)),
        output=common_flags.Output(run_dir=str(folder), export=False, health=False, verbose=0),
    )


def stage(name: str, size: int, growth: Growth | None, **model):
    images = np.zeros((4, size, size, 1), np.uint8)
    data = ImageSet(images, np.arange(4, dtype=np.int32), None, ("0",), (), "trial")
    recipe = RECIPES[name]
    tf.keras.utils.set_random_seed(size)
    return recipe.build_stage(flags_of(name, **model), data, growth)


def trained(model, size: int):
    images = np.random.default_rng(0).uniform(-1, 1, (8, size, size, 1)).astype(np.float32)
    model.run_eagerly = True
    model.train_step({"image": tf.constant(images)})
    return images


def double(images):
    return np.asarray(images).repeat(2, 1).repeat(2, 2)


CASES = {
    "gan": ("gan", {}),
    "batch": ("gan", {"normalization": "batch", "downsampling": "average", "upsampling": "pixel_shuffle"}),
    "sgd": ("gan", {"optimizer": "sgd", "upsampling": "nearest"}),
    "wgan_gp": ("wgan_gp", {"critic_steps": 1}),
    "r3gan": ("r3gan", {}),
    "vaegan": ("vaegan", {"upsampling": "nearest"}),
}


STAGES = [*((case, 8) for case in CASES), ("gan", 14), ("batch", 10)]


@pytest.mark.parametrize(("case", "side"), tiered(STAGES, [("gan", 8)]))
def test_a_stage_begins_with_the_outputs_of_the_one_before(case, side):
    name, options = CASES[case]
    full = 2 * side
    small = stage(name, side, Growth(full), **options)
    images = trained(small, side)
    large = stage(name, full, Growth(full, fades=True), **options)
    growing.carry_over(small, large)
    latents = np.random.default_rng(1).normal(size=(8, 3)).astype(np.float32)
    np.testing.assert_allclose(large.generate(latents), double(small.generate(latents)), rtol=1e-6, atol=1e-6)
    networks = {name for names in large.players.values() for name in names}
    for network in {"encoder", "discriminator", "critic"} & networks:
        ours, theirs = getattr(large, network)(double(images)), getattr(small, network)(images)
        for one, other in zip(tf.nest.flatten(ours), tf.nest.flatten(theirs), strict=True):
            np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-6)
    assert int(large.step.numpy()) == 1

    # Faded in, the networks are ordinary ones with the same outputs.
    for layer in flatten_layers(large):
        if isinstance(layer, FadeIn):
            layer.alpha.assign(1.0)
    whole = stage(name, full, Growth(full), **options)
    growing.carry_over(large, whole)
    np.testing.assert_array_equal(whole.generate(latents), large.generate(latents))
    judge = "critic" if hasattr(whole, "critic") else "discriminator"
    np.testing.assert_array_equal(getattr(whole, judge)(double(images)), getattr(large, judge)(double(images)))
    ordinary = stage(name, full, None, **options)
    assert [v.shape for v in ordinary.variables] == [v.shape for v in whole.variables]
    assert not [layer for layer in flatten_layers(whole) if isinstance(layer, FadeIn)]


def test_a_first_stage_may_lack_what_later_stages_have():
    """The discriminator of 8 pixels has one convolution, which is not normalized."""
    options = {"normalization": "batch", "concat_real_fake": True}
    assert stage("gan", 8, Growth(16), **options).concat_real_fake
    with pytest.raises(InputError, match="no batch or spectral normalization"):
        stage("gan", 8, None, **options)


def test_optimizer_states_and_averages_go_on():
    small = stage("gan", 8, Growth(16))
    trained(small, 8)
    large = stage("gan", 16, Growth(16, fades=True))
    growing.carry_over(small, large)
    pairs = (("maps_4", "maps_4"), ("image_8", "image_8"), ("features", "old_features"), ("logit", "logit"))
    for (before, after), player in zip(
        pairs, ("generator", "generator", "discriminator", "discriminator"), strict=True
    ):
        source = getattr(small, player).get_layer(before).trainable_variables[0]
        target = getattr(large, player).get_layer(after).trainable_variables[0]
        i, j = (
            [id(v) for v in model.variables_of(player)].index(id(variable))
            for model, variable in ((small, source), (large, target))
        )
        theirs, ours = (optimizer_slots(model.optimizers[player]) for model in (small, large))
        assert {"_momentums", "_velocities", "_model_variables_moving_average"} <= theirs.keys()
        for slot in theirs:
            assert np.abs(theirs[slot][i].numpy()).max() > 0
            np.testing.assert_array_equal(ours[slot][j], theirs[slot][i])
        assert int(large.optimizers[player].iterations.numpy()) == 1
    new = large.generator.get_layer("image_16").trainable_variables[0]
    place = [id(v) for v in large.variables_of("generator")].index(id(new))
    np.testing.assert_array_equal(weight_averages(large.optimizers["generator"])[place], new)


def test_loss_scales_of_float16_go_on():
    keras.config.set_dtype_policy("mixed_float16")
    try:
        small, large = stage("gan", 8, Growth(16)), stage("gan", 16, Growth(16, fades=True))
    finally:
        keras.config.set_dtype_policy("float32")
    small.loss_scales["generator"].scale.assign(64.0)
    small.loss_scales["generator"].finite_steps.assign(7)
    growing.carry_over(small, large)
    scale = large.loss_scales["generator"]
    assert (float(scale.scale.numpy()), int(scale.finite_steps.numpy())) == (64.0, 7)


def test_a_stage_begins_alike_from_a_checkpoint_and_from_memory(tmp_path):
    small = stage("gan", 8, Growth(16))
    trained(small, 8)
    saved = checkpoint.save(small, tmp_path, 1)
    restored = stage("gan", 8, Growth(16))
    checkpoint.restore(restored, saved)
    models = [stage("gan", 16, Growth(16, fades=True)) for _ in range(2)]
    for old, new in zip((small, restored), models, strict=True):
        growing.carry_over(old, new)
    one, other = (checkpoint.inventory(model) for model in models)
    assert one.keys() == other.keys()
    for name in one:
        np.testing.assert_array_equal(one[name], other[name])


def test_the_phase_of_a_damaged_checkpoint_does_not_count(tmp_path):
    phases = growing.schedule(flags_of())
    model = stage("gan", 8, Growth(16))
    checkpoint.save(model, tmp_path / "checkpoints", 1)
    newest = checkpoint.save(model, tmp_path / "checkpoints", 2)
    assert growing.phase_to_resume(phases, tmp_path, resume=True) == phases[1]
    (newest / checkpoint.VARIABLES).write_bytes(b"")
    assert growing.phase_to_resume(phases, tmp_path, resume=True) == phases[0]
    assert growing.phase_to_resume(phases, tmp_path, resume=False) == phases[0]
    assert growing.phase_to_resume([], tmp_path, resume=True) is None


def test_health_is_judged_by_the_epochs_of_a_stage(tmp_path):
    """Samples of 8 pixels cover the data sooner than those of 16, which have not collapsed because they do not."""
    flags = flags_of(folder=tmp_path, training={"epochs": 5}, epochs_per_stage=2)
    flags.output.health = True
    (tmp_path / "metrics.csv").write_text("epoch,sample_coverage\n1,0.8\n2,0.9\n3,0.1\n4,0.2\n")
    images = np.random.default_rng(0).integers(0, 256, (32, 16, 16, 1), np.uint8)
    histories = []
    for phase in growing.schedule(flags):
        prepared: Any = SimpleNamespace(
            flags=flags,
            train=SimpleNamespace(images=images),
            folder=SimpleNamespace(path=tmp_path, chief=True),
            strategy=tf.distribute.get_strategy(),
            epochs_done=phase.end,
            phase=phase,
        )
        monitor = fit.health_monitor(prepared, Sampler())
        histories.append([] if monitor is None else [row["sample_coverage"] for row in monitor.history])
    assert histories == [[0.8, 0.9], [0.1], [0.1, 0.2]]


def test_alpha_rises_linearly_and_is_one_at_the_end():
    model = stage("gan", 16, Growth(16, fades=True))
    layers = [layer for layer in flatten_layers(model) if isinstance(layer, FadeIn)]
    rising = FadeInSchedule(3, 2)
    rising.set_model(model)
    rising.set_params({"steps": 4})
    rising.on_train_begin()
    seen = []
    for epoch in (3, 4):
        rising.on_epoch_begin(epoch)
        for batch in range(4):
            rising.on_train_batch_begin(batch)
            seen.append({float(layer.alpha.numpy()) for layer in layers})
        rising.on_epoch_end(epoch)
    assert seen == [{i / 8} for i in range(8)]
    assert [float(layer.alpha.numpy()) for layer in layers] == [1.0, 1.0]

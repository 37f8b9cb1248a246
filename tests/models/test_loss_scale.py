"""The loss scale of each player with networks that compute in float16."""

from __future__ import annotations

import keras
import numpy as np
import pytest
import tensorflow as tf

from tests.models.expected import DISTINCT
from tests.models.small import MODELS, OPTIMIZERS, autoencoder, batch, compiled, gan, vae_gan, values
from tests.tiers import tiered
from tfgan_models.models import loss_scale
from tfgan_models.models.loss_scale import GROWTH_STEPS, INITIAL, LARGEST, SMALLEST, LossScale
from tfgan_models.training import checkpoint


@pytest.fixture(autouse=True)
def float16():
    """Build networks that compute in float16; the policy is reset after each test."""
    keras.config.set_dtype_policy("mixed_float16")


def tensors(step: int = 0) -> dict[str, tf.Tensor]:
    return {name: tf.constant(value) for name, value in batch(step).items()}


def state(model, player: str) -> list[np.ndarray]:
    """The weights of a player and its optimizer's variables, without the loss scale."""
    scale = model.loss_scales[player]
    own = [v for v in model.optimizers[player].variables if v is not scale.scale and v is not scale.finite_steps]
    return values([*model.variables_of(player), *own])


def is_equal(before: list[np.ndarray], after: list[np.ndarray]) -> bool:
    return all(np.array_equal(a, b) for a, b in zip(before, after, strict=True))


def test_scale_follows_the_rule():
    """Half after a step that is not finite, double after 2,000 finite ones in sequence, and within its limits."""
    optimizer = keras.optimizers.SGD()
    optimizer.build([])
    scale = LossScale(optimizer)

    def after(finite: bool) -> tuple[float, int]:
        scale.update(tf.constant(finite))
        return float(scale.scale.numpy()), int(scale.finite_steps.numpy())

    assert after(True) == (INITIAL, 1)
    assert after(False) == (INITIAL / 2, 0)
    scale.finite_steps.assign(GROWTH_STEPS - 2)
    assert after(True) == (INITIAL / 2, GROWTH_STEPS - 1)
    assert after(True) == (INITIAL, 0)
    scale.scale.assign(SMALLEST)
    assert after(False) == (SMALLEST, 0)
    scale.scale.assign(LARGEST)
    scale.finite_steps.assign(GROWTH_STEPS - 1)
    assert after(True) == (LARGEST, 0)


def test_small_gradients_survive_the_way_back_and_have_the_size_of_float32():
    images = tf.constant(batch()["image"])

    def gradients(factor: float, scale: float | None) -> np.ndarray:
        model = compiled(autoencoder)
        if scale is not None:
            model.loss_scales["autoencoder"].scale.assign(scale)
        with tf.GradientTape() as tape:
            loss = factor * tf.reduce_mean(tf.square(model(images, training=True) - images))
        first = model.variables_of("autoencoder")[:1]
        return model.gradients("autoencoder", tape, [loss], first)[0].numpy()

    small = 1e-6
    scaled, unscaled = gradients(small, INITIAL), gradients(small, 1.0)
    keras.config.set_dtype_policy("float32")
    exact = gradients(small, None)
    assert np.linalg.norm(scaled - exact) < 0.02 * np.linalg.norm(exact)
    assert np.linalg.norm(unscaled - exact) > 0.5 * np.linalg.norm(exact)


def test_a_step_is_skipped_for_the_player_whose_gradients_are_not_finite():
    model = compiled(gan, OPTIMIZERS["gan"])
    model.train_step(tensors())
    model.loss_scales["discriminator"].scale.assign(2.0**60)
    before = {player: state(model, player) for player in model.players}
    logs = model.train_step(tensors(1))
    assert is_equal(before["discriminator"], state(model, "discriminator"))
    assert not is_equal(before["generator"], state(model, "generator"))
    assert float(model.loss_scales["discriminator"].scale.numpy()) == 2.0**59
    assert float(model.loss_scales["generator"].scale.numpy()) == INITIAL
    assert logs["generator_gradient"] > 0
    assert all(np.isfinite(log) for log in logs.values())  # the run goes on


def test_a_gradient_that_is_not_finite_without_a_scale_is_logged(monkeypatch):
    """So that ``StopIfNotFinite`` ends the run."""
    model = compiled(autoencoder)
    model.loss_scales["autoencoder"].scale.assign(SMALLEST)
    monkeypatch.setattr(tf.GradientTape, "gradient", lambda *_: [tf.fill(v.shape, np.inf) for v in weights])
    weights = model.variables_of("autoencoder")
    before = state(model, "autoencoder")
    assert np.isinf(model.train_step(tensors())["autoencoder_gradient"])
    assert is_equal(before, state(model, "autoencoder"))


def test_a_closed_gate_stays_closed_and_its_scale_counts():
    model = compiled(lambda: vae_gan(equilibrium=0.1, equilibrium_margin=0.01), OPTIMIZERS["vaegan"])
    for scale in model.loss_scales.values():
        scale.scale.assign(16.0)
    before = {player: state(model, player) for player in model.players}
    logs = model.train_step(tensors())
    closed = {player for player in ("decoder", "discriminator") if logs[f"{player}_gate_closed"] == 1}
    assert closed == {"decoder"}
    assert {p for p in model.players if is_equal(before[p], state(model, p))} == closed
    assert {int(scale.finite_steps.numpy()) for scale in model.loss_scales.values()} == {1}


def test_all_replicas_agree_on_what_is_finite(two_devices):
    with two_devices.scope():
        model = compiled(autoencoder, OPTIMIZERS["autoencoder"])
    images = batch()["image"]

    def step(factors: tuple[float, float]) -> None:
        halves = zip(np.split(images, 2), factors, strict=True)
        parts = [tf.constant(half * factor) for half, factor in halves]
        distributed = two_devices.experimental_distribute_values_from_function(
            lambda context: parts[context.replica_id_in_sync_group]
        )
        tf.function(lambda x: two_devices.run(lambda image: model.train_step({"image": image}), (x,)))(distributed)

    before = state(model, "autoencoder")
    step((1.0, 1e30))  # beyond float16 on the second device only
    assert is_equal(before, state(model, "autoencoder"))
    assert float(model.loss_scales["autoencoder"].scale.numpy()) == INITIAL / 2
    step((1.0, 1.0))
    assert not is_equal(before, state(model, "autoencoder"))
    for variable in model.variables_of("autoencoder"):
        first, second = two_devices.experimental_local_results(variable.value)
        np.testing.assert_array_equal(first.numpy(), second.numpy())


def test_checkpoints_and_keras_files_have_the_scale(tmp_path):
    model = compiled(autoencoder, OPTIMIZERS["autoencoder"])
    scale = model.loss_scales["autoencoder"]
    scale.scale.assign(128.0)
    scale.finite_steps.assign(7)
    path = checkpoint.save(model, tmp_path, 1)
    model.save(tmp_path / "model.keras")
    restored = compiled(autoencoder, OPTIMIZERS["autoencoder"])
    checkpoint.restore(restored, path)
    for again in (restored, keras.models.load_model(tmp_path / "model.keras")):
        scale = again.loss_scales["autoencoder"]
        assert (float(scale.scale.numpy()), int(scale.finite_steps.numpy())) == (128.0, 7)


def test_compiling_again_keeps_one_scale():
    model = compiled(autoencoder, OPTIMIZERS["autoencoder"])
    model.compile(**model.optimizers)
    names = [v.name for v in model.optimizers["autoencoder"].variables]
    assert names.count("loss_scale") == names.count("finite_steps") == 1


@pytest.mark.parametrize("policy", ["float32", "mixed_bfloat16"])
def test_other_precisions_have_none(policy):
    keras.config.set_dtype_policy(policy)
    model = compiled(autoencoder)
    assert model.loss_scales == {}
    assert "loss_scale" not in [v.name for v in model.optimizers["autoencoder"].variables]


# Convolutions in float16 are slow on a processor.
@pytest.mark.parametrize("name", tiered(DISTINCT, ("aae_universal",)))
def test_every_distinct_model_finds_a_scale_and_moves(name, monkeypatch):
    monkeypatch.setattr(loss_scale, "INITIAL", 2.0**17)
    model = compiled(MODELS[name], OPTIMIZERS[name])
    before = {player: values(model.variables_of(player)) for player in model.players}
    for step in range(16):
        logs = model.train_step(tensors(step))
        assert all(np.isfinite(log) for log in logs.values())
        if all(scale.finite_steps.numpy() for scale in model.loss_scales.values()):
            break
    for player, scale in model.loss_scales.items():
        assert scale.scale.numpy() > SMALLEST
        assert scale.finite_steps.numpy() > 0
        assert not is_equal(before[player], values(model.variables_of(player)))

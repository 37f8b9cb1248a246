"""Steps that XLA compiles, and deterministic operations."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import keras
import numpy as np
import pytest
import tensorflow as tf

from tests.cli.scripts import run
from tests.models.sizes import CHANNELS, LATENT, SIZE
from tests.models.small import MODELS, batch, compiled
from tfgan_models import InputError
from tfgan_models.models.wgan_gp import WGANGP
from tfgan_models.networks import mlp
from tfgan_models.recipes import vae
from tfgan_models.seeds import draw_alike
from tfgan_models.training import devices
from tfgan_models.training import flags as common_flags
from tfgan_models.training.unsupported import one_line_if_unsupported

JIT, DETERMINISTIC = common_flags.Training(jit=True), common_flags.Training(deterministic=True)


def after(make, steps: int, jit: bool) -> list[tuple[str, np.ndarray]]:
    model = compiled(make, lambda: keras.optimizers.SGD(1e-3), jit_compile=jit)
    batches = [batch(step) for step in range(steps)]
    rows = {name: np.stack([one[name] for one in batches]) for name in batches[0]}
    data = tf.data.Dataset.from_tensor_slices(rows)
    model.fit(data, verbose=0, shuffle=False)
    return [(variable.path, variable.numpy()) for variable in model.variables]


def small_wgan_gp() -> WGANGP:
    """Fully connected, because XLA takes long to compile convolutions for a processor."""
    critic = mlp.discriminator(SIZE, CHANNELS, units=(16,))
    return WGANGP(mlp.generator(SIZE, CHANNELS, LATENT, (16,)), critic, critic_steps=2, seed=5)


def assert_alike(make, tolerance: float, steps: int = 3) -> None:
    for (path, one), (_, other) in zip(after(make, steps, False), after(make, steps, True), strict=True):
        assert np.abs(one - other).max() <= tolerance * max(np.abs(one).max(), 0.01), path


def test_compiled_steps_train_the_same_weights_except_for_rounding():
    """With noise of both kinds, a penalty, and several steps of one player."""
    assert_alike(small_wgan_gp, 1e-4)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["vae", "gan", "supervised_aae", "vaegan_of_refined_codes"])
def test_models_train_the_same_weights_except_for_rounding(name):
    assert_alike(MODELS[name], 1e-3, steps=1)


@pytest.mark.parametrize("name", ["aae", "gan_concat"])
def test_priors_from_which_xla_cannot_draw_are_refused(name):
    model = compiled(MODELS[name], jit_compile=True)
    with pytest.raises(InputError, match=r"^jit: XLA cannot draw from the prior of this model"):
        model.train_step({key: tf.constant(value) for key, value in batch().items()})


@pytest.mark.parametrize("draw", [tf.random.stateless_normal, tf.random.stateless_uniform])
@pytest.mark.parametrize("shape", [(1,), (7,), (64, 3, 5)])
def test_xla_draws_the_numbers_of_tensorflow(draw, shape):
    seed = tf.constant([5 - 2**60, 2**40 + 3], tf.int64)  # as after fold_in
    compiled_draw = tf.function(lambda: draw_alike(draw, True)(shape, seed=seed), jit_compile=True)
    np.testing.assert_allclose(compiled_draw(), draw(shape, seed=seed), atol=1e-5)
    assert draw_alike(draw, False) is draw


def test_other_draws_are_refused_in_one_line():
    with pytest.raises(InputError, match=r"^jit: XLA cannot draw") as error:
        draw_alike(lambda shape, seed: tf.zeros(shape), True)
    assert error.value.argument == "jit"


@pytest.mark.parametrize("strategy", ["mirrored", "multi_worker"])
def test_a_strategy_and_jit_are_refused(strategy):
    flags = dataclasses.replace(vae.RECIPE.flags(), training=common_flags.Training(jit=True, strategy=strategy))
    with pytest.raises(InputError, match=f"^--jit: .*--strategy {strategy}, leave one of them out") as error:
        common_flags.check(flags)
    assert error.value.argument == "jit"


@pytest.mark.parametrize(
    ("training", "message", "said"),
    [
        (JIT, "unsupported operations on XLA_CPU_JIT: (No registered 'Multinomial' OpKernel)", "--jit: .* Multinomial"),
        (JIT, "libdevice is missing, XLA failed", "--jit: XLA cannot compile the training step"),
        (DETERMINISTIC, "Deterministic gather is not available\nmore", "--deterministic: .*gather is not available$"),
    ],
)
def test_operations_that_are_not_supported_are_one_line(training, message, said):
    error = tf.errors.UnimplementedError(None, None, message)
    with pytest.raises(InputError, match=said) as stop, one_line_if_unsupported(training):
        raise error
    assert "\n" not in str(stop.value)
    with pytest.raises(tf.errors.UnimplementedError), one_line_if_unsupported(common_flags.Training()):
        raise error


def test_determinism_is_switched_on(monkeypatch):
    calls = []
    monkeypatch.setattr(tf.config.experimental, "enable_op_determinism", lambda: calls.append(True))
    devices.enable_determinism()
    assert calls == [True]


def weights(printed: str) -> str:
    """The digest of a run, from what it printed."""
    return next(line for line in printed.splitlines() if line.startswith("weights:"))


@pytest.mark.slow
def test_runs_with_these_flags(tmp_path):
    """In processes of their own, because determinism lasts as long as a process."""
    choices = {"plain": [], "deterministic": ["--deterministic"], "jit": ["--jit"]}
    digests = {name: weights(run("vae.py", folder(tmp_path, name), *flags)) for name, flags in choices.items()}
    assert digests["plain"] == digests["deterministic"]


@pytest.mark.slow
def test_a_float16_run_goes_on_exactly(tmp_path):
    half = ["--precision", "float16"]
    run("vae.py", folder(tmp_path, "parts"), *half, "--epochs", "1")
    parts = run("vae.py", tmp_path / "parts", *half, "--epochs", "2", export=True)
    whole = run("vae.py", folder(tmp_path, "whole"), *half, "--epochs", "2")
    assert "resumed:" in parts
    assert weights(parts) == weights(whole)
    (version,) = (tmp_path / "parts").rglob("saved_model.pb")
    signature = tf.saved_model.load(str(version.parent)).signatures["generate"]
    assert signature(latent=tf.zeros((2, 4)))["image"].dtype == tf.float32


def folder(tmp_path: Path, name: str) -> Path:
    """A new folder for a run."""
    (tmp_path / name).mkdir()
    return tmp_path / name

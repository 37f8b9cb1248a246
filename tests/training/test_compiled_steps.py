"""Steps that XLA compiles, and deterministic operations."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import keras
import numpy as np
import pytest
import tensorflow as tf

from tests.cli.scripts import SMALL, run
from tests.models.small import MODELS, aae, batch, compiled
from tfgan_models import InputError
from tfgan_models.models.wgan_gp import WGANGP
from tfgan_models.networks import mlp
from tfgan_models.recipes import vae
from tfgan_models.seeds import draw_alike
from tfgan_models.training import devices
from tfgan_models.training import flags as common_flags
from tfgan_models.training.unsupported import one_line_if_unsupported

TRAIN = Path(__file__).resolve().parents[2] / "train"
JIT, DETERMINISTIC = common_flags.Training(jit=True), common_flags.Training(deterministic=True)


def after(make, steps: int, jit: bool) -> list[tuple[str, np.ndarray]]:
    model = compiled(make, lambda: keras.optimizers.SGD(1e-3), jit_compile=jit)
    images = np.concatenate([batch(step)["image"] for step in range(steps)])
    data = tf.data.Dataset.from_tensor_slices({"image": images}).batch(len(images) // steps, drop_remainder=True)
    model.fit(data, verbose=0, shuffle=False)
    return [(variable.path, variable.numpy()) for variable in model.variables]


def small_wgan_gp() -> WGANGP:
    """Fully connected, because XLA takes long to compile convolutions for a processor."""
    critic = mlp.discriminator(8, 3, (16,), normalization="none")
    return WGANGP(mlp.generator(8, 3, 4, (16,)), critic, critic_steps=2, seed=5)


def assert_alike(make, tolerance: float, steps: int = 3) -> None:
    for (path, one), (_, other) in zip(after(make, steps, False), after(make, steps, True), strict=True):
        assert np.abs(one - other).max() <= tolerance * max(np.abs(one).max(), 0.01), path


def test_compiled_steps_train_the_same_weights_except_for_rounding():
    """With noise of both kinds, a penalty, and several steps of one player."""
    assert_alike(small_wgan_gp, 1e-4)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["autoencoder", "vae", "gan", "aae", "aae_universal"])
def test_models_train_the_same_weights_except_for_rounding(name):
    makes = {**MODELS, "aae": lambda: aae(prior="standard_gaussian")}
    assert_alike(makes[name], 1e-3, steps=1)


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


@pytest.mark.slow
def test_runs_with_these_flags(tmp_path):
    """In processes of their own, because determinism lasts as long as a process."""

    def weights(name: str, *arguments: str) -> str:
        folder = ["--run_dir", str(tmp_path / name), "--epochs", "1", "--no-export"]
        done = run(TRAIN / "vae.py", *SMALL, *folder, *arguments, cwd=tmp_path)
        assert done.returncode == 0, done.stderr
        return next(line for line in done.stdout.splitlines() if line.startswith("weights:"))

    assert weights("plain") == weights("deterministic", "--deterministic") != weights("jit", "--jit", "--seed", "1")


@pytest.mark.slow
def test_a_float16_run_goes_on_exactly(tmp_path):
    def weights(name: str, *arguments: str) -> str:
        half = [*SMALL, "--precision", "float16", "--run_dir", str(tmp_path / name), *arguments]
        done = run(TRAIN / "vae.py", *half, cwd=tmp_path)
        assert done.returncode == 0, done.stderr
        return next(line for line in done.stdout.splitlines() if line.startswith("weights:"))

    weights("parts", "--epochs", "1", "--no-export")
    exported = ["--epochs", "2", "--export_dir", str(tmp_path / "export")]
    assert weights("parts", *exported) == weights("whole", "--epochs", "2", "--no-export")
    answer = tf.saved_model.load(str(tmp_path / "export" / "1")).signatures["generate"](latent=tf.zeros((2, 4)))
    assert answer["image"].dtype == tf.float32

"""The run of a recipe: its initial weights, and what it does after a collapse."""

from __future__ import annotations

import dataclasses
import random
from types import SimpleNamespace
from typing import Any, cast

import keras
import numpy as np
import pytest
import tensorflow as tf

from tests.models.small import MODELS
from tfgan_models import InputError
from tfgan_models.data import sources
from tfgan_models.errors import Collapsed
from tfgan_models.recipes import aae, gan, vae
from tfgan_models.training import checkpoint, devices, fit
from tfgan_models.training import flags as common_flags
from tfgan_models.training import run as engine
from tfgan_models.training.start_flags import Best


@pytest.fixture
def gan_run(tmp_path, monkeypatch):
    """A function that runs ``gan.py`` with ``fit`` and the export replaced."""
    monkeypatch.setattr(engine, "report_places", lambda *_: None)

    def go(fit, best=None, precision="float32", **output):
        def release_after(prepared):
            try:
                fit(prepared.model, prepared.folder, prepared.epochs_done)
            finally:
                prepared.folder.release()

        monkeypatch.setattr(engine, "fit", release_after)
        output = {"run_dir": str(tmp_path / "run"), "export_dir": str(tmp_path / "export"), "export": False} | output
        flags = gan.GANFlags(
            data=common_flags.Data(dataset="digits", image_size=8),
            model=gan.Model(network="mlp", width=0.1, latent_dim=4),
            training=common_flags.Training(precision=precision, epochs=9, steps_per_epoch=2),
            output=common_flags.Output(**output),
            best=best or Best(),
        )
        return engine.run(gan.RECIPE, flags)

    return go


def test_a_run_resumes_in_the_precision_that_the_first_machine_chose(gan_run, tmp_path, monkeypatch):
    began = []

    def fit(model, folder, done):
        began.append((keras.config.dtype_policy().name, done))
        checkpoint.save(model, folder.path / "best", done + 1)  # which may be the only one that is saved

    monkeypatch.setattr(devices, "PROCESSOR", tmp_path / "cpuinfo")
    try:
        for vendor in ("AuthenticAMD", "GenuineIntel"):
            (tmp_path / "cpuinfo").write_text(f"{vendor} avx512_bf16")
            gan_run(fit, precision="auto")
        gan_run(fit, precision="auto", resume=False)
    finally:
        keras.config.set_dtype_policy("float32")
    assert began == [("mixed_bfloat16", 0), ("mixed_bfloat16", 0), ("float32", 0)]


def test_initial_weights_do_not_depend_on_what_the_data_took_to_read(gan_run, monkeypatch):
    """Drawing or decoding pictures for the first time takes random numbers; reading them from the cache takes none."""
    load, weights = sources.load, []

    def fit(model, folder, done):
        weights.append(checkpoint.digest(model))
        checkpoint.save(model, folder.checkpoints, done + 1)

    gan_run(fit)

    def drawing(*arguments, **options):
        random.random(), np.random.random(), tf.random.normal(())
        return load(*arguments, **options)

    monkeypatch.setattr(sources, "load", drawing)
    gan_run(fit, resume=False)
    assert weights[0] == weights[1]


def test_the_command_that_repeats_a_resumed_run_has_its_image_size(tmp_path, monkeypatch):
    commands = []

    def train_and_release(prepared):
        checkpoint.save(prepared.model, prepared.folder.checkpoints, prepared.epochs_done + 1)
        prepared.folder.release()

    monkeypatch.setattr(engine, "fit", train_and_release)
    monkeypatch.setattr(engine, "export_model", lambda *inputs: commands.append(inputs[-1]["training"]["command"]))
    for module in (engine.attributes, engine.directions):
        monkeypatch.setattr(module, "draw", lambda *_: {})
    output = common_flags.Output(run_dir=str(tmp_path / "run"), export_dir=str(tmp_path / "export"))
    for size in (12, None):
        data = common_flags.Data(dataset="digits", image_size=size)
        engine.run(aae.RECIPE, dataclasses.replace(aae.RECIPE.flags(), data=data, output=output))
    assert [command.count(" --image_size 12 ") for command in commands] == [1, 1]


def test_collapsed_run_can_go_on_and_is_judged_again(gan_run):
    seen = []

    def collapse(model, folder, done):
        seen.append((done, folder.collapsed.exists()))
        checkpoint.save(model, folder.checkpoints, done + 1)
        folder.collapsed.write_text("samples are alike. Try something else.")
        raise Collapsed(folder.collapsed.read_text())

    def train(model, folder, done):
        seen.append((done, folder.collapsed.exists()))
        checkpoint.save(model, folder.checkpoints, done + 1)

    with pytest.raises(Collapsed) as first:
        gan_run(collapse, stop_on_collapse=True)
    assert str(first.value) == "samples are alike. Try something else."  # and no advice for other failures
    gan_run(train)
    gan_run(train, stop_on_collapse=True)
    with pytest.raises(Collapsed):
        gan_run(collapse, stop_on_collapse=True)
    assert seen == [(0, False), (1, False), (2, False), (3, False)]
    with pytest.raises(Collapsed, match=r"Try something else\. Start over with --no-resume$"):
        gan_run(train, stop_on_collapse=True)
    assert len(seen) == 4


@pytest.fixture
def collapsed(gan_run, tmp_path):
    """A run that has collapsed in its third epoch."""

    def collapse(model, folder, done):
        for epoch in (1, 2, 3):
            model.step.assign(2 * epoch)
            checkpoint.save(model, folder.checkpoints, epoch)
        folder.collapsed.write_text("samples are alike.")
        raise Collapsed(folder.collapsed.read_text())

    with pytest.raises(Collapsed):
        gan_run(collapse, stop_on_collapse=True)
    return tmp_path / "run" / "collapsed.txt"


def test_an_epoch_before_the_collapse_can_be_exported_with_the_same_flags(collapsed, gan_run):
    result = gan_run(None, stop_on_collapse=True, best=Best(export_epoch=2))
    assert (result.epochs, result.trained) == (2, 3)
    assert result.model.step.numpy() == 4
    assert collapsed.exists()


def test_after_a_collapse_the_earlier_epochs_are_named(collapsed, gan_run):
    with pytest.raises(Collapsed, match=r"Start over with --no-resume, or export .* by --export_epoch: 1, 2$"):
        gan_run(None, stop_on_collapse=True, export=True)


@pytest.mark.parametrize(
    ("name", "images", "said"),
    [("autoencoder", 15, "at least 16 training images"), ("vae", 15, "at least 16 training images")],
)
def test_stop_on_collapse_without_a_monitor_raises_input_error(name, images, said, monkeypatch):
    train = SimpleNamespace(images=np.zeros((images, 8, 8, 1), np.uint8))
    with pytest.raises(InputError, match=f"--stop_on_collapse: .*{said}"):
        fit.check_monitoring(
            MODELS[name](), train, train, common_flags.Flags(output=common_flags.Output(stop_on_collapse=True))
        )
    fit.check_monitoring(MODELS[name](), train, train, common_flags.Flags())
    enough = SimpleNamespace(images=np.zeros((16, 8, 8, 1), np.uint8))
    fit.check_monitoring(
        MODELS["vae"](), enough, enough, common_flags.Flags(output=common_flags.Output(stop_on_collapse=True))
    )


def test_health_monitor_of_a_run_that_goes_on_has_the_history_of_its_checkpoint(tmp_path, monkeypatch):
    """Those of a checkpoint: a killed run may have written the row of an epoch that counts for nothing."""
    rows = "epoch,loss,sample_diversity\n1,0.30000000000000004,0.5\n2,0.25,\n3,0.125,0.7\n"
    (tmp_path / "metrics.csv").write_text(rows)
    images = np.random.default_rng(0).integers(0, 256, (32, 8, 8, 1), np.uint8)
    asked, no_sampler = [], cast(Any, None)
    monkeypatch.setattr(devices, "check_same_epoch", lambda strategy, count, where: asked.append((count, where)))

    def monitor(done, **output):
        flags = common_flags.Flags(output=common_flags.Output(**output))
        prepared: Any = SimpleNamespace(
            flags=flags,
            train=SimpleNamespace(images=images),
            folder=SimpleNamespace(path=tmp_path, chief=True),
            strategy=tf.distribute.get_strategy(),
            epochs_done=done,
            phase=None,
        )
        return fit.health_monitor(prepared, no_sampler)

    assert monitor(0).history == []
    assert monitor(2).history == [{"loss": 0.30000000000000004, "sample_diversity": 0.5}, {"loss": 0.25}]
    # Workers that see other rows would stop at another epoch, and the rest wait for them for ever.
    assert asked == [(0, str(tmp_path / "metrics.csv")), (2, str(tmp_path / "metrics.csv"))]
    assert monitor(2, health=False) is None
    images = images[:8]
    assert monitor(2) is None


def test_the_last_lines_name_only_files_that_exist(tmp_path, capsys):
    (tmp_path / "checkpoints" / "epoch-00001").mkdir(parents=True)
    (tmp_path / "checkpoints" / "epoch-00001" / "checkpoint.json").write_text("{}")
    folder = SimpleNamespace(path=tmp_path, checkpoints=tmp_path / "checkpoints")
    for name in ("config.json", "samples/", "clusters.png"):
        (tmp_path / name).mkdir()
    engine.report_places(folder, None)
    printed = capsys.readouterr().out
    assert f"run:         {tmp_path}  (config.json, samples/, clusters.png)" in printed
    assert "tensorboard" not in printed
    (tmp_path / "logs").mkdir()
    engine.report_places(folder, None)
    assert f"tensorboard --logdir {tmp_path / 'logs'}" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("cooldown", "epochs", "said"), [(0.05, 8, True), (0.1, 5, True), (0.5, 1, False), (0.5, 4, False)]
)
def test_a_cooldown_without_effect_is_said(cooldown, epochs, said, tmp_path, capsys):
    training = common_flags.Training(cooldown=cooldown, epochs=epochs)
    output = common_flags.Output(export_dir=str(tmp_path))
    engine._announce(vae.RECIPE, common_flags.Flags(training=training, output=output), "size")
    line = f"--cooldown {cooldown}: it is at most half an epoch, so it has no effect\n"
    assert capsys.readouterr().err == line * said

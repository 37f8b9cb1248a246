"""A run that starts from another model has its very weights; layers that are held do not move."""

from __future__ import annotations

import json

import keras
import numpy as np
import pytest

from tests.cli.scripts import assert_identical, run, start, variables
from tests.models.sizes import CHANNELS, LATENT, SIZE, WIDTH
from tests.models.small import MODELS, batch, compiled, values
from tests.tiers import tiered
from tfgan_models import GAN, InputError, export
from tfgan_models.keras_private import weight_averages
from tfgan_models.models.variable_networks import networks_of_variables
from tfgan_models.networks import dcgan
from tfgan_models.training import checkpoint, warm_start
from tfgan_models.training.start_flags import Start


def adam() -> keras.Optimizer:
    return keras.optimizers.Adam(0.01, use_ema=True, ema_momentum=0.9)


def trained(name: str, steps: int = 2):
    model = compiled(MODELS[name], adam, run_eagerly=True)
    for step in range(steps):
        model.train_step(batch(step))
    return model


def other(name: str):
    """The same model with other initial weights."""
    model = compiled(MODELS[name], adam, run_eagerly=True)
    for variable in model.trainable_variables:
        variable.assign(variable + 1)
    return model


def weights(model) -> list[np.ndarray]:
    """All weights and statistics of the networks."""
    named = zip(networks_of_variables(model), model.variables, strict=True)
    return [variable.numpy() for network, variable in named if network and "float" in str(variable.dtype)]


def saved(model, kind: str, folder) -> str:
    if kind == "run":
        checkpoint.save(model, folder / "run" / "checkpoints", 1)
        return str(folder / "run")
    if kind == "export":
        return str(export.save(model, folder / "export", {"dataset": "faces"}))
    model.save(folder / "model.keras")
    return str(folder / "model.keras")


CASES = [(name, kind) for name in ("gan", "vaegan", "gan_with_everything") for kind in ("run", "export", "keras")]


@pytest.mark.parametrize(("name", "kind"), tiered(CASES, [("gan", "run"), ("vaegan", "keras"), ("gan", "export")]))
def test_a_start_is_exact_where_all_fits(name, kind, tmp_path, capsys):
    parent, child = trained(name), other(name)
    record = warm_start.take(child, saved(parent, kind, tmp_path))
    for ours, theirs in zip(weights(child), weights(parent), strict=True):
        np.testing.assert_array_equal(ours, theirs)
    assert record["weights"] == checkpoint.digest(parent)
    assert int(child.step.numpy()) == 0
    (line,) = capsys.readouterr().out.splitlines()
    assert "all weights fit" in line
    assert "optimizers start afresh" in line
    for optimizer in child.optimizers.values():
        assert int(optimizer.iterations) == 0


def test_averages_go_on_from_those_of_the_parent(tmp_path):
    parent, child = trained("gan"), other("gan")
    record = warm_start.take(child, saved(parent, "run", tmp_path))
    assert record["averages"] == ["generator", "discriminator"]
    before = values(weight_averages(child.optimizers["generator"]))
    for ours, theirs in zip(before, values(weight_averages(parent.optimizers["generator"])), strict=True):
        np.testing.assert_array_equal(ours, theirs)
    child.train_step(batch())
    after = values(weight_averages(child.optimizers["generator"]))
    for average, old, weight in zip(after, before, values(child.generator.trainable_variables), strict=True):
        np.testing.assert_allclose(average, 0.9 * old + 0.1 * weight, rtol=1e-5, atol=1e-7)


def test_a_checkpoint_without_networks_fits_in_the_order_of_its_layers(tmp_path):
    parent, child = trained("vaegan"), other("vaegan")
    path = saved(parent, "run", tmp_path)
    file = tmp_path / "run" / "checkpoints" / "epoch-00001" / "manifest.json"
    manifest = json.loads(file.read_text())
    del manifest["networks"], manifest["averages"]  # as earlier versions wrote it
    file.write_text(json.dumps(manifest))
    assert warm_start.take(child, path)["averages"] == []
    for ours, theirs in zip(weights(child), weights(parent), strict=True):
        np.testing.assert_array_equal(ours, theirs)


def test_what_does_not_fit_is_named_and_left_as_it_was(tmp_path, capsys):
    parent, child = trained("vaegan"), other("gan")  # the discriminator of a vaegan also predicts attributes
    before = child.discriminator.get_layer("logit").kernel.numpy()
    warm_start.take(child, saved(parent, "run", tmp_path))
    np.testing.assert_array_equal(
        child.generator.trainable_variables[0].numpy(), parent.decoder.trainable_variables[0].numpy()
    )
    assert (child.discriminator.get_layer("logit").kernel.numpy() != before).any()
    (line,) = capsys.readouterr().out.splitlines()
    assert "not used of it: encoder/convolution_1" in line
    wide = GAN(dcgan.generator(SIZE, CHANNELS, LATENT, WIDTH), dcgan.discriminator(SIZE, CHANNELS, width=2 * WIDTH))
    wide.compile(generator=adam(), discriminator=adam())
    first = wide.discriminator.get_layer("logit").kernel.numpy()
    warm_start.take(wide, saved(trained("gan"), "export", tmp_path))
    np.testing.assert_array_equal(wide.discriminator.get_layer("logit").kernel.numpy(), first)
    assert "discriminator/logit" in capsys.readouterr().out


def damaged(kind: str, folder) -> str:
    if kind == "nothing":
        return str(folder / "nothing")
    if kind == "empty":
        return str(folder)
    if kind == "keras":
        (folder / "some.keras").write_text("no zip")
        return str(folder / "some.keras")
    if kind == "export":
        path = export.save(trained("gan", 0), folder / "export", {"dataset": "faces"})
        (path / "variables" / "variables.index").write_bytes(b"")
        return str(path)
    if kind == "checkpoint":
        path = checkpoint.save(trained("gan", 0), folder / "checkpoints", 1)
        (path / "variables.npz").write_bytes(b"PK")
        return str(folder)
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(7)])
    model.save(folder / "other.keras")
    return str(folder / "other.keras")


BAD = {
    "nothing": "it does not exist",
    "empty": "there is no checkpoint, export or .keras file there",
    "keras": "cannot be read",
    "export": "damaged",
    "checkpoint": "has changed since it was written",
    "other": "no layer has the kind and the shapes",
}


@pytest.mark.parametrize("kind", BAD)
def test_a_bad_parent_is_one_line(kind, tmp_path):
    path = damaged(kind, tmp_path)
    with pytest.raises(InputError, match=BAD[kind]) as error:
        warm_start.take(compiled(MODELS["gan"]), path)
    assert "\n" not in str(error.value)
    assert path in str(error.value)
    assert error.value.argument == "init_from"


def test_a_run_that_resumes_takes_its_parent_at_any_place_and_no_other(tmp_path):
    parent, child, run_dir = trained("gan"), other("gan"), tmp_path / "child"
    record = warm_start.take(child, saved(parent, "run", tmp_path))
    checkpoint.save(child, run_dir / "checkpoints", 1)
    (run_dir / "config.json").write_text(json.dumps({"start": {"parent": record}}))

    def resume(path):
        return warm_start.begin(other("gan"), Start(init_from=path), run_dir, resume=True)

    assert resume(str(tmp_path / "run")) == record
    (tmp_path / "run").rename(tmp_path / "moved")
    assert resume(str(tmp_path / "run")) == record  # it is not read again
    assert resume(str(tmp_path / "moved")) == record
    checkpoint.save(trained("gan", 1), tmp_path / "another" / "checkpoints", 1)
    for path in (str(tmp_path / "another"), None):
        with pytest.raises(InputError, match=r"--init_from.*: the run in .* has --init_from .*; give that"):
            resume(path)
    (run_dir / "config.json").write_text(json.dumps({"start": {"parent": None}}))
    with pytest.raises(InputError, match="has not started from another model"):
        resume(str(tmp_path / "moved"))


def test_a_damaged_config_is_left_to_the_folder_of_the_run(tmp_path):
    checkpoint.save(trained("gan", 0), tmp_path / "checkpoints", 1)
    (tmp_path / "config.json").write_text('{"start": []}')
    assert warm_start.begin(other("gan"), Start(), tmp_path, resume=True) is None


@pytest.mark.slow
def test_a_run_whose_checkpoints_are_damaged_starts_again_from_the_same_parent_only(tmp_path):
    for name in ("parent", "child"):
        (tmp_path / name).mkdir()
    parent, child = tmp_path / "parent" / "run", tmp_path / "child"
    run("vae.py", tmp_path / "parent", "--epochs", "1")
    run("vae.py", child, "--epochs", "1", "--init_from", str(parent))
    expected = variables(child)
    file = child / "run" / "checkpoints" / "epoch-00001" / checkpoint.VARIABLES
    file.write_bytes(b"PK")
    parent.rename(tmp_path / "moved")
    printed = run("vae.py", child, "--epochs", "1", "--init_from", str(tmp_path / "moved"))
    assert printed.count("warm start:") == 1
    assert_identical(variables(child), expected)
    file.write_bytes(b"PK")
    run("vae.py", tmp_path / "parent", "--epochs", "1", "--seed", "1")  # another run at the first place
    process = start("vae.py", child, "--epochs", "1", "--init_from", str(parent))
    printed, _ = process.communicate()
    assert process.returncode == 2
    assert "all checkpoints of the run are damaged, and the weights of the model have changed from" in printed


@pytest.mark.slow
def test_a_run_records_its_parent_and_resumes_without_it(tmp_path):
    for name in ("parent", "whole", "parts"):
        (tmp_path / name).mkdir()
    parent = tmp_path / "parent"
    run("vaegan.py", parent, "--epochs", "2", "--ema", "0.9")
    flags = ["--init_from", str(parent / "run"), "--freeze", "1", "--ema", "0.9"]
    printed = run("vaegan.py", tmp_path / "whole", *flags, "--epochs", "3", export=True)
    assert printed.count("warm start:") == 1
    run("vaegan.py", tmp_path / "parts", *flags, "--epochs", "1")
    (parent / "run").rename(parent / "moved")
    printed = run("vaegan.py", tmp_path / "parts", *flags, "--epochs", "3")
    assert "warm start:" not in printed
    assert_identical(variables(tmp_path / "whole"), variables(tmp_path / "parts"))
    config = json.loads((tmp_path / "parts" / "run" / "config.json").read_text())
    manifest = export.read_manifest(tmp_path / "whole" / "export" / "1")
    assert config["start"]["parent"]["weights"] == manifest["parent"]["weights"]
    assert config["start"]["parent"]["averages"] == ["encoder", "decoder", "discriminator"]


@pytest.mark.slow
def test_a_command_with_a_bad_parent_ends_with_one_line_and_code_2(tmp_path):
    process = start("vae.py", tmp_path, "--init_from", "nowhere")
    printed, _ = process.communicate()
    assert process.returncode == 2
    assert "error: --init_from nowhere: it does not exist" in printed
    assert not (tmp_path / "run").exists()

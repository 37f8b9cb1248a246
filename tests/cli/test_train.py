"""The scripts from flags to export, and what they say of input that they cannot use."""

from __future__ import annotations

import csv
import json
import random
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from tests.cli.scripts import ROOT, SMALL, arguments, run, run_in_new_interpreter, start
from tests.models.small import CLASSES, MODELS
from tests.tiers import tiered
from tfgan_models import InputError, export
from tfgan_models.cli import command_line, sample, train
from tfgan_models.data import sources
from tfgan_models.errors import Collapsed
from tfgan_models.recipes import gan, vaegan
from tfgan_models.training import checkpoint, devices, fit
from tfgan_models.training import flags as common_flags
from tfgan_models.training import run as engine

RECONSTRUCTING = ("vaegan", "vae", "autoencoder")


ALGORITHMS = ["vaegan", "vae", "autoencoder", "gan", "wgan", "wgan_gp", "r3gan", "ebgan"]


@pytest.fixture(scope="module", params=tiered(ALGORITHMS, ["vaegan"]))
def finished(request, tmp_path_factory) -> tuple[str, Path, str]:
    """An algorithm, the folder of its run of two epochs, and what it printed; the main job in a new interpreter."""
    algorithm = request.param
    started, folder = run_in_new_interpreter if algorithm == "vaegan" else run, tmp_path_factory.mktemp(algorithm)
    flags = ["--epochs", "2", "--histograms", "--learning_rate_decay", "0.5"]
    return algorithm, folder, started(f"{algorithm}.py", folder, *flags, export=True)


def test_a_run_leaves_what_the_readme_says(finished):
    algorithm, place, printed = finished
    folder = place / "run"
    assert json.loads((folder / "config.json").read_text())["data"]["dataset"] == "digits"
    with open(folder / "metrics.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["epoch"] for row in rows] == ["1", "2"]
    last = json.loads((folder / "metrics.json").read_text())
    assert last == {name: pytest.approx(float(value)) for name, value in rows[-1].items()}
    assert all(np.isfinite(value) for value in last.values())

    kinds = ["reconstructions"] if algorithm in RECONSTRUCTING else []
    kinds += ["samples", "samples_prior"] if algorithm in ("vaegan", "vae") else ["samples"]
    for kind in kinds:
        assert [p.name for p in sorted((folder / kind).iterdir())] == ["epoch-0001.png", "epoch-0002.png"]
        assert np.asarray(Image.open(folder / kind / "epoch-0002.png")).std() > 1
    assert np.asarray(Image.open(folder / "interpolation.png")).shape == (8 * 10 - 2, 10 * 10 - 2)
    assert len(checkpoint.checkpoints(folder / "checkpoints")) == 2
    assert list((folder / "logs").rglob("events.out.tfevents.*"))
    assert "tensorboard --logdir" in printed
    assert "--host localhost" in printed

    exported = export.load(place / "export")
    assert exported.path.name == "1"
    assert exported.manifest["dataset"] == "digits"
    assert exported.manifest["image_shape"] == [8, 8, 1]
    assert exported.manifest["sampler"] == ("codes" if algorithm in RECONSTRUCTING else "prior")
    assert ("code prior:" in printed) == (algorithm in RECONSTRUCTING)
    images = exported("generate", latent=np.zeros((3, exported.manifest["latent_dim"]), np.float32))["image"]
    assert images.shape == (3, 8, 8, 1)
    assert np.abs(images).max() <= 1


@pytest.mark.parametrize("name", ["gan", "improved_gan", "semi_supervised_aae"])
def test_walks_are_between_latents_of_the_prior(name, exported, tmp_path, monkeypatch):
    seen = []

    original = export.Exported.__call__

    def call(self, signature, **inputs):
        if signature == "sample":
            return original(self, signature, **inputs)
        seen.append(inputs["latent"])
        return {"image": np.zeros((len(inputs["latent"]), 16, 16, 1))}

    monkeypatch.setattr(export.Exported, "__call__", call)
    sample.main(
        sample.SampleFlags(
            model=str(exported(name)), output=str(tmp_path / "walks.png"), interpolate=True, count=200, steps=3
        )
    )
    (latents,) = seen
    if name == "improved_gan":
        assert 0 <= latents.min() < 0.05 and 0.95 < latents.max() <= 1
    elif name == "semi_supervised_aae":
        classes = latents[:, :CLASSES]
        np.testing.assert_allclose(classes.sum(1), 1, rtol=1e-5)
        assert (classes[[0, 2]].max(1) == 1).all()  # a way's ends have a class each; between them lies a mixture
    else:
        assert abs(latents.mean()) < 0.1 and abs(latents.std() - 1) < 0.1


def test_sampling_repeats_for_a_seed(exported, tmp_path, monkeypatch):
    model = str(exported("gan"))

    def draw(**flags) -> np.ndarray:
        sample.main(sample.SampleFlags(model=model, output=str(tmp_path / "grid.png"), **flags))
        return np.asarray(Image.open(tmp_path / "grid.png"))

    first, again, other = (draw(count=9, seed=seed) for seed in (3, 3, 4))
    np.testing.assert_array_equal(first, again)
    assert first.shape == (3 * 18 - 2, 3 * 18 - 2)
    assert (other != first).any()
    assert draw(interpolate=True, count=2, steps=5).shape == (2 * 18 - 2, 5 * 18 - 2)


@pytest.mark.parametrize("interpolate", [False, True])
@pytest.mark.parametrize(
    ("flags", "said"),
    [
        ({"seed": -1}, r"--seed -1: give a number from 0 to 2147483647"),
        ({"seed": 2**31}, r"--seed 2147483648: give a number from 0"),
        ({"count": 0}, r"--count 0: give a number above 0"),
    ],
)
def test_sampling_refuses_numbers_that_mean_nothing(flags, said, interpolate, tmp_path, monkeypatch):
    with pytest.raises(InputError, match=said):
        sample.main(
            sample.SampleFlags(
                model=str(tmp_path), output=str(tmp_path / "grid.png"), interpolate=interpolate, steps=2, **flags
            )
        )
    assert not (tmp_path / "grid.png").exists()


@pytest.mark.parametrize(("given", "expected"), [({}, "FusedAdam"), ({"optimizer": "rmsprop"}, "RMSprop")])
def test_the_optimizer_of_the_vae_gan(given, expected, monkeypatch):
    flags = vaegan.VAEGANFlags(
        model=vaegan.Model(width=0.1, **given), training=common_flags.Training(steps_per_epoch=1)
    )
    images = SimpleNamespace(images=np.zeros((8, 32, 32, 3), np.uint8), attribute_names=())
    optimizers = vaegan.build(flags, images).optimizers.values()
    assert {type(optimizer).__name__ for optimizer in optimizers} == {expected}
    assert {getattr(optimizer, "beta_1", 0.5) for optimizer in optimizers} == {0.5}


@pytest.mark.parametrize(
    ("network", "size", "measured"),
    [
        ("dcgan", 8, ("image", "features")),
        ("dcgan", 16, ("image", "convolution_1", "features")),
        ("mlp", 8, ("image", "hidden_1", "features")),
        ("vaegan", 32, ("image", "convolution_1", "features")),
    ],
)
def test_the_error_is_measured_in_pixels_and_all_convolutions(network, size, measured, monkeypatch):
    flags = vaegan.VAEGANFlags(
        model=vaegan.Model(network=network, width=0.1),
        data=common_flags.Data(image_size=size),
        training=common_flags.Training(steps_per_epoch=1),
    )
    model = vaegan.build(flags, SimpleNamespace(images=np.zeros((8, size, size, 1), np.uint8), attribute_names=()))
    assert model.similarity_layer == measured
    logs = model.train_step({"image": tf.random.stateless_uniform((8, size, size, 1), [0, 0], -1, 1)})
    assert np.isfinite(logs["error"])


def preset(monkeypatch, name: str, *arguments: str):
    """A recipe, and the checked flags of one of its presets with others beside it."""
    recipe = train.load(name)
    monkeypatch.setattr(sys, "argv", [f"{name}.py", "--preset", *arguments])
    flags = command_line.read(recipe.flags, recipe.presets)
    common_flags.check(flags)
    return recipe, flags


def test_the_preset_of_the_penalized_critic(monkeypatch):
    recipe, flags = preset(monkeypatch, "wgan_gp", "gulrajani", "--width", "0.1")
    assert (flags.training.learning_rate, flags.training.batch_size, flags.training.ema) == (1e-4, 64, None)
    assert flags.training.epochs * flags.training.steps_per_epoch == 200_000
    model = recipe.build(flags, SimpleNamespace(images=np.zeros((8, 32, 32, 3), np.uint8), attribute_names=()))
    assert (model.critic_steps, model.penalty_weight) == (5, 10.0)
    assert {(o.beta_1, o.beta_2) for o in model.optimizers.values()} == {(0.0, 0.9)}


def test_the_preset_of_the_paper_and_a_flag_beside_it(monkeypatch):
    recipe, flags = preset(monkeypatch, "vaegan", "larsen", "--width", "0.1")
    assert (flags.data.image_size, flags.training.epochs, flags.training.steps_per_epoch) == (64, 250, 250)
    assert (flags.training.decay_power, flags.training.learning_rate_decay) == (0.75, 1.0)
    model = recipe.build(flags, SimpleNamespace(images=np.zeros((8, 64, 64, 3), np.uint8), attribute_names=()))
    assert (model.similarity_layer, model.relative_error, model.gamma, model.beta) == (("features",), False, 1e-6, 1.0)
    assert (model.loss, model.judge_reconstructions, model.equilibrium) == ("minimax", True, None)
    assert not model.balanced_gradients
    assert model.discriminator.get_layer("features").kernel.shape == (5, 5, 32, 32)
    assert {type(optimizer).__name__ for optimizer in model.optimizers.values()} == {"RMSprop"}


def test_the_preset_of_the_pytorch_port(monkeypatch):
    recipe, flags = preset(monkeypatch, "vaegan", "bergamini", "--width", "0.1")
    training = flags.training
    assert (training.epochs, training.batch_size, training.learning_rate) == (12, 64, 3e-4)
    assert (training.learning_rate_decay, training.decay_power, training.ema) == (0.75, 0.0, None)
    model = recipe.build(flags, SimpleNamespace(images=np.zeros((8, 64, 64, 3), np.uint8), attribute_names=()))
    assert (model.equilibrium, model.equilibrium_margin, model.judge_reconstructions) == (0.68, 0.35, False)
    assert (model.similarity_layer, model.gamma, model.beta, model.loss) == (("features",), 1e-6, 1.0, "minimax")
    assert {type(optimizer).__name__ for optimizer in model.optimizers.values()} == {"RMSprop"}


def odd_folder(tmp_path):
    folder = tmp_path / "pictures"
    folder.mkdir(exist_ok=True)
    return folder


def no_pictures(tmp_path):
    (odd_folder(tmp_path) / "notes.txt").write_text("no picture")
    return ["--dataset", f"folder:{odd_folder(tmp_path)}"]


def few_pictures(tmp_path):
    for i in range(12):
        Image.new("L", (8, 8), i).save(odd_folder(tmp_path) / f"{i}.png")
    return ["--dataset", f"folder:{odd_folder(tmp_path)}", "--batch_size", "2", "--steps_per_epoch", "1"]


def attributes_of_others(tmp_path):
    for i in range(40):
        Image.new("L", (8, 8), i).save(odd_folder(tmp_path) / f"{i}.png")
    (tmp_path / "attributes.txt").write_text("1\nSmiling\nsomeone.png 1\n")
    return ["--dataset", f"folder:{odd_folder(tmp_path)}", "--attributes", str(tmp_path / "attributes.txt")]


BAD = {
    "an unknown data set": (lambda _: ["--dataset", "mnits"], ["mnits", "mnist"]),
    "a folder that is not there": (lambda p: ["--dataset", f"folder:{p}/nowhere"], ["nowhere"]),
    "a folder without pictures": (no_pictures, ["pictures"]),
    "attributes of other pictures": (attributes_of_others, ["attributes.txt"]),
    "a size the network cannot take": (lambda _: ["--network", "vaegan"], ["--image_size 8", "32, 64, 128, 160"]),
    "more steps than data": (lambda _: ["--steps_per_epoch", "1000"], ["--steps_per_epoch 1000"]),
    "more in a batch than there is": (lambda _: ["--batch_size", "5000"], ["--batch_size 5000"]),
    "workers without TF_CONFIG": (lambda _: ["--strategy", "multi_worker"], ["TF_CONFIG"]),
    "an unknown layer": (lambda _: ["--similarity_layer", "nowhere"], ["nowhere", "features"]),
    "a margin of no equilibrium": (
        lambda _: ["--equilibrium_margin", "0.5"],
        ["--equilibrium_margin 0.5: it decides nothing here, leave it out or give --equilibrium"],
    ),
    "samples that nothing measures": (
        lambda _: ["--evaluation_samples", "50"],
        ["--evaluation_samples 50: nothing is measured, add --evaluate_every"],
    ),
    "attributes where there are none": (lambda _: ["--attribute_weight", "1"], ["digits", "attributes"]),
    "more than the whole of a loss": (lambda _: ["--gamma", "1.5"], ["--gamma 1.5", "at most 1"]),
    "a collapse that could not be seen": (
        lambda p: [*few_pictures(p), "--stop_on_collapse"],
        ["--stop_on_collapse", "16 training images"],
    ),
    "an evaluation of too few": (lambda p: [*few_pictures(p), "--evaluate_every", "1"], ["too small to measure with"]),
    "a learning rate of nothing": (lambda _: ["--learning_rate", "0"], ["--learning_rate 0"]),
}


@pytest.mark.parametrize("what", BAD)
def test_bad_input_ends_in_one_line_and_leaves_nothing(what, tmp_path, monkeypatch, capfd):
    make, expected = BAD[what]
    monkeypatch.delenv("TF_CONFIG", raising=False)
    monkeypatch.setattr(train, "end_on_signals", lambda: None)
    monkeypatch.chdir(tmp_path)
    places = ["--run_dir", "run", "--cache_dir", "cache"]
    monkeypatch.setattr(sys, "argv", ["vaegan.py", *SMALL, *places, *make(tmp_path)])
    with pytest.raises(SystemExit) as stop:
        train.command("vaegan")
    assert stop.value.code == 2
    complaint = [line for line in capfd.readouterr().err.splitlines() if "error:" in line]
    assert len(complaint) == 1
    for word in expected:
        assert word in complaint[0]
    assert not (tmp_path / "run").exists()


@pytest.fixture
def gan_run(tmp_path, monkeypatch):
    """A function that runs ``gan.py`` with ``fit`` and the export replaced."""
    monkeypatch.setattr(engine, "report_places", lambda *_: None)

    def go(fit, **output):
        def release_after(model, train, test, flags, folder, done, strategy, watch):
            try:
                fit(model, folder, done)
            finally:
                folder.release()

        monkeypatch.setattr(engine, "fit", release_after)
        places = {"run_dir": str(tmp_path / "run"), "export": False}
        flags = gan.GANFlags(
            data=common_flags.Data(dataset="digits", image_size=8),
            model=gan.Model(network="mlp", width=0.1, latent_dim=4),
            training=common_flags.Training(precision="float32", epochs=9),
            output=common_flags.Output(**places, **output),
        )
        engine.run(gan.RECIPE, flags)

    return go


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


def test_a_collapsed_run_may_go_on_and_is_then_judged_anew(gan_run):
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
    with pytest.raises(Collapsed, match=r"Try something else\. Start over with --no-resume"):
        gan_run(train, stop_on_collapse=True)
    assert len(seen) == 4


@pytest.mark.parametrize(
    ("name", "images", "said"),
    [("autoencoder", 15, "needs 16 training images"), ("vae", 15, "needs 16 training images")],
)
def test_to_stop_on_a_collapse_that_nobody_could_see_is_refused(name, images, said, monkeypatch):
    train = SimpleNamespace(images=np.zeros((images, 8, 8, 1), np.uint8))
    with pytest.raises(InputError, match=f"--stop_on_collapse: .*{said}"):
        fit.check_watched(
            MODELS[name](), train, train, common_flags.Flags(output=common_flags.Output(stop_on_collapse=True))
        )
    fit.check_watched(MODELS[name](), train, train, common_flags.Flags())
    enough = SimpleNamespace(images=np.zeros((16, 8, 8, 1), np.uint8))
    fit.check_watched(
        MODELS["vae"](), enough, enough, common_flags.Flags(output=common_flags.Output(stop_on_collapse=True))
    )


def test_the_monitor_of_a_run_that_goes_on_knows_the_epochs_that_are_done(tmp_path, monkeypatch):
    """Those of a checkpoint: a killed run may have written the row of an epoch that counts for nothing."""
    rows = "epoch,loss,sample_diversity\n1,0.30000000000000004,0.5\n2,0.25,\n3,0.125,0.7\n"
    (tmp_path / "metrics.csv").write_text(rows)
    images = np.random.default_rng(0).integers(0, 256, (32, 8, 8, 1), np.uint8)
    asked = []
    monkeypatch.setattr(devices, "agree", lambda strategy, count, where: asked.append((count, where)))

    def monitor(done, **output):
        flags = common_flags.Flags(output=common_flags.Output(**output))
        folder = SimpleNamespace(path=tmp_path, chief=True)
        return fit.health_monitor(SimpleNamespace(images=images), flags, folder, done, tf.distribute.get_strategy())

    assert monitor(0).history == []
    assert monitor(2).history == [{"loss": 0.30000000000000004, "sample_diversity": 0.5}, {"loss": 0.25}]
    # Workers that see other rows would stop at another epoch, and the rest wait for them for ever.
    assert asked == [(0, str(tmp_path / "metrics.csv")), (2, str(tmp_path / "metrics.csv"))]
    assert monitor(2, health=False) is None
    images = images[:8]
    assert monitor(2) is None


@pytest.mark.slow
def test_losses_that_are_not_finite_stop_the_run_and_name_the_last_good_checkpoint(tmp_path):
    """The learning rate grows by 10¹⁰ after the first epoch, which is harmless and stays."""
    flags = ["--epochs", "9", "--learning_rate", "1e-4", "--learning_rate_decay", "1e10"]
    printed, _ = (process := start("vae.py", tmp_path, *flags)).communicate(timeout=300)
    assert process.returncode == 1
    assert "Traceback" not in printed
    assert "finite" in printed.splitlines()[-1]
    good = checkpoint.checkpoints(tmp_path / "run" / "checkpoints")
    assert f"the last checkpoint is {good[-1]}" in printed.splitlines()[-1]
    with np.load(good[-1] / checkpoint.VARIABLES) as file:
        assert all(np.isfinite(file[name]).all() for name in file.files)


@pytest.mark.slow
def test_a_finished_run_exports_once(tmp_path):
    first, again, longer = (
        run("autoencoder.py", tmp_path, "--epochs", epochs, export=True) for epochs in ("1", "1", "2")
    )
    assert f"exported:    {tmp_path / 'export' / '1'} " in first
    assert "has finished its 1 epochs" in again
    assert f"exported:    {tmp_path / 'export' / '1'} " in again
    assert f"exported:    {tmp_path / 'export' / '2'} " in longer
    assert sorted(p.name for p in (tmp_path / "export").iterdir()) == ["1", "2"]


@pytest.mark.slow
def test_a_place_that_is_none_is_refused_before_the_training(tmp_path, monkeypatch):
    monkeypatch.delenv("TF_CPP_MIN_LOG_LEVEL")  # who sets it wants to hear TensorFlow
    (tmp_path / "afile").write_text("")
    flags = ["--epochs", "1", "--export_dir", str(tmp_path / "afile")]
    command = [sys.executable, str(ROOT / "train" / "autoencoder.py"), *arguments(tmp_path, *flags, export=True)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert done.returncode == 2
    # One line in all: nothing of TensorFlow's own, and no epoch.
    (line,) = [line for line in (done.stdout + done.stderr).splitlines() if not line.startswith("precision:")]
    assert "afile" in line and "give another path" in line
    assert not (tmp_path / "run").exists()

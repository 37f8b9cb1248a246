"""The command line: what it takes, what it refuses in one line, and that help does not wait for TensorFlow."""

from __future__ import annotations

import dataclasses
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tfgan_models import InputError
from tfgan_models.cli import command_line, train
from tfgan_models.training import flags

TRAIN = Path(__file__).resolve().parents[2] / "train"
SCRIPTS = sorted(TRAIN.glob("*.py"))
TRAINERS = [path for path in SCRIPTS if path.stem in train.names()]


@pytest.fixture
def read(monkeypatch):
    """Read and check a command line as the scripts do; the flags are the shared ones unless told."""

    def read(*arguments: str, kind: type = flags.Flags):
        monkeypatch.setattr(sys, "argv", ["train/some.py", *arguments])
        given = command_line.read(kind)
        flags.check(given)
        return given

    return read


@pytest.fixture
def without_tensorflow(tmp_path) -> dict[str, str]:
    """An environment in which importing TensorFlow or Keras is an error."""
    for name in ("tensorflow", "keras", "tensorflow_probability"):
        (tmp_path / f"{name}.py").write_text(f"raise SystemExit('{name} was imported')\n")
    return {**os.environ, "PYTHONPATH": str(tmp_path), "COLUMNS": "100", "TERM": "dumb"}


def run(script: Path, *arguments: str, **options) -> subprocess.CompletedProcess:
    command = [sys.executable, str(script), *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, **options)


def test_there_are_scripts():
    assert {path.stem for path in SCRIPTS} >= {
        "aae",
        "aae_semi_supervised",
        "aae_supervised",
        "autoencoder",
        "ebgan",
        "edit",
        "gan",
        "r3gan",
        "sample",
        "vae",
        "vaegan",
        "wgan",
        "wgan_gp",
    }


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.stem)
def test_help_says_every_default_and_does_not_import_tensorflow(script, without_tensorflow, tmp_path):
    done = run(script, "--help", env=without_tensorflow, cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    options = re.findall(r"^│ (--[a-z_]+)", done.stdout, re.MULTILINE)
    assert len(options) >= 2
    text = re.sub(r"[│\s]+", " ", done.stdout)  # without the boxes and breaks that a narrow terminal makes
    explained = re.findall(r"\(default: |\(required\)", text)
    assert len(explained) >= len(options)
    if script in TRAINERS:
        assert {"--dataset", "--image_size", "--batch_size", "--epochs", "--seed", "--run_dir"} <= set(options)
        small = script.stem.startswith(("improved_gan", "aae"))
        dataset, size = ("digits", None) if small else ("faces", 32)
        for default in (dataset, size, "auto"):
            assert f"(default: {default})" in text


@pytest.mark.parametrize(
    ("arguments", "quoted"),
    [
        (["--epoch", "3"], "--epoch"),
        (["--precision", "float64"], "float64"),
        (["--epochs", "0"], "--epochs 0"),
        (["--batch_size", "0"], "--batch_size 0"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_a_script_ends_with_2_and_one_line(arguments, quoted, without_tensorflow, tmp_path):
    """Before TensorFlow is imported, and with nothing written."""
    done = run(TRAIN / "vae.py", *arguments, env=without_tensorflow, cwd=tmp_path)
    assert done.returncode == 2
    assert done.stdout == ""
    (line,) = done.stderr.splitlines()
    assert line.startswith("vae.py: error: ")
    assert quoted in line
    assert not (tmp_path / "runs").exists()


@pytest.mark.parametrize(
    ("arguments", "quoted"),
    [
        (["--epochs", "three"], "three"),
        (["--epochs"], "--epochs"),
        (["--epochs", "-1"], "--epochs -1"),
        (["--steps_per_epoch", "0"], "--steps_per_epoch 0"),
        (["--batch_size", "1"], "--batch_size 1"),
        (["--learning_rate", "0"], "--learning_rate 0"),
        (["--learning_rate", "nan"], "--learning_rate nan"),
        (["--learning_rate", "inf"], "--learning_rate inf"),
        (["--learning_rate_decay", "-0.5"], "--learning_rate_decay -0.5"),
        (["--cooldown", "1.5"], "--cooldown 1.5: give a fraction"),
        (["--decay_power", "-1"], "--decay_power -1.0: give a number from 0 on"),
        (["--gradient_clip", "0"], "--gradient_clip 0"),
        (["--keep_checkpoints", "0"], "--keep_checkpoints 0"),
        (["--crop", "-5"], "--crop -5"),
        (["--channels", "2"], "--channels 2"),
        (["--seed", "-1"], "--seed -1"),
        (["--seed", str(2**31)], f"--seed {2**31}: give a number from 0 to {2**31 - 1}"),
        (["--strategy", "tpu"], "tpu"),
        (["--no-export", "--export_dir", "models"], "--export_dir models: it has no effect with --no-export"),
        (["--virtual_devices", "2"], "--strategy mirrored"),
        (["--virtual_devices", "2", "--strategy", "multi_worker"], "--virtual_devices 2: --strategy multi_worker"),
        (["faces"], "faces"),
        (["--no_such", "1", "--nor_this", "2"], "--no_such"),
        (["--epochs", "x", "--batch_size", "y"], "--epochs"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_bad_values_are_quoted_in_one_line(arguments, quoted, read):
    with pytest.raises(InputError) as error:
        read(*arguments)
    assert quoted in str(error.value)
    assert "\n" not in str(error.value)
    assert error.value.argument == (
        None if arguments == ["faces"] else arguments[0].strip("-").removeprefix("no-")
    ) or (error.value.argument in ("export_dir", "no_such"))


def kind_of(script: str) -> type:
    """The dataclass of flags of a script."""
    return train.load(script).flags


@pytest.mark.parametrize(
    ("script", "needed", "group", "name", "value"),
    [
        ("vaegan", ["--equilibrium"], "model", "equilibrium_margin", 0.5),
        ("aae", ["--num_prior_labels", "50"], "model", "label_seed", 2),
        ("aae_semi_supervised", ["--cluster_heads"], "model", "head_distance", 2.0),
        ("gan", ["--evaluate_every", "1"], "output", "evaluation_samples", 50),
    ],
)
def test_a_flag_that_needs_another_is_taken_beside_it(script, needed, group, name, value, read):
    given = read(*needed, f"--{name}", str(value), kind=kind_of(script))
    assert getattr(getattr(given, group), name) == value


@pytest.mark.parametrize("script", TRAINERS, ids=lambda path: path.stem)
@pytest.mark.parametrize("value", ["0", "-1"])
@pytest.mark.parametrize("flag", ["--latent_dim", "--width"])
def test_sizes_of_networks_are_above_0(flag, value, script, read):
    if flag == "--latent_dim" and script.stem in ("aae_supervised", "aae_semi_supervised"):
        flag = "--style_dim"  # beside which a latent has the class
    with pytest.raises(InputError, match=f"{flag} {value}"):
        read(flag, value, kind=kind_of(script.stem))


@pytest.mark.parametrize("script", TRAINERS, ids=lambda path: path.stem)
def test_width_is_at_most_16(script, read):
    kind = kind_of(script.stem)
    assert read("--width", "16", kind=kind).model.width == 16
    with pytest.raises(InputError, match=r"--width 16\.1: .*at most 16"):
        read("--width", "16.1", kind=kind)


WEIGHTS = [
    *(("vaegan", f"--{name}") for name in ("beta", "gamma", "attribute_weight")),
    *(("vaegan", f"--equilibrium_{name}") for name in ("center", "margin")),
    ("vae", "--beta"),
]


@pytest.mark.parametrize("value", ["-0.1", "nan", "inf", "-inf"])
@pytest.mark.parametrize(("script", "flag"), WEIGHTS)
def test_weights_of_losses_are_finite_and_not_negative(flag, value, script, read):
    with pytest.raises(InputError) as error:
        read(flag, value, kind=kind_of(script))
    assert str(error.value) == f"{flag} {value}: give a number of 0 or more"


@pytest.mark.parametrize(("script", "flag"), WEIGHTS)
def test_weights_of_losses_may_be_0(flag, script, read):
    beside = ["--equilibrium"] if "equilibrium" in flag else []
    assert getattr(read(*beside, flag, "0", kind=kind_of(script)).model, flag.strip("-")) == 0


def test_virtual_devices_go_with_mirrored(read):
    assert read("--virtual_devices", "2", "--strategy", "mirrored").training.virtual_devices == 2
    assert read("--virtual_devices", "1").training.virtual_devices == 1


@pytest.mark.parametrize(
    ("arguments", "resume"),
    [([], True), (["--no-resume"], False), (["--no_resume"], False), (["--resume"], True)],
    ids=str,
)
def test_resume(arguments, resume, read):
    assert read(*arguments).output.resume is resume


@pytest.mark.parametrize("written", ["--batch_size", "--batch-size"])
def test_values_are_read_into_their_groups(written, read):
    given = read(written, "32", "--dataset", "folder:/my pictures", "--gradient_clip", "0.5", "--horizontal_flip")
    assert given.training.batch_size == 32
    assert given.training.gradient_clip == 0.5
    assert given.data.dataset == "folder:/my pictures"
    assert given.data.horizontal_flip


@pytest.mark.parametrize(
    ("algorithm", "former", "present"),
    [("vaegan", "flip", "horizontal_flip"), ("aae_semi_supervised", "labels", "num_labels")],
)
def test_a_former_name_is_refused_with_the_present_one(algorithm, former, present, read):
    with pytest.raises(InputError, match=f"^--{former}: this flag is now --{present}; see ") as error:
        read(f"--{former}", kind=train.load(algorithm).flags)
    assert error.value.argument == former


def test_defaults_are_those_of_the_dataclass(read):
    assert dataclasses.asdict(read()) == dataclasses.asdict(flags.Flags())

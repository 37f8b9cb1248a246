"""The command ``tfgan``: what it lists, what it refuses in one line, and that it is the scripts."""

from __future__ import annotations

import resource
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.cli.scripts import ROOT
from tests.training.test_flags import without_tensorflow  # noqa: F401  a fixture
from tfgan_models.cli import main, train

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


@pytest.fixture
def tfgan(without_tensorflow, tmp_path):  # noqa: F811
    """Run the command where TensorFlow cannot be imported."""
    environment = without_tensorflow | {"PYTHONPATH": f"{without_tensorflow['PYTHONPATH']}:{ROOT}"}

    def run(*arguments: str) -> subprocess.CompletedProcess:
        command = [sys.executable, "-m", "tfgan_models", *arguments]
        return subprocess.run(command, capture_output=True, text=True, timeout=120, env=environment, cwd=tmp_path)

    return run


def test_the_installed_command_is_main():
    assert PROJECT["scripts"] == {"tfgan": f"{main.__name__}:{main.main.__name__}"}


def test_help_lists_commands_and_algorithms_in_less_than_a_second(tfgan):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = tfgan("--help")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    # Of a processor, so that other programs do not make it slow.
    assert after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime < 1
    assert (done.returncode, done.stderr) == (0, "")
    listed = {line.split()[0] for line in done.stdout.splitlines() if line.startswith("  ")}
    assert {*main.COMMANDS, *train.names()} <= listed
    assert set(train.names()) <= set(tfgan("train", "--help").stdout.split())


def test_the_version(tfgan):
    assert tfgan("--version").stdout == f"tfgan_models {PROJECT['version']}\n"


@pytest.mark.parametrize(
    ("arguments", "program", "said"),
    [
        (
            [],
            "tfgan",
            "give a command: train, sample, edit, project, replay, compare, cache, evaluate, export, studio, judge, "
            "push, pull, lab",
        ),
        (["trian"], "tfgan", "unknown command 'trian': did you mean train?"),
        (["qqqq"], "tfgan", "unknown command 'qqqq': give one of train, sample"),
        (["train"], "tfgan train", "give an algorithm: aae, "),
        (["train", "vaegn"], "tfgan train", "unknown algorithm 'vaegn': did you mean vaegan?"),
        (["train", "_gan_flags"], "tfgan train", "unknown algorithm '_gan_flags'"),
        (["train", "vaegan", "--epochs", "0"], "tfgan train vaegan", "--epochs 0: give a number above 0"),
        (["train", "vaegan", "--epoch", "1"], "tfgan train vaegan", "-m tfgan_models train vaegan --help"),
        (["sample"], "tfgan sample", "--model"),
        (["edit", "--model", "m", "--plus", "a.png"], "tfgan edit", "--plus a.png: add --minus"),
        (["edit", "--model", "m", "--image", "a.png", "--seed", "1"], "tfgan edit", "--seed 1: it is about held-out"),
        (
            ["sample", "--model", "m", "--between", "a.png"],
            "tfgan sample",
            "--between a.png: give two or more pictures",
        ),
        (["project"], "tfgan project", "--model"),
        (["project", "--model", "m"], "tfgan project", "--image"),
        (["project", "--model", "m", "--image", "a", "--output", "b"], "tfgan project", "--output b: give a file name"),
        (["replay"], "tfgan replay", "--run"),
        (["replay", "nowhere"], "tfgan replay", "--run nowhere: there is no such folder"),
        (["replay", "m", "--output", "a.mp4"], "tfgan replay", "--output a.mp4: give a file name that ends in .gif"),
        (["evaluate"], "tfgan evaluate", "give --model or --images"),
        (["export", "--model", "m"], "tfgan export", "--format"),
        (["export", "--model", "m", "--format"], "tfgan export", "--format: give onnx or litert"),
        (
            ["export", "--model", "m", "--format", "pt"],
            "tfgan export",
            "--format pt: 'pt' is unknown, give onnx or litert",
        ),
        (["judge"], "tfgan judge", "--answers"),
        (["judge", "--answers", "a", "--report"], "tfgan judge", "there is no such file"),
        (["judge", "--answers", "a", "--answer", "1"], "tfgan judge", "add --person"),
        (["push", "--model", "m", "--to", "name"], "tfgan push", "--to name: give owner/name"),
        (["pull", "../name"], "tfgan pull", "--name ../name: give owner/name"),
        (["lab", "--seeds", "0"], "tfgan lab", "--seeds 0: give 1 or more"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_what_cannot_be_ends_with_2_and_one_line(arguments, program, said, tfgan, tmp_path):
    before = set(tmp_path.iterdir())
    done = tfgan(*arguments)
    assert (done.returncode, done.stdout) == (2, "")
    (line,) = done.stderr.splitlines()
    assert line.startswith(f"{program}: error: ")
    assert said in line
    assert set(tmp_path.iterdir()) == before


def test_an_algorithm_has_the_flags_of_its_script(tfgan, without_tensorflow, tmp_path):  # noqa: F811
    script = [sys.executable, str(ROOT / "train" / "vae.py"), "--help"]
    done = subprocess.run(script, capture_output=True, text=True, env=without_tensorflow, cwd=tmp_path)
    usage, flags = tfgan("train", "vae", "--help").stdout.split("\n", 1)
    assert flags == done.stdout.split("\n", 1)[1]
    assert "tfgan train vae" in usage


COMPLETE = """
source ./script
COMP_WORDS=("$@")
COMP_CWORD=$(($# - 1))
_tyro_tfgan
printf '%s\\n' "${COMPREPLY[@]}"
"""


@pytest.mark.parametrize(
    ("words", "completions"),
    [
        (["tfgan", ""], {"-h", "--help", *main.COMMANDS}),
        (["tfgan", "train", "va"], {"vae", "vaegan"}),
        (["tfgan", "train", "vaegan", "--similarity"], {"--similarity_layer"}),
        (["tfgan", "train", "wgan", "--generator_normalization", "v"], {"virtual"}),
        (["tfgan", "sample", "--inter"], {"--interpolate"}),
        (["tfgan", "replay", "--frames"], {"--frames_per_second"}),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_a_shell_completes_commands_algorithms_and_flags(words, completions, tfgan, tmp_path):
    done = tfgan("--tyro-print-completion", "bash")
    assert (done.returncode, done.stderr) == (0, "")
    (tmp_path / "script").write_text(done.stdout)
    (tmp_path / "complete").write_text(COMPLETE)
    printed = subprocess.run(["bash", "complete", *words], capture_output=True, text=True, cwd=tmp_path).stdout
    assert {line.split()[0] for line in printed.splitlines()} == completions


def test_completion_of_other_shells(tfgan):
    assert tfgan("train", "--tyro-print-completion", "zsh").stdout.startswith("#compdef tfgan\n")
    assert "--tyro-print-completion fish: give bash or zsh" in tfgan("--tyro-print-completion", "fish").stderr


@pytest.mark.slow
def test_the_command_trains_as_the_script_does(tmp_path):
    """To the same weights; and a sweep, whose runs are processes, knows the command that began it."""
    flags = ["--dataset", "digits", "--image_size", "8", "--network", "mlp", "--width", "0.1", "--epochs", "1"]
    flags += ["--steps_per_epoch", "2", "--precision", "float32", "--no-export"]
    printed = []
    for number, start in enumerate((["-m", "tfgan_models", "train", "vae"], [str(ROOT / "train" / "vae.py")])):
        folder = tmp_path / str(number)
        folder.mkdir()
        printed.append(run_in(folder, *start, *flags))
    weights = {line for text in printed for line in text.splitlines() if line.startswith("weights:")}
    assert len(weights) == 1
    sweep = [
        "train",
        "improved_gan",
        "--width",
        "0.05",
        "--batch_size",
        "20",
        "--epochs",
        "1",
        "--label_seed",
        "1",
        "2",
    ]
    printed = run_in(tmp_path, "-m", "tfgan_models", *sweep, "--steps_per_epoch", "2", "--baseline_steps", "2")
    assert "-m tfgan_models sample --model saved_models/improved_gan/labels-50-seed-2/1" in printed


def run_in(folder: Path, *arguments: str) -> str:
    command = [sys.executable, *arguments]
    environment = {
        "PYTHONPATH": str(ROOT),
        "TF_CPP_MIN_LOG_LEVEL": "2",
        "CUDA_VISIBLE_DEVICES": "-1",
        "HOME": str(folder),
    }
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, env=environment, cwd=folder)
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout

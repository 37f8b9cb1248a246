"""Runs that are killed end with the very weights of runs that are not."""

from __future__ import annotations

import random
import signal
import subprocess
import time
from pathlib import Path

import pytest

from tests.cli.scripts import KILLED_IN_WRITING, Script, assert_identical, run, start, variables
from tests.event_files import curves
from tfgan_models import export
from tfgan_models.training import checkpoint


def newest_epoch(checkpoints: Path) -> int:
    return max(map(checkpoint.epoch_of, checkpoint.checkpoints(checkpoints)), default=0)


def kill_after_an_epoch(process: Script, checkpoints: Path, chance: random.Random) -> None:
    """Kill a run at any time from the end of its first epoch on, at most three epochs later."""
    before = newest_epoch(checkpoints)
    while process.poll() is None and newest_epoch(checkpoints) == before:
        time.sleep(0.005)
    end = time.monotonic() + chance.uniform(0, 0.3)
    while time.monotonic() < end and newest_epoch(checkpoints) < before + 4:
        time.sleep(0.005)
    process.kill()
    process.communicate()
    assert process.returncode == -signal.SIGKILL, "the run ended before it could be killed"


def run_until_killed_in_writing(epoch: int, script: str, folder: Path, *flags: str) -> None:
    """Run until the process kills itself: an epoch's checkpoint is written, but its folder has no name yet."""
    process = start(script, folder, *flags, **{KILLED_IN_WRITING: str(epoch)})
    process.communicate()
    checkpoints = folder / "run" / "checkpoints"
    assert process.returncode == -signal.SIGKILL, f"the run ended without epoch {epoch}"
    assert [path.name for path in checkpoints.glob(".unfinished-*")] == [f".unfinished-{epoch:05d}"]
    assert newest_epoch(checkpoints) == epoch - 1


@pytest.fixture(scope="module")
def undisturbed(request, tmp_path_factory) -> tuple[str, list[str], int, Path]:
    """The script, flags and number of kills of a case, and the folder of its run that was not killed."""
    script, flags, kills = request.param
    folder = tmp_path_factory.mktemp("undisturbed")
    run(script, folder, *flags)
    return script, flags, kills, folder


# Pictures and the check of health take most of so short an epoch.
BRIEF = ["--epochs", "13", "--pictures_every", "4", "--no-health"]
TWO_DEVICES = ["--strategy", "mirrored", "--virtual_devices", "2"]
CLASSES = ["--condition", "labels"]
KILLED = {
    "vae with averages": ("vae.py", ["--epochs", "3", "--ema", "0.9", "--no-health"], 1),
    "vaegan": ("vaegan.py", ["--epochs", "16", "--pictures_every", "3"], 3),
    "vaegan with averages": ("vaegan.py", [*BRIEF, "--ema", "0.9"], 2),
    "vaegan mirrored": ("vaegan.py", [*BRIEF, *TWO_DEVICES], 2),
    "vaegan with classes": ("vaegan.py", [*BRIEF, *CLASSES], 2),
    "vae with classes": ("vae.py", [*BRIEF, *CLASSES], 2),
    "gan with classes": ("gan.py", [*BRIEF, *CLASSES, "--conditioning", "auxiliary"], 2),
}


@pytest.mark.parametrize(
    "undisturbed",
    [
        pytest.param(case, id=name, marks=() if name == "vae with averages" else pytest.mark.slow)
        for name, case in KILLED.items()
    ],
    indirect=True,
)
def test_killed_runs_end_with_the_weights_of_an_undisturbed_one(undisturbed, tmp_path):
    script, asked, kills, whole = undisturbed
    killed = tmp_path / "killed"
    killed.mkdir()
    checkpoints, chance = killed / "run" / "checkpoints", random.Random(0)
    for _ in range(kills - 1):
        kill_after_an_epoch(start(script, killed, *asked), checkpoints, chance)
    run_until_killed_in_writing(newest_epoch(checkpoints) + 2, script, killed, *asked)
    printed = run(script, killed, *asked)
    assert f"resumed: {checkpoints}" in printed
    assert_identical(variables(whole), variables(killed))
    rows = [(folder / "run" / "metrics.csv").read_text() for folder in (whole, killed)]
    assert rows[0] == rows[1]
    assert curves(whole / "run" / "logs" / "train") == curves(killed / "run" / "logs" / "train")
    pictures = [curves(folder / "run" / "logs" / "pictures", "images") for folder in (whole, killed)]
    assert pictures[0] == pictures[1]
    assert {"samples", "interpolation"} <= set(pictures[0])


@pytest.mark.slow
def test_a_damaged_checkpoint_costs_an_epoch_and_changed_flags_are_refused(tmp_path):
    run("vae.py", tmp_path, "--epochs", "3")
    assert not (tmp_path / "saved_models").exists()  # where an export lies by default
    whole = variables(tmp_path)
    newest = checkpoint.checkpoints(tmp_path / "run" / "checkpoints")[-1] / checkpoint.VARIABLES
    damaged = bytearray(newest.read_bytes())
    damaged[len(damaged) // 2] ^= 1
    newest.write_bytes(damaged)
    printed = run("vae.py", tmp_path, "--epochs", "3", export=True)
    assert [version.name for version in export.versions(tmp_path / "export")] == ["1"]
    assert "damaged" in printed
    assert "2 epochs done" in printed
    assert_identical(whole, variables(tmp_path))

    process = start("vae.py", tmp_path, "--epochs", "3", "--beta", "2")
    printed, _ = process.communicate()
    assert process.returncode == 2
    assert "--beta" in printed
    assert "Traceback" not in printed

    # Whatever may have come over an earlier export, such as a power cut, it is not in the way of another.
    (*_, last) = versions = export.versions(tmp_path / "export")
    (last / export.MANIFEST).write_text("")
    assert "is finished after" in run("vae.py", tmp_path, "--epochs", "3", export=True)
    assert len(export.versions(tmp_path / "export")) == len(versions) + 1
    longer = run("vae.py", tmp_path, "--epochs", "4")
    assert "3 epochs done" in longer
    run("vae.py", tmp_path, "--epochs", "1", "--beta", "2", "--no-resume")
    assert len(checkpoint.checkpoints(tmp_path / "run.old-1" / "checkpoints")) == 3


@pytest.mark.slow
@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_signals_end_a_run_in_its_middle(number, code, tmp_path):
    process = start("vae.py", tmp_path, "--epochs", "100000")
    while not checkpoint.checkpoints(tmp_path / "run" / "checkpoints") and process.poll() is None:
        time.sleep(0.05)
    process.send_signal(number)
    printed, _ = process.communicate(timeout=60)  # of the hours that the epochs would take
    assert process.returncode == code
    assert "run the same command to resume" in printed


@pytest.mark.slow
def test_a_full_disk_leaves_the_last_checkpoint_whole(tmp_path):
    small = tmp_path / "small"
    small.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1200k", "none", small], capture_output=True).returncode:
        pytest.skip("mounting a tmpfs needs rights that this user lacks")
    try:
        process = start("vae.py", small, "--epochs", "100000", "--keep_checkpoints", "1000")
        printed, _ = process.communicate(timeout=120)
        assert process.returncode == 1, printed[-2000:]
        assert "No space left on device" in printed
        assert "Traceback" not in printed
        newest = checkpoint.checkpoints(small / "run" / "checkpoints")[-1]
        assert variables(small)
        for old in checkpoint.checkpoints(small / "run" / "checkpoints")[:-2]:
            subprocess.run(["rm", "-r", old], check=True)
        done = checkpoint.epoch_of(newest)
        printed = run("vae.py", small, "--epochs", str(done + 1), "--keep_checkpoints", "1")
        assert f"{done} epoch{'s' * (done != 1)} done" in printed
    finally:
        subprocess.run(["umount", small], check=True)

"""A run that is killed after an epoch's checkpoint makes up for what belongs to the epoch when it resumes."""

from __future__ import annotations

import pytest

from tests.tiers import tiered
from tests.training import killing
from tfgan_models.recipes import gan
from tfgan_models.training import checkpoint
from tfgan_models.training import flags as common_flags

EPOCHS = 2


@pytest.fixture
def train(tmp_path, monkeypatch):
    """A function that trains a small GAN in a folder for some epochs, and is killed at the end of one of them."""

    def go(name: str, epochs: int = EPOCHS, killed_in: int | None = None) -> None:
        flags = gan.GANFlags(
            data=common_flags.Data(dataset="digits", image_size=8),
            model=gan.Model(network="mlp", width=0.1, latent_dim=4),
            training=common_flags.Training(
                precision="float32", epochs=epochs, steps_per_epoch=2, batch_size=8, learning_rate_decay=0.5
            ),
            output=common_flags.Output(run_dir=str(tmp_path / name), export=False, keep_checkpoints=1),
        )
        killing.run(monkeypatch, gan.RECIPE, flags, end=killed_in)

    return go


def files(folder) -> dict[str, bytes]:
    """Rows and pictures of a run."""
    paths = [folder / "metrics.csv", folder / "metrics.json", *folder.rglob("*.png")]
    return {str(path.relative_to(folder)): path.read_bytes() for path in paths}


@pytest.fixture
def whole(train, tmp_path):
    """The folder of a run that was not killed."""
    train("whole")
    return tmp_path / "whole"


@pytest.mark.parametrize("killed_in", tiered([1, EPOCHS], [EPOCHS]))
def test_rows_and_pictures_are_those_of_a_run_that_was_not_killed(killed_in, train, whole, tmp_path, capfd):
    train("killed", killed_in=killed_in)
    (newest,) = checkpoint.checkpoints(tmp_path / "killed" / "checkpoints")
    assert checkpoint.epoch_of(newest) == killed_in
    assert f"epoch-{killed_in:04d}.png" not in {path.name for path in (tmp_path / "killed").rglob("*.png")}
    capfd.readouterr()
    train("killed")
    printed = capfd.readouterr().out
    assert f"finishing epoch {killed_in}, whose figures and pictures were not written" in printed
    assert files(tmp_path / "killed") == files(whole)
    digests = [
        (folder / "checkpoints" / f"epoch-{EPOCHS:05d}" / checkpoint.VARIABLES).read_bytes()
        for folder in (whole, tmp_path / "killed")
    ]
    assert digests[0] == digests[1]


def test_an_epoch_whose_end_is_killed_twice_is_not_tried_a_third_time(train, tmp_path, capfd):
    """Else a run whose pictures do not fit into the memory would be killed at every start."""
    train("run", epochs=1, killed_in=1)
    train("run", epochs=2, killed_in=1)
    capfd.readouterr()
    train("run", epochs=2)
    assert "finishing epoch" not in capfd.readouterr().out
    lines = (tmp_path / "run" / "metrics.csv").read_text().splitlines()
    assert [line.split(",")[0] for line in lines] == ["epoch", "1", "2"]


@pytest.mark.slow
def test_a_run_whose_metrics_a_spreadsheet_has_saved_resumes(train, tmp_path, capfd):
    train("run", epochs=1)
    metrics = tmp_path / "run" / "metrics.csv"
    row = metrics.read_text()
    metrics.write_bytes(b"\xef\xbb\xbf" + row.replace(",", ";").replace(".", ",").encode())
    capfd.readouterr()
    train("run")
    assert f"unreadable:  {metrics}, perhaps" in capfd.readouterr().err
    first, *others = metrics.read_text().splitlines()
    assert first.split(",")[0] == "epoch"
    # The newest checkpoint has the logs of its epoch.
    assert [line.split(",")[0] for line in others] == ["1", "2"]
    assert metrics.with_name("metrics.csv.unreadable-1").exists()

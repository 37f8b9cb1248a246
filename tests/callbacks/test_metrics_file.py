"""A run's figures, and that a resumed run keeps only what it does not compute again."""

from __future__ import annotations

import csv
import json
import os

import numpy as np
import pytest

from tfgan_models.callbacks.metrics_file import MetricsFile, add_figure, put_aside_unreadable, read_rows


def train(folder, first: int, epochs: int, **values) -> None:
    """Call the callback as ``fit`` does, for the epochs from ``first`` up to ``epochs``."""
    callback = MetricsFile(folder)
    callback.on_train_begin()
    for epoch in range(first, epochs):
        callback.on_epoch_begin(epoch)
        callback.on_epoch_end(epoch, {name: value * (epoch + 1) for name, value in values.items()})


def rows(folder) -> list[dict[str, str]]:
    with open(folder / "metrics.csv", newline="") as file:
        return list(csv.DictReader(file))


def test_a_row_an_epoch_and_the_last(tmp_path):
    train(tmp_path, 0, 3, loss=0.5, error=np.float32(0.1))
    assert [float(row["loss"]) for row in rows(tmp_path)] == [0.5, 1.0, 1.5]
    assert [row["epoch"] for row in rows(tmp_path)] == ["1", "2", "3"]
    last = json.loads((tmp_path / "metrics.json").read_text())
    assert last == {"epoch": 3, "loss": 1.5, "error": pytest.approx(0.3)}
    assert sorted(os.listdir(tmp_path)) == ["metrics.csv", "metrics.json"]


def test_a_resumed_run_writes_what_a_run_without_a_break_does(tmp_path):
    train(tmp_path / "straight", 0, 6, loss=0.1)
    train(tmp_path / "cut", 0, 4, loss=0.1)
    train(tmp_path / "cut", 4, 6, loss=0.1)
    for name in ("metrics.csv", "metrics.json"):
        assert (tmp_path / "cut" / name).read_bytes() == (tmp_path / "straight" / name).read_bytes()


def test_rows_that_are_computed_again_are_dropped(tmp_path):
    """A run killed after epoch 5's row and before its checkpoint goes on at epoch 3."""
    train(tmp_path, 0, 5, loss=1.0)
    train(tmp_path, 2, 3, loss=10.0)
    assert [(row["epoch"], float(row["loss"])) for row in rows(tmp_path)] == [("1", 1), ("2", 2), ("3", 30)]


def test_new_figures_get_a_column_and_old_ones_keep_theirs(tmp_path):
    train(tmp_path, 0, 1, loss=1.0)
    train(tmp_path, 1, 2, loss=1.0, error=3.0)
    train(tmp_path, 2, 3, error=3.0)
    assert [(row["loss"], row["error"]) for row in rows(tmp_path)] == [("1.0", ""), ("2.0", "6.0"), ("", "9.0")]


def test_the_row_that_ends_an_epoch_is_written_last(tmp_path, monkeypatch):
    train(tmp_path, 0, 1, loss=1.0)
    monkeypatch.setattr(csv.DictWriter, "writerows", lambda *_: killed())
    with pytest.raises(KeyboardInterrupt):
        train(tmp_path, 1, 2, loss=1.0)
    assert json.loads((tmp_path / "metrics.json").read_text())["epoch"] == 2
    assert list(read_rows(tmp_path)) == [1]


def killed():
    raise KeyboardInterrupt


def test_a_figure_that_is_added_to_an_earlier_epoch_leaves_the_last_one(tmp_path):
    train(tmp_path, 0, 3, loss=0.5)
    add_figure(tmp_path, 2, "error", 0.25)
    assert read_rows(tmp_path)[2] == {"loss": 1.0, "error": 0.25}
    assert json.loads((tmp_path / "metrics.json").read_text()) == {"epoch": 3, "loss": 1.5}


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_what_is_no_number_is_null_where_json_is_written(value, tmp_path):
    train(tmp_path, 0, 1, loss=0.5, sharpness_of_data=value)

    def refuse(constant: str) -> None:
        raise AssertionError(f"{constant} is no JSON")

    last = json.loads((tmp_path / "metrics.json").read_text(), parse_constant=refuse)
    assert last == {"epoch": 1, "loss": 0.5, "sharpness_of_data": None}
    train(tmp_path, 1, 2, loss=0.5)
    assert float(rows(tmp_path)[0]["sharpness_of_data"]) == pytest.approx(value, nan_ok=True)


def test_figures_of_several_workers_are_scalars(tmp_path):
    train(tmp_path, 0, 1, loss=np.array([0.25]))
    assert rows(tmp_path)[0]["loss"] == "0.25"


UNREADABLE = {
    "semicolons": "\ufeffepoch;loss\n1;0,5\n".encode(),
    "tabs": b"epoch\tloss\n1\t0.5\n",
    "utf-16": "epoch,loss\n1,0.5\n".encode("utf-16"),
    "decimal commas": b"epoch,loss\n1,0,5\n",
    "no column of epochs": b"loss\n0.5\n",
    "an epoch that is no number": b"epoch,loss\nnan,1\n",
    "infinitely many epochs": b"epoch,loss\ninf,1\n",
    "a short row": b"epoch,loss\n,1\n",
    "zeros after a crash": bytes(100),
}


@pytest.mark.parametrize("content", UNREADABLE.values(), ids=UNREADABLE)
def test_a_file_that_cannot_be_read_is_put_aside(content, tmp_path, capsys):
    for number in (1, 2):
        (tmp_path / "metrics.csv").write_bytes(content)
        assert read_rows(tmp_path) == {}
        put_aside_unreadable(tmp_path)
        (line,) = capsys.readouterr().err.splitlines()
        assert line.startswith(f"unreadable:  {tmp_path}/metrics.csv")
        assert f"is now metrics.csv.unreadable-{number}; the run continues" in line
    assert sorted(os.listdir(tmp_path)) == ["metrics.csv.unreadable-1", "metrics.csv.unreadable-2"]
    assert (tmp_path / "metrics.csv.unreadable-1").read_bytes() == content
    train(tmp_path, 3, 4, loss=0.5)
    assert read_rows(tmp_path) == {4: {"loss": 2.0}}


@pytest.mark.parametrize(
    ("content", "read"),
    [
        (b"", {}),
        (b"epoch,loss\n", {}),
        ("\ufeffepoch,loss\r\n1,0.5\r\n".encode(), {1: {"loss": 0.5}}),
        (b'"epoch","loss"\n"1","nan"\n', {1: {"loss": pytest.approx(np.nan, nan_ok=True)}}),
    ],
)
def test_a_file_that_another_program_saved_as_it_was_is_read(content, read, tmp_path, capsys):
    (tmp_path / "metrics.csv").write_bytes(content)
    put_aside_unreadable(tmp_path)
    put_aside_unreadable(tmp_path / "gone")
    assert read_rows(tmp_path) == read
    assert os.listdir(tmp_path) == ["metrics.csv"]
    assert capsys.readouterr().err == ""

"""``tfgan compare``: flags that differ, figures, means over seeds, curves."""

from __future__ import annotations

import csv
import dataclasses
import json
import statistics
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from tests.cli.scripts import ROOT
from tfgan_models import InputError
from tfgan_models.cli import command_line, compare, train
from tfgan_models.plots import figure_curves

FRECHET = "samples/frechet_distance/faces-0123/2000"


def make_run(folder: Path, figures: dict[str, list[float]], algorithm: str = "vaegan", **flags: Any) -> Path:
    """A run with figures of its epochs; the flags are those of the group ``training`` or ``model``."""
    config: dict[str, Any] = dataclasses.asdict(train.load(algorithm).flags())
    config["data"]["pictures"] = "0" * 64
    config["start"]["parent"] = None
    for name, value in flags.items():
        config["training" if name in config["training"] else "model"][name] = value
    folder.mkdir(parents=True)
    (folder / "config.json").write_text(json.dumps({"algorithm": algorithm, **config}))
    with open(folder / "metrics.csv", "w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["epoch", *figures])
        writer.writerows([i, *row] for i, row in enumerate(zip(*figures.values(), strict=True), 1))
    return folder


@pytest.fixture
def runs(tmp_path) -> list[str]:
    """Two seeds of one set of flags, and one run of another set."""
    make_run(tmp_path / "a", {FRECHET: [9.0, 5.0, 6.0], "val_pixel_error": [0.3, 0.2, 0.1]}, seed=0)
    make_run(tmp_path / "b", {FRECHET: [8.0, 7.0, 4.0], "val_pixel_error": [0.4, 0.3, 0.2]}, seed=1)
    make_run(tmp_path / "c", {FRECHET: [3.0, 2.0, 2.5], "val_pixel_error": [0.3, 0.3, 0.3]}, seed=0, gamma=0.25)
    return [str(tmp_path / name) for name in "abc"]


def rows(printed: str) -> list[dict[str, str]]:
    """The rows of the table that a command has printed."""
    lines = [[cell.strip() for cell in line.strip("|").split("|")] for line in printed.splitlines() if line[:1] == "|"]
    return [dict(zip(lines[0], line, strict=True)) for line in lines[2:]]


def test_runs_that_differ_in_their_seed_are_one_row(runs, capsys):
    compare.main(compare.CompareFlags(runs=tuple(runs)))
    printed = capsys.readouterr().out
    first, second = rows(printed)
    default = train.load("vaegan").flags().model.gamma
    assert (first["run"], first["gamma"], first["seeds"], first["epochs done"]) == ("a, b", str(default), "0, 1", "3")
    assert (second["run"], second["gamma"], second["seeds"]) == ("c", "0.25", "0")
    assert first["samples/frechet_distance, last"] == f"5 ± {statistics.stdev([6, 4]):.2g}"
    assert first["samples/frechet_distance, best"] == f"4.5 ± {statistics.stdev([5, 4]):.2g} (epoch 2–3)"
    assert second["samples/frechet_distance, best"] == "2 (epoch 2)"
    assert second["val_pixel_error, best"] == "0.3 (epoch 1)"
    assert set(first) == {
        *("run", "gamma", "seeds", "epochs done"),
        *(f"{name}, {of}" for name in ("samples/frechet_distance", "val_pixel_error") for of in ("last", "best")),
    }
    assert "samples/frechet_distance: extractor faces-0123, 2000 images" in printed
    assert "mean ± standard deviation over the seeds" in printed


def test_flags_of_earlier_versions_count_as_what_they_were(tmp_path, capsys):
    make_run(tmp_path / "new", {"val_pixel_error": [0.1]})
    config = json.loads((make_run(tmp_path / "old", {"val_pixel_error": [0.2]}, seed=1) / "config.json").read_text())
    del config["training"]["warmup"], config["training"]["schedule"], config["start"], config["best"]
    (tmp_path / "old" / "config.json").write_text(json.dumps(config))
    compare.main(compare.CompareFlags(runs=(str(tmp_path / "new"), str(tmp_path / "old"))))
    (row,) = rows(capsys.readouterr().out)
    assert row["run"] == "new, old"


def test_figures_on_other_numbers_of_images_have_columns_of_their_own(runs, tmp_path, capsys):
    make_run(tmp_path / "d", {FRECHET.replace("2000", "50"): [1.0]})
    compare.main(compare.CompareFlags(runs=(runs[0], str(tmp_path / "d")), metric=("samples/frechet_distance",)))
    first, second = rows(capsys.readouterr().out)
    other = FRECHET.replace("2000", "50")
    assert (first[f"{FRECHET}, last"], first[f"{other}, last"]) == ("6", "—")
    assert (second[f"{FRECHET}, last"], second[f"{other}, last"]) == ("—", "1")


def test_algorithms_and_losses_can_be_compared(runs, tmp_path, capsys):
    make_run(tmp_path / "gan", {"generator_loss": [1.0, 2.0]}, algorithm="gan")
    compare.main(compare.CompareFlags(runs=(runs[0], str(tmp_path / "gan")), metric=("generator_loss",)))
    first, second = rows(capsys.readouterr().out)
    assert (first["algorithm"], second["algorithm"]) == ("vaegan", "gan")
    assert (first["generator_loss, last"], second["generator_loss, last"]) == ("—", "2")
    assert "generator_loss, best" not in first  # a loss of a game has no direction


def test_algorithms_have_columns_of_their_common_flags(runs, tmp_path, capsys):
    make_run(tmp_path / "gan", {"generator_loss": [1.0]}, algorithm="gan", learning_rate=0.5)
    compare.main(compare.CompareFlags(runs=(runs[0], str(tmp_path / "gan"))))
    printed = capsys.readouterr().out
    shown = set(rows(printed)[0])
    own = [dataclasses.asdict(train.load(name).flags().model) for name in ("vaegan", "gan")]
    assert {"algorithm", "learning_rate"} <= shown
    assert not shown & (own[0].keys() ^ own[1].keys())
    (line,) = [line for line in printed.splitlines() if "more flags differ" in line]
    only_one_has = own[0].keys() ^ own[1].keys()
    hidden = [name for name in only_one_has if (own[0] | own[1])[name] is not None]
    assert line.startswith(f"{len(hidden)} more flags differ")
    assert len({len(line) for line in printed.splitlines() if line.startswith("|")}) == 1  # columns of equal width


def test_runs_of_one_algorithm_are_told_apart_next_to_another_algorithm(tmp_path, capsys):
    for name, rate in (("a", 0.0), ("b", 0.3)):
        make_run(tmp_path / name, {"val_pixel_error": [0.1]}, algorithm="gan", input_noise=rate)
    make_run(tmp_path / "c", {"val_pixel_error": [0.1]}, algorithm="vae")
    compare.main(compare.CompareFlags(runs=tuple(str(tmp_path / name) for name in "abc")))
    table = rows(capsys.readouterr().out)
    assert [row["input_noise"] for row in table] == ["0.0", "0.3", "—"]
    assert "beta" not in table[0]  # only the VAE has it


def test_curves_are_drawn(runs, tmp_path, capsys):
    compare.main(compare.CompareFlags(runs=tuple(runs), output=str(tmp_path / "compare.png")))
    both = np.asarray(Image.open(tmp_path / "compare.png"))
    assert "curves:" in capsys.readouterr().out
    flags = compare.CompareFlags(runs=tuple(runs), metric=("val_pixel_error",), output=str(tmp_path / "one.png"))
    compare.main(flags)
    one = np.asarray(Image.open(tmp_path / "one.png"))
    assert one.shape[0] < both.shape[0]
    assert len(np.unique(one.reshape(-1, one.shape[-1]), axis=0)) > 10  # two colors of curves and a band


def test_folders_without_a_run_are_left_out(runs, tmp_path, capsys):
    (tmp_path / "other").mkdir()
    compare.main(compare.CompareFlags(runs=(*runs, str(tmp_path / "other"))))
    printed = capsys.readouterr()
    assert len(rows(printed.out)) == 2
    assert printed.err == f"left out: {tmp_path / 'other'}: config.json is missing, damaged or not of a run\n"


@pytest.mark.parametrize("broken", [float("nan"), float("inf")])
def test_runs_with_figures_that_are_not_finite_are_shown(broken, tmp_path, capsys):
    make_run(tmp_path / "a", {"val_pixel_error": [0.1, broken]}, seed=0)
    make_run(tmp_path / "b", {"val_pixel_error": [0.3, 0.4]}, seed=1)
    output = tmp_path / "compare.png"
    compare.main(compare.CompareFlags(runs=(str(tmp_path / "a"), str(tmp_path / "b")), output=str(output)))
    (row,) = rows(capsys.readouterr().out)
    assert row["val_pixel_error, last"] == str(broken)
    assert row["val_pixel_error, best"] == f"0.2 ± {statistics.stdev([0.1, 0.3]):.2g} (epoch 1)"
    assert output.exists()


def test_no_two_runs_have_one_name(tmp_path, monkeypatch, capsys):
    for i, name in enumerate(["x/one", "y/one", "y/two"]):
        make_run(tmp_path / name, {"val_pixel_error": [0.1]}, gamma=i)
    monkeypatch.chdir(tmp_path / "y" / "two")
    compare.main(compare.CompareFlags(runs=(str(tmp_path / "x" / "one"), "../one", ".", str(tmp_path / "y" / "two"))))
    assert [row["run"] for row in rows(capsys.readouterr().out)] == ["x/one", "y/one", "y/two"]


def drawn_curves(monkeypatch, tmp_path: Path, *names: str) -> list[str]:
    """The names of the curves in the picture of some runs."""
    drawn: list[str] = []
    original = figure_curves.figure_curves

    def draw(panels):
        drawn.extend(name for curves in panels.values() for name in curves)
        return original(panels)

    monkeypatch.setattr(figure_curves, "figure_curves", draw)
    runs = tuple(str(tmp_path / name) for name in names)
    compare.main(compare.CompareFlags(runs=runs, output=str(tmp_path / "compare.png")))
    return drawn


def test_each_group_has_its_curve(tmp_path, monkeypatch):
    for name, gamma in (("a", 1.0), ("b", 1.0), ("c", 2.0)):  # a and b are equal
        make_run(tmp_path / name, {"val_pixel_error": [0.1, 0.2]}, gamma=gamma)
    assert drawn_curves(monkeypatch, tmp_path, "a", "b", "c") == ["a", "b", "c"]
    assert drawn_curves(monkeypatch, tmp_path, "a", "c")[-2:] == ["gamma 1.0", "gamma 2.0"]


@pytest.mark.filterwarnings("error")
def test_legends_leave_room_for_curves_and_have_all_names(tmp_path, monkeypatch):
    make_run(tmp_path / "_gan", {FRECHET: [1.0, 2.0]}, algorithm="gan", seed=0)
    make_run(tmp_path / "_gan_2", {FRECHET: [1.0, 2.0]}, algorithm="gan", seed=1)
    make_run(tmp_path / "_vae", {FRECHET: [2.0, 1.0]}, algorithm="vae")
    assert drawn_curves(monkeypatch, tmp_path, "_gan", "_gan_2", "_vae") == ["_gan and 1 more", "_vae"]


def test_runs_of_unknown_algorithms_are_named(runs, tmp_path, capsys):
    make_run(tmp_path / "other", {"val_pixel_error": [0.1]})
    config = json.loads((tmp_path / "other" / "config.json").read_text())
    (tmp_path / "other" / "config.json").write_text(json.dumps({**config, "algorithm": "future"}))
    compare.main(compare.CompareFlags(runs=(*runs, str(tmp_path / "other"))))
    assert capsys.readouterr().err == f"left out: {tmp_path / 'other'}: the algorithm 'future' is unknown\n"


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        ({"runs": ("nowhere",)}, "--runs nowhere: there is no run"),
        (
            {"metric": ("wrong",)},
            "--metric wrong: no run has this figure, give some of samples/frechet_distance, val_pi",
        ),
        ({"output": "a.gif"}, "--output a.gif: give a file name that ends in .png"),
    ],
)
def test_flags_that_cannot_be_are_refused(flags, said, runs):
    with pytest.raises(InputError, match=said):
        compare.main(compare.CompareFlags(**{"runs": tuple(runs), **flags}))


def test_folders_are_the_first_words(monkeypatch):
    monkeypatch.setattr(sys, "argv", ["tfgan compare", "runs/a", "runs/b", "--output", "a.png"])
    flags = command_line.read(compare.CompareFlags)
    assert (flags.runs, flags.output) == (("runs/a", "runs/b"), "a.png")


@pytest.mark.slow
def test_the_command_needs_no_tensorflow(runs):
    code = (
        "import sys; sys.modules['tensorflow'] = sys.modules['keras'] = None; "
        "sys.argv = ['tfgan', 'compare', *sys.argv[1:]]; from tfgan_models.cli.main import main; main()"
    )
    done = subprocess.run([sys.executable, "-c", code, *runs], cwd=ROOT, capture_output=True, text=True, check=True)
    assert len(rows(done.stdout)) == 2

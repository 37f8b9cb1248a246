"""``tfgan judge``: sheets, answers and the report; ``tfgan evaluate --human``."""

from __future__ import annotations

import json

import numpy as np
import pytest
from PIL import Image

from tests.cli.test_main import tfgan  # noqa: F401  a fixture
from tests.judge.people import answers_of, row
from tests.models.small import MODELS, SIZE
from tests.training.test_flags import without_tensorflow  # noqa: F401  a fixture
from tfgan_models import InputError, export
from tfgan_models.cli import evaluate, judge, judge_sheets
from tfgan_models.judge.answers import AnswerFile
from tfgan_models.judge.pool import weights_of
from tfgan_models.judge.trials import PicturePool
from tfgan_models.plots import image_grid


@pytest.fixture(scope="module")
def model(tmp_path_factory) -> export.ExportedModel:
    """A model of the embedded digits."""
    manifest = {"dataset": "digits", "channels": None}
    return export.load(export.save(MODELS["vae"](), tmp_path_factory.mktemp("vae"), manifest))


def run(folder, **flags) -> None:
    places = {"answers": str(folder / "a.sqlite"), "output_dir": str(folder / "sheets")}
    judge.main(judge.JudgeFlags(**places | flags))


def test_sheets_are_judged_in_a_terminal(model, tmp_path, capsys):
    run(tmp_path, model=str(model.path), sheets=3, control=1, feedback=True)
    sheets = sorted((tmp_path / "sheets").glob("*.png"))
    assert [path.name for path in sheets] == [f"sheet-00{i}.png" for i in range(1, 5)]
    side = -(-160 // SIZE) * SIZE
    with Image.open(sheets[0]) as image:
        assert image.size == (3 * side + 16, 3 * side + 16)
    key = json.loads((tmp_path / "sheets" / "key.json").read_text())
    fakes = [entry["fakes"] for entry in key["sheets"]]
    assert sum(map(bool, fakes)) == 3
    capsys.readouterr()
    run(tmp_path, person="ann", sheet=1, answer=tuple(i + 1 for i in fakes[0]) or (0,))
    assert capsys.readouterr().out == "sheet 1: 9 of 9\n"
    run(tmp_path, person="ann", sheet=1, answer=(0,))
    assert "ann has answered it before" in capsys.readouterr().out
    (tmp_path / "a.txt").write_text("2: 1 2\n\n3: 0\n4:9\n")
    run(tmp_path, person="ann", answer_file=str(tmp_path / "a.txt"))
    assert f"sheet 3: {9 - len(fakes[2])} of 9" in capsys.readouterr().out
    rows = AnswerFile(tmp_path / "a.sqlite").read()
    assert len(rows) == 36
    assert [r.is_fake for r in rows] == [i in sheet for sheet in fakes for i in range(9)]
    with pytest.raises(InputError, match=r"sheet 5: .* has sheets from 1 to 4"):
        run(tmp_path, person="ann", sheet=5, answer=(1,))
    with pytest.raises(InputError, match="answer 10: the sheet has 9 pictures"):
        run(tmp_path, person="ben", sheet=1, answer=(10,))
    for line in ("two: 1 2", "2:", "3", "4: 0 5", "4 1: 5", "4: 1, 5", "4: -1", ": 1"):
        (tmp_path / "a.txt").write_text(f"1: 2\n{line}")
        with pytest.raises(InputError, match=f"give lines such as 3: 1 5 9, or 3: 0 for none, in place of '{line}'"):
            run(tmp_path, person="ben", answer_file=str(tmp_path / "a.txt"))
    assert len(AnswerFile(tmp_path / "a.sqlite").read()) == 36


MODEL, REPORT = {"model": "m"}, {"report": True}
ANSWER, FILE = {"answer": (1,), "sheet": 1, "person": "ann"}, {"answer_file": "a.txt", "person": "ann"}


@pytest.mark.parametrize(
    ("name", "value", "modes"),
    [
        *((name, value, (ANSWER, FILE, REPORT)) for name, value in [("feedback", True), ("sheets", 2), ("control", 0)]),
        *((name, "d", (ANSWER, FILE, REPORT)) for name in ("data_dir", "cache_dir")),
        *((name, "f.png", (ANSWER, FILE, MODEL)) for name in ("output", "json")),
        ("seed", 1, (ANSWER, FILE)),
        ("sheet", 1, (FILE, REPORT, MODEL)),
        ("person", "ann", (REPORT, MODEL)),
        ("output_dir", "d", (REPORT,)),
    ],
)
def test_flags_without_an_effect_are_refused(name, value, modes):
    for mode in (ANSWER, FILE, REPORT, MODEL):
        flags = judge.JudgeFlags(answers="a", **mode | {name: value})
        if mode not in modes:
            judge.check(flags)
            continue
        with pytest.raises(InputError, match=r" no effect ") as error:
            judge.check(flags)
        assert error.value.argument == name


@pytest.mark.parametrize("saved", [0, 2])
def test_sheets_of_a_command_that_stops_are_not_judged(saved, model, tmp_path, monkeypatch):
    run(tmp_path, model=str(model.path), sheets=1, control=0)
    with monkeypatch.context() as patch:
        saves = iter([image_grid.save] * saved + [lambda *_: 1 / 0])
        patch.setattr(image_grid, "save", lambda *arguments: next(saves)(*arguments))
        with pytest.raises(ZeroDivisionError):
            run(tmp_path, model=str(model.path), sheets=3, control=0, seed=1)
    with pytest.raises(InputError, match=r"--output_dir .*: its sheets are not complete"):
        run(tmp_path, person="ann", sheet=1, answer=(1,))
    run(tmp_path, model=str(model.path), sheets=1, control=0, seed=1)
    assert [path.name for path in (tmp_path / "sheets").glob("sheet-*.png")] == ["sheet-001.png"]


def test_sheets_replace_those_of_the_last_test_alone(tmp_path):
    noise = np.random.default_rng(0).integers(0, 256, (2, 36, 8, 8, 1), np.uint8)
    pool, sheets = PicturePool(*noise, "w"), tmp_path / "sheets"
    sheets.mkdir()
    for name in ("sheet-music.png", "sheet-1.png", "sheet-009.png"):
        (sheets / name).write_bytes(b"of the user")
    for count in (3, 1):
        judge_sheets.write(pool.sheets(count, 0), "w", str(sheets))
        expected = {
            "sheet-music.png",
            "sheet-1.png",
            "sheet-009.png",
            *(f"sheet-{i:03d}.png" for i in range(1, count + 1)),
        }
        assert {path.name for path in sheets.glob("*.png")} == expected


@pytest.mark.parametrize(
    "content", ["", "[1]", '{"unfinished": 1, "sheets": 3}', '{"sheets": [{}], "session": "s", "weights": "w"}']
)
def test_another_key_is_neither_used_nor_replaced(content, tmp_path):
    noise = np.random.default_rng(0).integers(0, 256, (2, 36, 8, 8, 1), np.uint8)
    key = tmp_path / "sheets" / "key.json"
    key.parent.mkdir()
    key.write_text(content)
    with pytest.raises(InputError, match=r"--output_dir .*: its key\.json is not from this command"):
        judge_sheets.write(PicturePool(*noise, "w").sheets(1, 0), "w", str(key.parent))
    with pytest.raises(InputError, match=r"--output_dir .*: its key\.json is not from this command"):
        run(tmp_path, model="not looked at yet")
    with pytest.raises(InputError, match=r"--output_dir .*key\.json"):
        run(tmp_path, person="ann", sheet=1, answer=(1,))
    assert key.read_text() == content


def test_the_report_needs_no_tensorflow(tfgan, tmp_path):  # noqa: F811
    AnswerFile(tmp_path / "a.sqlite").append(answers_of(4, 27, 1.0, 0.0, 0))
    done = tfgan("judge", "--report", "--answers", "a.sqlite", "--output", "a.png", "--json", "a.json")
    assert (done.returncode, done.stderr) == (0, "")
    assert "108 answers of 4 people; 95 % intervals over people" in done.stdout
    (content,) = json.loads((tmp_path / "a.json").read_text())
    assert content["by_time"]["no limit"]["answers"] == 108
    with Image.open(tmp_path / "a.png") as image:
        assert np.asarray(image).std() > 0
    (tmp_path / "empty").touch()
    done = tfgan("judge", "--report", "--answers", "empty")
    assert done.returncode == 2 and "it has no answers yet" in done.stderr


def test_an_evaluation_needs_answers_about_its_model(model, tmp_path):
    AnswerFile(tmp_path / "a.sqlite").append([row("other")])
    with pytest.raises(InputError, match=r"--human .*none\.sqlite: there is no such file, give one that has answers"):
        evaluate.main(evaluate.EvaluateFlags(model=str(model.path), human=str(tmp_path / "none.sqlite")))
    with pytest.raises(InputError, match=r"--human .*: none of its 1 answers is about the model"):
        evaluate.main(evaluate.EvaluateFlags(model=str(model.path), human=str(tmp_path / "a.sqlite")))


@pytest.mark.slow
def test_an_evaluation_has_the_figures_of_people(model, tmp_path, capsys):
    file, output_dir = tmp_path / "a.sqlite", tmp_path / "out"
    AnswerFile(file).append([row("other"), *answers_of(4, 27, 1.0, 0.0, 0, weights=weights_of(model))])
    flags = {"model": str(model.path), "human": str(file), "samples": 20, "output_dir": str(output_dir)}
    evaluate.main(evaluate.EvaluateFlags(**flags))
    human = json.loads((output_dir / "evaluation.json").read_text())["human"]
    assert human["by_time"]["no limit"]["people"] == 4
    assert "108 answers of 4 people" in capsys.readouterr().out

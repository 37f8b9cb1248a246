"""The human test in the studio without a browser: what is saved, what the page is told, and what is refused."""

from __future__ import annotations

import re
import threading

import numpy as np
import pytest

from tests.models.sizes import SIZE
from tests.models.small import CHANNELS
from tfgan_models import InputError, export
from tfgan_models.data.image_set import ImageSet
from tfgan_models.judge.answers import AnswerFile
from tfgan_models.studio import html, real_or_fake, trial_list, trial_page
from tfgan_models.studio.workspace import Workspace


def images(model, split) -> ImageSet:
    pixels = np.random.default_rng(0).integers(0, 256, (200, SIZE, SIZE, CHANNELS), np.uint8)
    return ImageSet(pixels, None, None, (), (), "noise")


@pytest.fixture(scope="module")
def model(editable) -> export.ExportedModel:
    return export.load(editable)


@pytest.fixture
def workspace(model, tmp_path) -> Workspace:
    return Workspace({"vae": model}, images, answers=AnswerFile(tmp_path / "a.sqlite"))


def judged(trials, file, decide) -> trial_list.TrialList:
    """Answer all trials with the positions that a function of the trial ticks."""
    for trial in trials.trials:
        trials = trial_list.proceed(trial_list.answer(trials, file, trial.number, decide(trial), 1234.56))
    return trials


def test_each_answer_is_a_row_with_the_truth(workspace):
    trials = trial_list.new_sheets(workspace, "vae", " ann  lee ", True, 3, 2)
    assert [trial.kind for trial in trials.trials].count("control") == 2
    trials = judged(trials, workspace.answers, lambda trial: [0, 4])
    rows = workspace.answers.read()
    assert len(rows) == 45 == trials.judged and trials.is_done
    assert {(row.person, row.session, row.feedback, row.response_ms) for row in rows} == {
        ("ann lee", trials.session, True, 1234.6)
    }
    truth = [i in trial.fakes for trial in trials.trials for i in range(9)]
    assert [row.is_fake for row in rows] == truth
    assert trials.right == sum(row.is_fake == row.answered_fake for row in rows)
    assert trial_list.new_sheets(workspace, "vae", "ann", True).session != trials.session


def test_only_the_current_trial_can_be_answered(workspace):
    trials = trial_list.new_sheets(workspace, "vae", "ann", True, 2, 0)
    once = trial_list.answer(trials, workspace.answers, 0, [])
    for number in (0, 1):  # a second click, and an answer to what is not shown yet
        assert trial_list.answer(once, workspace.answers, number, [1]) is once
    assert trial_list.answer(trial_list.proceed(once), workspace.answers, None, [1]).place == 1
    assert len(workspace.answers.read()) == 9
    for ticked in ([9], [-1], ["1"], [True]):
        with pytest.raises(InputError, match="answer"):
            trial_list.answer(trials, workspace.answers, 0, ticked)
    strange = trial_list.answer(trial_list.proceed(once), workspace.answers, 1, [], float("nan"))
    assert strange.is_done and workspace.answers.read()[-1].response_ms is None


def test_the_page_does_not_know_which_is_which(workspace):
    """Reals and fakes differ in nothing but their pixels, not even in the length of their files."""
    trials = trial_list.new_sheets(workspace, "vae", "ann", False, 2, 1)
    lengths = set()
    for place, trial in enumerate(trials.trials):
        page = trial_page.show(trials)
        encoded = re.findall(r'src="data:image/png;base64,([^"]+)"', page)
        assert encoded == [html.stored_url(p.pixels).partition(",")[2] for p in trial.pictures]
        lengths |= {len(content) for content in encoded}
        rest = re.sub(r'src="[^"]+"', "", page)
        assert not any(picture.id in rest for picture in trial.pictures)
        marks = re.sub(r'data-position="\d"|picture \d|key \d', "", rest).partition('<div class="nine">')[2]
        assert set(marks.split("</button>")[:9]) == {marks.split("</button>")[0]}  # nine times the same
        assert "control" not in rest and not re.search("is_fake|right|wrong", rest)
        trials = trial_list.answer(trials, workspace.answers, place, [0])
    assert len(lengths) == 1


def test_the_score_is_shown_with_feedback_alone(workspace):
    trials = trial_list.new_sheets(workspace, "vae", "ann", True, 2, 0)
    fakes = trials.trials[0].fakes
    ticked = sorted(fakes)[1:] + sorted(set(range(9)) - fakes)[:2]  # one missed, two false alarms
    trials = trial_list.answer(trials, workspace.answers, 0, ticked)
    page = trial_page.show(trials)
    assert "<h2>6 of 9</h2>" in page and "6 of 9 right so far" in page
    assert page.count("· wrong") == 3 and page.count("fake ·") == len(fakes)
    assert "Sheet 2 of 2" in trial_page.show(trial_list.proceed(trials))
    silent = trial_list.new_sheets(workspace, "vae", "ann", False, 2, 0)
    page = trial_page.show(trial_list.answer(silent, workspace.answers, 0, ticked))
    assert "Sheet 2 of 2" in page and "The last answer is saved" in page and " of 9" not in page
    done = judged(silent, workspace.answers, lambda trial: trial.fakes)
    assert "18 of 18 right, 100 %" in trial_page.show(done, "a.sqlite")


def test_single_pictures_have_a_time_limit(workspace):
    trials = trial_list.new_singles(workspace, "vae", "ann", True, 6, 250)
    assert sum(bool(trial.fakes) for trial in trials.trials) == 3
    page = trial_page.show(trials)
    assert 'data-limit="250"' in page and page.count("<img") == 1 and "Picture 1 of 6" in page
    is_fake = bool(trials.trials[0].fakes)
    trials = trial_list.answer(trials, workspace.answers, 0, [])
    expected = "Wrong, the last one was a fake." if is_fake else "Right, the last one was real."
    assert expected in trial_page.show(trials)
    (row,) = workspace.answers.read()
    assert (row.kind, row.shown_ms, row.is_fake, row.answered_fake) == ("single", 250, is_fake, False)
    assert "data-limit" not in trial_page.show(trial_list.new_singles(workspace, "vae", "ann", True, 6, 0))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("vae", "  ", "Sheets of nine", True, 1, 0, 1, 0), "name: give a name or a number"),
        (("vae", "a" * 81, "Sheets of nine", True, 1, 0, 1, 0), "at most 80 characters"),
        (("vae", "ann", "Sheets of nine", True, 0, 0, 1, 0), "sheets: give at least one"),
        (("vae", "ann", "Sheets of nine", True, None, 0, 1, 0), "sheets: give a whole number from 0 to 100"),
        (("vae", "ann", "Sheets of nine", True, 100, 0, 1, 0), "different held-out images and there are 200"),
        (("vae", "ann", "One by one", True, 1, 0, 0, 0), "pictures: give a whole number from 1 to 500"),
        (("vae", "ann", "One by one", True, 1, 0, 9, -1), "milliseconds: give a whole number from 0"),
        (("vae", "ann", "Both", True, 1, 0, 9, 0), "there is no test 'Both'"),
        (("gan", "ann", "One by one", True, 1, 0, 9, 0), "there is no model 'gan'"),
    ],
)
def test_what_a_list_refuses(workspace, arguments, message):
    with pytest.raises(InputError, match=message):
        real_or_fake.start(workspace, *arguments)
    assert not workspace.answers.path.exists()


def test_real_against_real_is_a_list_of_control_sheets(workspace):
    trials = real_or_fake.start(workspace, "vae", "ann", "Sheets of nine", False, 0, 3, 1, 0)
    assert [(trial.kind, trial.fakes) for trial in trials.trials] == [("control", frozenset())] * 3


def test_people_at_once_lose_no_row(workspace):
    lists = [trial_list.new_sheets(workspace, "vae", f"person {i}", False, 3, 0) for i in range(8)]
    done = []
    threads = [
        threading.Thread(target=lambda one=one: done.append(judged(one, workspace.answers, lambda trial: [0])))
        for one in lists
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    rows = workspace.answers.read()
    assert len(done) == 8 and len(rows) == 8 * 27
    assert sum(trials.right for trials in done) == sum(row.is_fake == row.answered_fake for row in rows)


def test_an_answer_that_cannot_be_saved_is_not_lost(workspace, tmp_path):
    trials = trial_list.new_sheets(workspace, "vae", "ann", False, 1, 0)
    (tmp_path / "b.sqlite").write_text("a file of another program, longer than a header")
    with pytest.raises(InputError, match="not a file of answers"):
        trial_list.answer(trials, AnswerFile(tmp_path / "b.sqlite"), 0, [])
    assert trial_list.answer(trials, workspace.answers, 0, []).is_done


def test_the_report_names_the_models_that_are_open(workspace):
    assert "no answers yet" in real_or_fake.report(workspace)
    trials = trial_list.new_sheets(workspace, "vae", "<ann>", True, 2, 1)
    judged(trials, workspace.answers, lambda trial: trial.fakes)
    shown = real_or_fake.report(workspace)
    assert "<h3>vae · weights" in shown and "18 answers of 1 person" in shown and "<img" in shown
    assert "a model that is not open here" in real_or_fake.report(Workspace({}, images, answers=workspace.answers))

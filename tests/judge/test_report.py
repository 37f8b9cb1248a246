"""The report: what it says of few people, repeated answers and control sheets."""

from __future__ import annotations

import json

import pytest

from tests.judge.people import answers_of, row
from tfgan_models import InputError
from tfgan_models.judge.report import report, reports, text


def test_no_answers():
    with pytest.raises(InputError, match="there are none yet"):
        reports([])


def test_one_person():
    printed = text(report(answers_of(1, 90, 1.0, 0.0, 0)))
    assert "90 answers of 1 person; 95 % intervals over answers" in printed
    assert "one person only: the intervals are over answers, and say nothing about other people" in printed


def test_contradictory_rows_are_counted_and_the_first_counts():
    rows = [row(picture="a"), row(picture="a", answered_fake=False), row(picture="a"), row("ben", "a")]
    rows += [row(picture="b", is_fake=False, answered_fake=False)]
    result = report(rows)
    assert (result.repeated, result.contradictory) == (2, 1)
    assert result.by_time["no limit"].error_fakes.value == 0
    assert "2 answers to a picture that the person had judged before, 1 of them contradict" in text(result)
    assert "one person" not in text(result)


def test_control_sheets_are_apart_from_the_rates():
    rows = answers_of(3, 18, 1.0, 0.0, 0)
    control = [row(str(p), f"c{i}", False, i < 3, kind="control") for p in range(3) for i in range(9)]
    result = report(rows + control)
    assert result.by_time == report(rows).by_time
    assert result.control and result.control.value == pytest.approx(1 / 3)
    assert "control sheets, reals taken for fakes: 33.3%" in text(result)
    assert "no control sheets" in text(report(rows))
    assert "control sheets only: there is no answer about a fake" in text(report(control))


def test_times_limits_and_learning():
    rows = answers_of(3, 18, 1.0, 0.0, 0, response_ms=2000.0, feedback=True)
    rows += [row(str(p), f"s{p}", kind="single", shown_ms=250, response_ms=500.0, trial=99) for p in range(3)]
    result = report(rows)
    assert list(result.by_time) == ["no limit", "250 ms"]
    assert result.median_ms == {"sheet": 2000.0, "single": 500.0}
    assert set(result.learning) == {"with feedback", "without feedback"}
    assert len(result.learning["with feedback"].blocks) == 2
    content = json.loads(json.dumps(result.to_json(), allow_nan=False))
    assert content["by_time"]["250 ms"]["error_reals"]["value"] is None


def test_each_model_has_its_report():
    assert [r.weights for r in reports([row(), row(weights="v")])] == ["w", "v"]


def test_rates_that_are_the_same_for_all_people_have_an_interval_and_a_remark():
    answers = [row(person, f"{person}{i}", i % 2 == 0, i % 2 == 0) for person in "ab" for i in range(6)]
    result, figures = report(answers), report(answers).by_time["no limit"]
    for estimate in (figures.error_fakes, figures.error_reals, figures.error, figures.d_prime, figures.criterion):
        assert estimate.low < estimate.high
    for name in ("fakes taken for real", "reals taken for fakes"):
        assert f"no limit: all people have the same share of {name}: its interval is over answers" in result.remarks
    assert "accuracy without feedback: all people have the same change" in text(result)
    answers.append(row("b", "b6", True, False))  # people still have the same share of reals
    figures, remarks = report(answers).by_time["no limit"], report(answers).remarks
    assert figures.equal == ("error_reals",) and figures.error_reals.low < figures.error_reals.high
    assert [remark for remark in remarks if "same share" in remark] == [
        "no limit: all people have the same share of reals taken for fakes: its interval is over answers"
    ]

"""Report of a human test: figures, remarks on what limits them, and their text."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from tfgan_models.errors import InputError
from tfgan_models.judge.answers import Answer
from tfgan_models.judge.learning import Learning, learning
from tfgan_models.judge.rates import Estimate, Rates, rates

NAMES = {"error_fakes": "fakes taken for real", "error_reals": "reals taken for fakes"}


@dataclasses.dataclass(frozen=True)
class Report:
    """Figures of one model.

    Attributes:
        weights: digest of the model's weights.
        by_time: rates by the time limit, ``no limit`` first, then ``250 ms`` and so on.
        control: share of reals on control sheets that were taken for fakes; None without such sheets.
        learning: curves with and without feedback; keys ``with feedback`` and ``without feedback``.
        median_ms: median time to answer a trial, by kind.
        repeated: number of answers left out because the person had judged the picture before.
        contradictory: number of these that differ from the person's first answer.
        remarks: sentences on what limits the figures.
    """

    weights: str
    by_time: dict[str, Rates]
    control: Estimate | None
    learning: dict[str, Learning]
    median_ms: dict[str, float]
    repeated: int
    contradictory: int
    remarks: list[str]

    def to_json(self) -> dict[str, Any]:
        """Convert to JSON values; NaN becomes None."""
        return _finite(dataclasses.asdict(self))


def reports(answers: Sequence[Answer], seed: int = 0) -> list[Report]:
    """Compute a report for each model in the answers.

    Raises:
        InputError: there are no answers.
    """
    if not answers:
        raise InputError("answers: there are none yet, so there is nothing to report; judge some sheets first")
    digests = dict.fromkeys(answer.weights for answer in answers)
    return [report([answer for answer in answers if answer.weights == digest], seed) for digest in digests]


def report(answers: Sequence[Answer], seed: int = 0) -> Report:
    """Compute the report on at least one answer about one model, in the order in which they were given."""
    first, repeated, contradictory = first_answers(answers)
    judged = [answer for answer in first if answer.kind != "control"]
    limits = sorted({answer.shown_ms or 0 for answer in judged})
    by_time = {
        f"{limit} ms" if limit else "no limit": rates([a for a in judged if (a.shown_ms or 0) == limit], seed)
        for limit in limits
    }
    control = [answer for answer in first if answer.kind == "control"]
    control_rates = rates(control, seed) if control else None
    curves = {}
    for name, feedback in (("with feedback", True), ("without feedback", False)):
        if rows := [answer for answer in judged if answer.feedback == feedback]:
            curves[name] = learning(rows, seed)
    return Report(
        answers[0].weights,
        by_time,
        control_rates.error_reals if control_rates else None,
        curves,
        _median_times(answers),
        repeated,
        contradictory,
        [*_remarks(judged, control, repeated, contradictory), *_remarks_on_equal(by_time, control_rates, curves)],
    )


def first_answers(answers: Sequence[Answer]) -> tuple[list[Answer], int, int]:
    """Keep the first answer of each person to each picture.

    Returns:
        The answers, the number left out, and how many of those contradict the first.
    """
    first: dict[tuple[str, str], Answer] = {}
    contradictory = 0
    for answer in answers:
        earlier = first.setdefault((answer.person, answer.picture), answer)
        contradictory += earlier.answered_fake != answer.answered_fake
    return list(first.values()), len(answers) - len(first), contradictory


def _median_times(answers: Sequence[Answer]) -> dict[str, float]:
    times: dict[str, dict[tuple, float]] = {}
    for answer in answers:
        if answer.response_ms is not None:
            trial = answer.person, answer.session, answer.trial
            times.setdefault(answer.kind, {})[trial] = answer.response_ms
    return {kind: float(np.median(list(values.values()))) for kind, values in times.items()}


def _remarks(judged: list[Answer], control: list[Answer], repeated: int, contradictory: int) -> list[str]:
    remarks = []
    if len(_people([*judged, *control])) == 1:
        remarks.append("one person only: the intervals are over answers, and say nothing about other people")
    if not judged:
        remarks.append("control sheets only: there is no answer about a fake")
    for name, is_fake in (("fake", True), ("real picture", False)):
        if judged and not any(answer.is_fake == is_fake for answer in judged):
            remarks.append(f"no {name} was judged: its error rate, the mean error and d′ are unknown")
    if repeated:
        remarks.append(
            f"{repeated} answers to a picture that the person had judged before, {contradictory} of them contradict "
            "the first answer: only the first counts"
        )
    if judged and not control:
        remarks.append("no control sheets: it is unknown how often people tick a picture when all are real")
    return remarks


def _remarks_on_equal(by_time: dict[str, Rates], control: Rates | None, curves: dict[str, Learning]) -> list[str]:
    """Remarks on figures that are the same for several people, which say nothing of how people differ."""
    groups = {**by_time, "control sheets": control} if control else by_time
    remarks = [
        f"{group}: all people have the same share of {NAMES[rate]}: its interval is over answers"
        for group, figures in groups.items()
        for rate in figures.equal
    ]
    for name, curve in curves.items():
        if curve.change.low == curve.change.high:
            remarks.append(f"accuracy {name}: all people have the same change, so that its interval has no width")
    return remarks


def _people(answers: Sequence[Answer]) -> set[str]:
    return {answer.person for answer in answers}


def text(result: Report) -> str:
    """Format a report as lines of text."""
    lines = [f"model {result.weights}"]
    for limit, figures in result.by_time.items():
        lines.append(
            f"  {limit}: {figures.answers} answers of {figures.people} "
            f"{'person' if figures.people == 1 else 'people'}; 95 % intervals over {figures.over}"
        )
        name = "HYPE∞" if limit == "no limit" else "mean error"
        lines.append(f"    fakes taken for real   {_percent(figures.error_fakes)}")
        lines.append(f"    reals taken for fakes  {_percent(figures.error_reals)}")
        lines.append(f"    {name:22} {_percent(figures.error)}, 50 % is chance")
        lines.append(f"    d′                     {_number(figures.d_prime)}")
        lines.append(f"    criterion              {_number(figures.criterion)}")
    if result.control is not None:
        lines.append(f"  control sheets, reals taken for fakes: {_percent(result.control)}")
    for name, curve in result.learning.items():
        values = " ".join(f"{block.accuracy:.0%}" for block in curve.blocks)
        lines.append(f"  accuracy {name}, by 9 answers: {values}")
        lines.append(f"    change from the first third to the last: {_percent(curve.change)}")
    for kind, milliseconds in result.median_ms.items():
        lines.append(f"  median time of a {kind}: {milliseconds / 1000:.1f} s")
    return "\n".join([*lines, *(f"  note: {remark}" for remark in result.remarks)])


def _percent(estimate: Estimate) -> str:
    if math.isnan(estimate.value):
        return "unknown"
    if math.isnan(estimate.low):
        return f"{estimate.value:.1%}, no interval"
    return f"{estimate.value:.1%} ({estimate.low:.1%} to {estimate.high:.1%})"


def _number(estimate: Estimate) -> str:
    if math.isnan(estimate.value):
        return "unknown"
    value, low, high = (round(number, 2) + 0.0 for number in (estimate.value, estimate.low, estimate.high))  # no -0.00
    return f"{value:.2f} ({low:.2f} to {high:.2f})"


def _finite(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _finite(entry) for name, entry in value.items()}
    if isinstance(value, list):
        return [_finite(entry) for entry in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value

"""A list of trials that one person answers, and how it goes on. It stays on the server, because it knows the fakes."""

from __future__ import annotations

import dataclasses
import math
import secrets
from collections.abc import Collection
from typing import Any

from tfgan_models.errors import InputError
from tfgan_models.judge.answers import AnswerFile, answers_to
from tfgan_models.judge.pool import draw_pool
from tfgan_models.judge.trials import SHEET, Trial
from tfgan_models.studio.sampling import check_number
from tfgan_models.studio.workspace import Workspace

SHEETS, CONTROL, SINGLES = 10, 1, 40  # of a list by default
MOST_SHEETS, MOST_SINGLES, LONGEST_MS = 100, 500, 60_000
LONGEST_NAME = 80
DAY_MS = 86_400_000.0


@dataclasses.dataclass(frozen=True, kw_only=True)
class TrialList:
    """Trials of one person in one session, and how far the person has come.

    Attributes:
        person: name under which the answers are saved.
        weights: digest of the weights of the model.
        trials: the trials.
        session: id of this list; a list that is drawn again has another.
        place: number of answered trials.
        right: number of pictures judged right.
        ticked: positions that were taken for fakes in the last answered trial; None before the first.
        reviewed: whether the person still looks at the truth about the last answered sheet.
    """

    person: str
    weights: str
    trials: tuple[Trial, ...]
    session: str = dataclasses.field(default_factory=lambda: secrets.token_hex(8))
    place: int = 0
    right: int = 0
    ticked: frozenset[int] | None = None
    reviewed: bool = False

    @property
    def is_done(self) -> bool:
        """Whether all trials are answered."""
        return self.place == len(self.trials)

    @property
    def judged(self) -> int:
        """Number of judged pictures."""
        return sum(len(trial.pictures) for trial in self.trials[: self.place])

    @property
    def last(self) -> Trial | None:
        """The last answered trial."""
        return self.trials[self.place - 1] if self.place else None


def new_sheets(
    workspace: Workspace, name: str, person: str, feedback: bool, sheets: Any = SHEETS, control: Any = CONTROL
) -> TrialList:
    """Draw sheets of nine pictures.

    Args:
        workspace: models and held-out images.
        name: name of the model.
        person: name under which the answers are saved.
        feedback: whether the person learns the truth after each sheet.
        sheets: number of sheets with fakes; 0 compares real against real alone.
        control: number of sheets on which all pictures are real.

    Raises:
        InputError: a value is out of range, or there are too few pictures.
    """
    person = check_person(person)
    sheets = check_number("sheets", sheets, 0, MOST_SHEETS)
    control = check_number("control sheets", control, 0, MOST_SHEETS)
    if not sheets + control:
        raise InputError("sheets: give at least one, or a control sheet")
    seed = secrets.randbelow(2**31)
    pool = _pool(workspace, name, SHEET * (sheets + control), seed)
    trials = pool.sheets(sheets, seed, feedback=feedback, control=control)
    return TrialList(person=person, weights=pool.weights, trials=tuple(trials))


def new_singles(
    workspace: Workspace, name: str, person: str, feedback: bool, count: Any = SINGLES, shown_ms: Any = 0
) -> TrialList:
    """Draw single pictures, half of them fakes.

    Args:
        workspace: models and held-out images.
        name: name of the model.
        person: name under which the answers are saved.
        feedback: whether the person learns the truth after each picture.
        count: number of pictures.
        shown_ms: milliseconds until a picture is masked; 0 for no limit.

    Raises:
        InputError: a value is out of range, or there are too few pictures.
    """
    person = check_person(person)
    count = check_number("pictures", count, 1, MOST_SINGLES)
    limit = check_number("milliseconds", shown_ms or 0, 0, LONGEST_MS) or None
    seed = secrets.randbelow(2**31)
    pool = _pool(workspace, name, count, seed)
    trials = pool.singles(count, seed, feedback=feedback, shown_ms=limit)
    return TrialList(person=person, weights=pool.weights, trials=tuple(trials))


def answer(
    trials: TrialList, file: AnswerFile, number: Any, ticked: Collection[Any], milliseconds: Any = None
) -> TrialList:
    """Save the answer to the current trial, and go on. The rows are on the disk when the call returns.

    Args:
        trials: the list.
        file: file of the answers.
        number: number of the trial that is answered. Any other than the current one changes nothing: it is a second
            click on a trial that has been answered.
        ticked: positions that are taken for fakes.
        milliseconds: time since the pictures were shown, as the browser measured it.

    Raises:
        InputError: a position is not on the sheet, or the file cannot be written.
    """
    if trials.is_done or trials.reviewed or number != trials.place:
        return trials
    if not all(type(position) is int for position in ticked):
        raise InputError(f"answer {list(ticked)}: give positions as whole numbers")
    trial, fakes = trials.trials[trials.place], frozenset(ticked)
    response_ms = _milliseconds(milliseconds)
    rows = answers_to(
        trial, fakes, person=trials.person, session=trials.session, weights=trials.weights, response_ms=response_ms
    )
    file.append(rows)
    return dataclasses.replace(
        trials,
        place=trials.place + 1,
        right=trials.right + trial.score(fakes),
        ticked=fakes,
        reviewed=trial.feedback and trial.kind != "single",
    )


def proceed(trials: TrialList) -> TrialList:
    """Go on from the truth about a sheet to the next one."""
    return dataclasses.replace(trials, reviewed=False)


def check_person(person: str | None) -> str:
    """The name of a person without spaces around it.

    Raises:
        InputError: it is empty or too long.
    """
    name = " ".join((person or "").split())
    if not name or len(name) > LONGEST_NAME:
        raise InputError(f"name: give a name or a number of at most {LONGEST_NAME} characters, always the same for you")
    return name


def _pool(workspace: Workspace, name: str, count: int, seed: int) -> Any:
    return draw_pool(workspace.model(name), workspace.images(name, "test").images, count, seed)


def _milliseconds(value: Any) -> float | None:
    """A time that the browser has measured; None if it cannot be one."""
    is_time = isinstance(value, (int, float)) and math.isfinite(value) and 0 <= value <= DAY_MS
    return round(float(value), 1) if is_time else None

"""Error rates of people about a model, as a part of its evaluation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tfgan_models.errors import InputError
from tfgan_models.training.flag_rules import refusal

if TYPE_CHECKING:
    from tfgan_models.judge.report import Report


def load(path: str | None, weights: str) -> Report | None:
    """Compute the report on the answers about a model; None without a file.

    Raises:
        InputError: the file cannot be read, or has no answers about the model.
    """
    if path is None:
        return None
    from tfgan_models.judge.answers import AnswerFile
    from tfgan_models.judge.report import report

    try:
        answers = AnswerFile(path).read()
    except InputError as error:
        raise refusal("human", path, str(error).partition(": ")[2]) from error
    about_model = [answer for answer in answers if answer.weights == weights]
    if not about_model:
        raise refusal("human", path, f"none of its {len(answers)} answers is about the model {weights}, judge it first")
    return report(about_model)


def show(human: Report) -> None:
    """Print the report."""
    from tfgan_models.judge.report import text

    print(f"\npeople:     {text(human)}")

"""The advice that a stopped run prints, which depends on what it has saved."""

from __future__ import annotations

from pathlib import Path

BEFORE = "the training had not begun"
WITHOUT_CHECKPOINT = "there is no checkpoint yet, so the same command starts from the beginning"


def same_command(resume: bool) -> str:
    """The words for the command that goes on with a run or a sweep.

    Args:
        resume: whether the command resumes, as without ``--no-resume``.
    """
    return "run the same command" if resume else "run the same command without --no-resume"


def for_workers(resume: bool) -> str:
    """The advice of a worker that is not the chief, and does not see the checkpoints.

    Args:
        resume: whether the command resumes a run, as without ``--no-resume``.
    """
    return f"{same_command(resume)} for all workers: they resume from the last checkpoint, if there is one"


class StopAdvice:
    """The advice of this process. It changes as the process begins to train."""

    def __init__(self) -> None:
        self._text = BEFORE
        self._checkpoints: Path | None = None
        self._resume = True

    def set_text(self, text: str) -> None:
        """Set an advice that does not depend on checkpoints."""
        self._text, self._checkpoints = text, None

    def set_run(self, checkpoints: Path, resume: bool) -> None:
        """Let the advice depend on the checkpoints of a run.

        Args:
            checkpoints: their folder.
            resume: whether the command resumes a run, as without ``--no-resume``.
        """
        self._checkpoints, self._resume = checkpoints, resume

    def __call__(self) -> str:
        """Return the advice."""
        if self._checkpoints is None:
            return self._text
        if not any(self._checkpoints.glob("epoch-*")):
            return WITHOUT_CHECKPOINT
        return f"{same_command(self._resume)} to resume from the last checkpoint"


advice = StopAdvice()

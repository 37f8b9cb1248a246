"""A file of completed runs, so that they are not repeated."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tfgan_models.errors import InputError
from tfgan_models.files import atomic_write
from tfgan_models.lab.tasks import Task


class ResultsFile:
    """A JSON file of runs, a list with one object ``{"task", "outcome"}`` per line, written atomically.

    Args:
        path: path of the file, which is created when the first run is written.

    Raises:
        InputError: the file exists and is not a results file.
    """

    def __init__(self, path: Path):
        self.path = path
        self.outcomes: dict[str, dict[str, Any]] = {}
        if path.exists():
            try:
                runs = json.loads(path.read_text())
                self.outcomes = {_key(run["task"]): run["outcome"] for run in runs}
            except (ValueError, KeyError, TypeError):
                raise InputError(
                    f"{str(path)!r} is not a results file of the laboratory: give another --output"
                ) from None

    def find(self, task: Task) -> dict[str, Any] | None:
        """Return the outcome of a completed run with the same settings, or None."""
        return self.outcomes.get(_key(task.description()))

    def outcome(self, task: Task) -> dict[str, Any]:
        """Return the outcome of a completed run with the same settings.

        Raises:
            KeyError: there is no such run.
        """
        return self.outcomes[_key(task.description())]

    def write(self, task: Task, outcome: dict[str, Any]) -> None:
        """Add a run to the file."""
        self.outcomes[_key(task.description())] = outcome
        lines = (f'{{"task": {key}, "outcome": {json.dumps(value)}}}' for key, value in self.outcomes.items())
        with atomic_write(self.path) as file:
            file.write("[\n" + ",\n".join(lines) + "\n]\n")


def _key(description: dict[str, Any]) -> str:
    return json.dumps(description, sort_keys=True)

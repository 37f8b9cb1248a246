"""Finished runs, kept in a file, so that none is done twice."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tfgan_models.errors import InputError
from tfgan_models.files import atomic_write
from tfgan_models.lab.tasks import Task


class Notebook:
    """The runs in a file of JSON, one object ``{"task", "outcome"}`` in each line of its list; whole at any instant.

    Args:
        path: of the file; made when the first run is written.

    Raises:
        InputError: there is a file, and it is no notebook.
    """

    def __init__(self, path: Path):
        self.path = path
        self.outcomes: dict[str, dict[str, Any]] = {}
        if path.exists():
            try:
                runs = json.loads(path.read_text())
                self.outcomes = {_key(run["task"]): run["outcome"] for run in runs}
            except (ValueError, KeyError, TypeError):
                raise InputError(f"{str(path)!r} is no notebook of the laboratory: give another --output") from None

    def find(self, task: Task) -> dict[str, Any] | None:
        """The outcome of a run that was done already with the same settings."""
        return self.outcomes.get(_key(task.description()))

    def outcome(self, task: Task) -> dict[str, Any]:
        """The outcome of a run that was done already with the same settings.

        Raises:
            KeyError: it was not.
        """
        return self.outcomes[_key(task.description())]

    def write(self, task: Task, outcome: dict[str, Any]) -> None:
        """Keep a run."""
        self.outcomes[_key(task.description())] = outcome
        lines = (f'{{"task": {key}, "outcome": {json.dumps(value)}}}' for key, value in self.outcomes.items())
        with atomic_write(self.path) as file:
            file.write("[\n" + ",\n".join(lines) + "\n]\n")


def _key(description: dict[str, Any]) -> str:
    return json.dumps(description, sort_keys=True)

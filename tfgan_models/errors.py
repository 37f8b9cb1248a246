"""The errors that are no defects of ours: input that cannot be used, and runs that cannot go on."""

from __future__ import annotations


class InputError(ValueError):
    """Something the user gave cannot be used.

    The message is one line: it quotes what was given and says what to do. Commands print it and end with exit code 2;
    every exception that is not in this file is a defect of ours and keeps its traceback.

    Args:
        message: the line.
        argument: the argument that is wrong, as it is called in Python. Where the message begins with its name,
            commands print it as that of a flag.
    """

    def __init__(self, message: str, argument: str | None = None):
        super().__init__(message)
        self.argument = argument


class RunFailed(Exception):
    """A run cannot go on. Commands print the message, one line, and end with exit code 1."""


class NotFinite(RunFailed):
    """A loss or a variable is NaN or infinite."""


class Collapsed(RunFailed):
    """Samples have become alike, and the run was to stop at that."""

"""Errors that are not defects of the package: unusable input, and runs that cannot continue."""

from __future__ import annotations


class InputError(ValueError):
    """The input of the user cannot be used.

    The message is one line that quotes the input and says what to do. Commands print it and end with exit code 2. All
    exceptions outside this file are defects and keep their traceback.

    Args:
        message: the line.
        argument: name of the wrong argument. If the message begins with this name, commands print it as a flag.
    """

    def __init__(self, message: str, argument: str | None = None):
        super().__init__(message)
        self.argument = argument


class RunFailed(Exception):
    """A run cannot continue. Commands print the message, which is one line, and end with exit code 1."""


class NotFinite(RunFailed):
    """A loss or a variable is NaN or infinite."""


class Collapsed(RunFailed):
    """The samples became alike, and the run was set to stop in that case."""


class WorkerStopped(RunFailed):
    """Another worker of the run has stopped, and this one cannot continue alone."""

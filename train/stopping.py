"""How a script ends: one line on bad input or failure, and at once on Ctrl-C or SIGTERM."""

from __future__ import annotations

import contextlib
import errno
import os
import signal
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

from tfgan_models.errors import InputError, RunFailed

FULL_OR_FORBIDDEN = (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EPERM)


@contextlib.contextmanager
def one_line_errors() -> Iterator[None]:
    """Exit code 2 on bad input, 1 where a run cannot go on, each with one line; defects keep their traceback."""
    try:
        yield
    except InputError as error:
        _complain(error, 2)
    except OSError as error:
        if error.errno not in FULL_OR_FORBIDDEN:
            raise
        _complain(f"{error.strerror}: {error.filename or 'the run folder'}; what was saved before is whole", 1)
    except RunFailed as error:
        _complain(error, 1)


def _complain(message: object, code: int) -> None:
    print(f"{Path(sys.argv[0]).name}: error: {message}", file=sys.stderr)
    raise SystemExit(code) from None


def end_on_signals() -> None:
    """End within the instant on SIGINT and SIGTERM with exit code 130 and 143, even in the midst of a long step.

    A Python handler would wait for TensorFlow to return; a thread that is woken by the signal does not. Nothing needs
    to be put in order: every file is whole or not there at any instant.
    """
    reader, writer = os.pipe()
    os.set_blocking(writer, False)

    def wait() -> None:
        number = os.read(reader, 1)[0]
        name = signal.Signals(number).name
        os.write(2, f"\nstopped by {name}: run the same command to go on from the last checkpoint\n".encode())
        os._exit(128 + number)

    signal.set_wakeup_fd(writer)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: None)
    threading.Thread(target=wait, daemon=True).start()

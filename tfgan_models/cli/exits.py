"""How a script ends: one line on bad input or failure, and at once on Ctrl-C or SIGTERM."""

from __future__ import annotations

import contextlib
import errno
import os
import re
import select
import signal
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

from tfgan_models.errors import InputError, RunFailed

NOT_A_PLACE = (errno.EEXIST, errno.ENOTDIR, errno.EISDIR, errno.ENAMETOOLONG, errno.ENOTEMPTY)
FULL_OR_FORBIDDEN = (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EPERM)
FULL = tuple(os.strerror(number) for number in (errno.ENOSPC, errno.EDQUOT))


@contextlib.contextmanager
def one_line_errors() -> Iterator[None]:
    """Exit code 2 on bad input, 1 where a run cannot go on, each with one line; defects keep their traceback.

    Where nobody reads what is printed any more, as behind ``| head``, the end is that of SIGPIPE: code 141, no words.
    """
    try:
        with _in_one_line():
            yield
    except BrokenPipeError:
        if not (_unread() or _closed_at_the_other_end()):
            raise  # of another pipe
        raise SystemExit(128 + signal.SIGPIPE) from None
    except SystemExit as end:
        if _unread() and not end.code:
            raise SystemExit(128 + signal.SIGPIPE) from None
        raise
    else:
        if _unread():
            raise SystemExit(128 + signal.SIGPIPE)


def _unread() -> bool:
    """Whether nobody reads standard output any more; prints what it still holds."""
    output = sys.stdout
    if output is None:
        return False
    try:
        output.flush()
    except BrokenPipeError:
        # Python would try once more at its end, and complain.
        os.dup2(os.open(os.devnull, os.O_WRONLY), output.fileno())
        return True
    return False


def _closed_at_the_other_end() -> bool:
    """The same where what could not be printed is lost already."""
    poll = select.poll()
    try:
        poll.register(sys.stdout.fileno(), 0)
    except (AttributeError, OSError):  # there is none, or one that is no file
        return False
    return bool(poll.poll(0))


@contextlib.contextmanager
def _in_one_line() -> Iterator[None]:
    try:
        yield
    except InputError as error:
        argument, message = error.argument, str(error)
        _complain(f"--{message}" if argument and message.startswith(argument) else message, 2)
    except RunFailed as error:
        _complain(error, 1)
    except OSError as error:
        if error.errno in NOT_A_PLACE:
            _complain(f"{error.filename}: {(error.strerror or str(error)).lower()}, give another path", 2)
        reason = _full_or_forbidden(error)
        if reason is None:
            raise
        _complain(f"{reason}; what was saved before is whole", 1)
    except Exception as error:
        reason = _full_or_forbidden(error)
        if reason is None:
            raise
        _complain(f"{reason}; what was saved before is whole", 1)


def _full_or_forbidden(error: Exception) -> str | None:
    """What a disk has against us and where, in one line; None for all other errors."""
    if isinstance(error, OSError):
        if error.errno not in FULL_OR_FORBIDDEN:
            return None
        return f"{error.strerror}: {error.filename or 'the run folder'}"
    # An error of TensorFlow's cannot come where it was not imported, and importing it takes seconds.
    kinds = getattr(sys.modules.get("tensorflow"), "errors", None)
    if kinds is None or not isinstance(error, kinds.ResourceExhaustedError | kinds.PermissionDeniedError):
        return None
    message: str = getattr(error, "message", "")  # which all errors of TensorFlow's have
    if isinstance(error, kinds.ResourceExhaustedError) and not any(text in message for text in FULL):
        return None  # of memory
    # «{{node …}} path; No space left on device [Op:…]», and more lines as it may be.
    line = re.sub(r"\{\{.*?\}\}|\[Op:.*", "", message.strip().partition("\n")[0])
    path, _, reason = (part.strip() for part in line.partition(";"))
    return f"{reason}: {path}" if reason else path


def _complain(message: object, code: int) -> None:
    with contextlib.suppress(BrokenPipeError):
        print(f"{Path(sys.argv[0]).name}: error: {message}", file=sys.stderr)
    raise SystemExit(code) from None


def end_on_signals(then: str = "run the same command to resume from the last checkpoint") -> None:
    """End within the instant on SIGINT and SIGTERM with exit code 130 and 143, even in the midst of a long step.

    A Python handler would wait for TensorFlow to return; a thread that is woken by the signal does not. Nothing needs
    to be put in order: every file is whole or not there at any instant.

    Args:
        then: what the last line says beside the signal's name.
    """
    reader, writer = os.pipe()
    os.set_blocking(writer, False)

    def wait() -> None:
        number = os.read(reader, 1)[0]
        name = signal.Signals(number).name
        # Nobody may be reading any more; the end must come all the same.
        with contextlib.suppress(OSError):
            os.write(2, f"\nstopped by {name}: {then}\n".encode())
        os._exit(128 + number)

    signal.set_wakeup_fd(writer)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: None)
    threading.Thread(target=wait, daemon=True).start()

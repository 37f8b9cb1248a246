"""Exit codes and one-line errors of the commands, and their exit on Ctrl-C, SIGTERM and SIGHUP."""

from __future__ import annotations

import contextlib
import errno
import os
import re
import select
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

from tfgan_models.cli.printing import allow_any_text
from tfgan_models.errors import InputError, RunFailed

BAD_PATH = (errno.EEXIST, errno.ENOTDIR, errno.EISDIR, errno.ENAMETOOLONG, errno.ENOTEMPTY, errno.ELOOP)
DISK_FULL_OR_READ_ONLY = (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EPERM)
GONE = "the working folder has been deleted: change to another folder, and run the command again"
DISK_FULL = tuple(os.strerror(number) for number in (errno.ENOSPC, errno.EDQUOT))


@contextlib.contextmanager
def one_line_errors() -> Iterator[None]:
    """Exit with one line and code 2 for bad input, or 1 for a run that cannot continue.

    Defects keep their traceback. If the reader of standard output has ended, as in ``| head``, exit with code 141 and
    no message, as after SIGPIPE. Any text can be printed inside.
    """
    allow_any_text()
    try:
        with _exit_codes():
            yield
    except BrokenPipeError:
        if not (_stdout_has_no_reader() or _stdout_pipe_is_closed()):
            raise  # the error belongs to another pipe
        raise SystemExit(128 + signal.SIGPIPE) from None
    except SystemExit as end:
        if _stdout_has_no_reader() and not end.code:
            raise SystemExit(128 + signal.SIGPIPE) from None
        raise
    else:
        if _stdout_has_no_reader():
            raise SystemExit(128 + signal.SIGPIPE)


def _stdout_has_no_reader() -> bool:
    """Flush standard output, and return whether its reader has ended."""
    output = sys.stdout
    if output is None:
        return False
    try:
        output.flush()
    except BrokenPipeError:
        # Python would flush again at its exit and print an error.
        os.dup2(os.open(os.devnull, os.O_WRONLY), output.fileno())
        return True
    return False


def _stdout_pipe_is_closed() -> bool:
    """Return whether the reader of standard output has ended, after a write to it has failed."""
    poll = select.poll()
    try:
        poll.register(sys.stdout.fileno(), 0)
    except (AttributeError, OSError):  # standard output is missing or not a file
        return False
    return bool(poll.poll(0))


@contextlib.contextmanager
def _exit_codes() -> Iterator[None]:
    try:
        if _working_folder_is_gone():
            raise InputError(GONE)
        yield
    except InputError as error:
        argument, message = error.argument, str(error)
        _exit(f"--{message}" if argument and message.startswith(argument) else message, 2)
    except RunFailed as error:
        _exit(error, 1)
    except OSError as error:
        if error.errno == errno.ENOENT and _working_folder_is_gone():
            _exit(GONE, 2)
        if error.errno in BAD_PATH:
            if _is_broken_link(error.filename):
                target = os.readlink(error.filename)
                _exit(f"{error.filename}: this link leads to {target}, which does not exist, give another path", 2)
            _exit(f"{error.filename}: {(error.strerror or str(error)).lower()}, give another path", 2)
        reason = _disk_problem(error)
        if reason is None:
            raise
        _exit(f"{reason}; files saved before are intact", 1)
    except Exception as error:
        reason = _disk_problem(error)
        if reason is None:
            raise
        _exit(f"{reason}; files saved before are intact", 1)


def _is_broken_link(path: object) -> bool:
    return isinstance(path, str | os.PathLike) and os.path.islink(path) and not os.path.exists(path)


def _working_folder_is_gone() -> bool:
    """Return whether the folder in which the command runs has been deleted."""
    try:
        os.getcwd()
    except FileNotFoundError:
        return True
    return False


def _disk_problem(error: Exception) -> str | None:
    """One line about a full or read-only disk and its path; None for all other errors."""
    if isinstance(error, OSError):
        if error.errno not in DISK_FULL_OR_READ_ONLY:
            return None
        return f"{error.strerror}: {error.filename}" if error.filename else error.strerror
    # TensorFlow's errors exist only if it is imported. Importing it here would take seconds.
    kinds = getattr(sys.modules.get("tensorflow"), "errors", None)
    if kinds is None or not isinstance(error, kinds.ResourceExhaustedError | kinds.PermissionDeniedError):
        return None
    message: str = getattr(error, "message", "")  # all errors of TensorFlow have it
    if isinstance(error, kinds.ResourceExhaustedError) and not any(text in message for text in DISK_FULL):
        return None  # memory is exhausted, not the disk
    # The message is "{{node …}} path; No space left on device [Op:…]", sometimes with further lines.
    line = re.sub(r"\{\{.*?\}\}|\[Op:.*", "", message.strip().partition("\n")[0])
    path, _, reason = (part.strip() for part in line.partition(";"))
    return f"{reason}: {path}" if reason else path


def _exit(message: object, code: int) -> None:
    with contextlib.suppress(BrokenPipeError):
        print(f"{Path(sys.argv[0]).name}: error: {message}", file=sys.stderr)
    raise SystemExit(code) from None


def end_on_signals(advice: str | Callable[[], str]) -> None:
    """Exit at once on SIGINT, SIGTERM and SIGHUP, with code 130, 143 and 129, even during a long step.

    A closed terminal sends SIGHUP. It stays ignored under ``nohup``.

    A Python signal handler would wait for TensorFlow to return. A thread that the signal wakes does not. No cleanup is
    needed, because all files are written atomically.

    Args:
        advice: the end of the last line, after the signal's name, or a function that returns it.
    """
    reader, writer = os.pipe()
    os.set_blocking(writer, False)

    def wait() -> None:
        number = os.read(reader, 1)[0]
        name = signal.Signals(number).name
        # Exit even if standard error has no reader, or the advice cannot be decided.
        with contextlib.suppress(Exception):
            os.write(2, f"\nstopped by {name}: {advice if isinstance(advice, str) else advice()}\n".encode())
        os._exit(128 + number)

    signal.set_wakeup_fd(writer)
    closed = getattr(signal, "SIGHUP", None)  # Windows has none
    for number in (signal.SIGINT, signal.SIGTERM, closed):
        if number is not None and (number != closed or signal.getsignal(number) != signal.SIG_IGN):
            signal.signal(number, lambda *_: None)
    threading.Thread(target=wait, daemon=True).start()

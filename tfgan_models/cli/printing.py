"""Printing to any standard output, whatever characters it can take."""

from __future__ import annotations

import codecs
import sys

PRINTABLE = "tfgan_models_printable"  # name of the error handler
# What the lines of this package have beyond ASCII. Other characters become escapes.
SPELLINGS = {"×": "x", "±": "+-", "…": "...", "—": "-", "–": "-", "²": "^2", "ε": "epsilon", "μ": "mu", "σ": "sigma"}


def allow_any_text() -> None:
    """Let standard output and standard error take any text, as in cron jobs, where they may take ASCII only.

    The bytes of a file name that is not in the encoding of the system are printed as they are.
    """
    codecs.register_error(PRINTABLE, _spell)
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)  # a replacement of the stream may lack it
        if reconfigure and getattr(stream, "errors", None) in ("strict", "surrogateescape"):
            reconfigure(errors=PRINTABLE)


def _spell(error: UnicodeError) -> tuple[str | bytes, int]:
    """Replace the first character that cannot be encoded."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    character, end = error.object[error.start], error.start + 1
    if 0xDC80 <= ord(character) <= 0xDCFF:  # stands for a byte of a file name
        return bytes([ord(character) - 0xDC00]), end
    return SPELLINGS.get(character, character.encode("ascii", "backslashreplace").decode()), end

"""Lines on standard output, whatever characters it can take."""

from __future__ import annotations

import io
import os
import sys

import pytest

from tfgan_models.cli import exits


@pytest.mark.parametrize(
    ("encoding", "errors", "written"),
    [
        ("ascii", "strict", b"8x8 +- 1 ... \\u732b pics/\xff"),  # PYTHONIOENCODING=ascii
        ("ascii", "surrogateescape", b"8x8 +- 1 ... \\u732b pics/\xff"),  # the locale C
        ("latin-1", "strict", "8×8 ± 1 ... \\u732b pics/\xff".encode("latin-1")),
        ("utf-8", "strict", "8×8 ± 1 … 猫 pics/".encode() + b"\xff"),
    ],
)
def test_standard_output_of_any_encoding_takes_any_text(encoding, errors, written, monkeypatch):
    stream = io.TextIOWrapper(io.BytesIO(), encoding, errors)
    monkeypatch.setattr(sys, "stdout", stream)
    with exits.one_line_errors():
        print("8×8 ± 1 … 猫", os.fsdecode(b"pics/\xff"), end="")
    assert stream.buffer.getvalue() == written
    with exits.one_line_errors():  # a command calls it more than once
        print("é", end="")


def test_a_replaced_standard_output_stays_as_it_is(monkeypatch):
    monkeypatch.setattr(sys, "stdout", io.StringIO())
    with exits.one_line_errors():
        print("8×8", end="")
    assert sys.stdout.getvalue() == "8×8"

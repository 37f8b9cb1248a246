"""Help texts flow to the width of the terminal."""

from __future__ import annotations

import contextlib
import io
import itertools
import re
import sys
from typing import Any

import pytest

from tests.tiers import tiered
from tfgan_models.cli import evaluate, lab, sample, train
from tfgan_models.cli.command_line import read

FLAGS = {name: train.load(name).flags for name in train.names()}
FLAGS |= {"sample": sample.SampleFlags, "evaluate": evaluate.EvaluateFlags, "lab": lab.LabFlags}


def help_of(flags: type, monkeypatch: pytest.MonkeyPatch, width: int, *words: str, presets: Any = None) -> str:
    """The help that is printed on a terminal of some width. For one that has UTF-8 it has boxes."""
    monkeypatch.setenv("COLUMNS", str(width))
    monkeypatch.setattr(sys, "argv", ["tfgan", *words, "--help"])
    printed = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
    with contextlib.redirect_stdout(printed), pytest.raises(SystemExit) as end:
        read(flags, presets)
    assert end.value.code == 0
    printed.seek(0)
    return printed.read()


def early_breaks(printed: str) -> list[str]:
    """The lines of help texts that end although the first word of the next line has room in them."""
    lines = [line[2:-2] for line in printed.splitlines() if line.startswith("│")]
    assert len(lines) > 10
    early = []
    for line, following in itertools.pairwise(lines):
        column = len(following) - len(following.lstrip())
        if column < 6 or not following.strip():  # the next flag
            continue
        if line.startswith("-") and (line[column - 2 : column].strip() or not line[column:].strip()):  # a flag alone
            continue
        # A word with a comma may be broken after it.
        (word, *_) = re.split(r"(?<=,)|\s", following.strip(), maxsplit=1)
        if len(line.rstrip()) + 1 + len(word) <= len(line):
            early.append(line.strip())
    return early


@pytest.mark.parametrize("name", tiered(FLAGS, ("vaegan", "aae_semi_supervised", "evaluate")))
def test_a_line_of_a_help_text_ends_where_the_next_word_has_no_room(name, monkeypatch):
    for width in (90, 120):  # in one column
        assert early_breaks(help_of(FLAGS[name], monkeypatch, width)) == []


def test_defaults_are_those_of_the_preset(monkeypatch):
    presets = train.load("vaegan").presets
    usual, larsen = (
        re.sub(r"[│\s]+", " ", help_of(FLAGS["vaegan"], monkeypatch, 120, *words, presets=presets))
        for words in ((), ("--preset", "larsen"))
    )
    text = f"lower it for sharper images. (default: {presets['larsen'].model.gamma})"
    assert text not in usual and text in larsen


def test_flags_of_a_base_class_have_their_texts(monkeypatch):
    text = re.sub(r"[│\s]+", " ", help_of(FLAGS["improved_gan"], monkeypatch, 120))
    assert "Number of labeled pictures, equally many of each class." in text

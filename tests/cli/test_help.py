"""Help texts flow to the width of the terminal."""

from __future__ import annotations

import itertools
import re
import sys

import pytest

from tests.tiers import tiered
from tfgan_models.cli import evaluate, lab, sample, train
from tfgan_models.cli.command_line import read

FLAGS = {name: train.load(name).flags for name in train.names()}
FLAGS |= {"sample": sample.SampleFlags, "evaluate": evaluate.EvaluateFlags, "lab": lab.LabFlags}


def early_breaks(printed: str) -> list[str]:
    """The lines of help texts that end although the first word of the next line has room in them."""
    lines = [line[2:-2] for line in printed.splitlines() if line.startswith("│")]
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
def test_a_line_of_a_help_text_ends_where_the_next_word_has_no_room(name, monkeypatch, capsys):
    for width in ("90", "120"):  # in one column
        monkeypatch.setenv("COLUMNS", width)
        monkeypatch.setattr(sys, "argv", [name, "--help"])
        with pytest.raises(SystemExit) as end:
            read(FLAGS[name])
        assert end.value.code == 0
        printed = capsys.readouterr().out
        assert printed.count("(default: ") > 5
        assert early_breaks(printed) == []


def help_of(name: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture, *words: str) -> str:
    """The help of an algorithm as one line."""
    recipe = train.load(name)
    monkeypatch.setattr(sys, "argv", [name, *words, "--help"])
    with pytest.raises(SystemExit):
        read(recipe.flags, recipe.presets)
    return re.sub(r"[│\s]+", " ", capsys.readouterr().out)


def test_defaults_are_those_of_the_preset(monkeypatch, capsys):
    monkeypatch.setenv("COLUMNS", "120")
    usual = "lower it for sharper images. (default: {})"
    gamma = train.load("vaegan").presets["larsen"].model.gamma
    assert usual.format(gamma) not in help_of("vaegan", monkeypatch, capsys)
    assert usual.format(gamma) in help_of("vaegan", monkeypatch, capsys, "--preset", "larsen")


def test_flags_of_a_base_class_have_their_texts(monkeypatch, capsys):
    assert "Number of labeled pictures, equally many of each class." in help_of("improved_gan", monkeypatch, capsys)

"""Command lines: repeated flags, and advice for values that cannot be read."""

from __future__ import annotations

import sys

import pytest

from tfgan_models.cli import command_line
from tfgan_models.cli.edit import EditFlags
from tfgan_models.cli.evaluate import EvaluateFlags
from tfgan_models.cli.judge import JudgeFlags
from tfgan_models.cli.studio import StudioFlags
from tfgan_models.errors import InputError


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("--model a b --port 80", "--port 80 --model a b"),
        ("--model a --run r --model=b --run s t", "--model a b --run r s t"),
        ("--label p --label-names x --run r --label_names y --model", "--label p --label_names x y --run r --model"),
        ("--port 80 --port 81 --label p", "--port 80 --port 81 --label p"),
        ("a --port 80", "a --port 80"),
    ],
)
def test_values_of_repeated_flags_come_together(words, expected):
    assert command_line.joined(StudioFlags, words.split()) == expected.split()


def read(monkeypatch, kind: type, words: str):
    monkeypatch.setattr(sys, "argv", ["tfgan some", *words.split()])
    return command_line.read(kind)


def test_no_value_of_a_repeated_flag_is_lost(monkeypatch):
    edit = read(monkeypatch, EditFlags, "--model m --attributes A --strength -2.5 2.5 --attributes B --attributes=C")
    assert edit.attributes == ("A", "B", "C") and edit.strength == (-2.5, 2.5)
    judge = read(monkeypatch, JudgeFlags, "--answers a.sqlite --person ann --sheet 1 --answer 2 --answer 5")
    assert judge.answer == (2, 5) and judge.person == "ann"


@pytest.mark.parametrize(
    ("kind", "words", "message"),
    [
        (EditFlags, "--model m --strength 2", "--strength 2: give 2 numbers, not '2'"),
        (EvaluateFlags, "--model m --range 0", "--range 0: give 2 numbers or auto, not '0'"),
        (EvaluateFlags, "--model m --samples many", "--samples many: give an integer, not 'many'"),
        (EvaluateFlags, "--model m --extractor none", "--extractor none: 'none' is unknown, give in_domain or"),
    ],
)
def test_the_advice_says_what_the_flag_takes(monkeypatch, kind, words, message):
    with pytest.raises(InputError) as error:
        read(monkeypatch, kind, words)
    assert str(error.value).startswith(message)

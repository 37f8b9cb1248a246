"""Command lines: repeated flags, and advice for values that cannot be read."""

from __future__ import annotations

import sys

import pytest

from tfgan_models.cli import command_line
from tfgan_models.cli.compare import CompareFlags
from tfgan_models.cli.edit import EditFlags
from tfgan_models.cli.evaluate import EvaluateFlags
from tfgan_models.cli.judge import JudgeFlags
from tfgan_models.cli.sample import SampleFlags
from tfgan_models.cli.studio import StudioFlags
from tfgan_models.errors import InputError
from tfgan_models.recipes import gan, vaegan


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("--model a b --port 80", "--model a b --port 80"),
        ("--model a --run r --model=b --port 80", "--run r --port 80 --model a b"),
        ("--label p --label-names x --run r --label_names y --model", "--label p --run r --model --label_names x y"),
        ("--port 80 --port 81 --label p", "--port 80 --port 81 --label p"),
        ("a --port 80", "a --port 80"),
        ("--label p --model=-a --run r", "--label p --model=-a --run r"),
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
    sample = read(monkeypatch, SampleFlags, "--model m --with A --with B C --without D")
    assert sample.with_ == ("A", "B", "C") and sample.without == ("D",)
    assert read(monkeypatch, CompareFlags, "runs/a --runs runs/b").runs == ("runs/a", "runs/b")
    with pytest.raises(InputError, match="--attributes=-a: a value that begins with '-' cannot be one of several"):
        read(monkeypatch, EditFlags, "--model m --attributes A --attributes=-a")


@pytest.mark.parametrize(
    ("kind", "words", "message"),
    [
        (EditFlags, "--model m --strength 2", "--strength 2: give 2 numbers, not '2'"),
        (EvaluateFlags, "--model m --range 0", "--range 0: give 2 numbers or auto, not '0'"),
        (EvaluateFlags, "--model m --samples many", "--samples many: give an integer, not 'many'"),
        (EvaluateFlags, "--model m --extractor none", "--extractor none: 'none' is unknown, give in_domain or"),
        (SampleFlags, "--modle m", "--modle: unknown flag, did you mean --model?"),
        (SampleFlags, "--output a.png", "--model: this flag is required"),
        (SampleFlags, "", "--model: this flag is required"),
    ],
)
def test_the_advice_says_what_the_flag_takes(monkeypatch, kind, words, message):
    with pytest.raises(InputError) as error:
        read(monkeypatch, kind, words)
    assert str(error.value).startswith(message)


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        (SampleFlags, "--model m --between"),
        (SampleFlags, "--model m --with --output a.png"),
        (EditFlags, "--attributes --model m"),
        (vaegan.VAEGANFlags, "--similarity_layer --epochs 2"),
        (vaegan.VAEGANFlags, "--dataset digits --condition_attributes"),
    ],
)
def test_several_values_of_which_there_are_none_are_refused(monkeypatch, kind, words):
    """As after an empty pattern of a shell, where the default would be taken without a word."""
    with pytest.raises(InputError, match=r"^--(between|with|attributes|similarity_layer|condition_attributes): give a"):
        read(monkeypatch, kind, words)


def test_none_is_a_choice_where_the_default_has_values(monkeypatch):
    monkeypatch.setattr(
        sys, "argv", ["tfgan train gan", "--preset", "goodfellow", "--generator_units", "--epochs", "2"]
    )
    read = command_line.read(gan.GANFlags, gan.PRESETS)
    assert gan.PRESETS["goodfellow"].model.generator_units
    assert (read.model.generator_units, read.training.epochs) == ((), 2)

"""Help texts flow to the width of the terminal."""

from __future__ import annotations

import dataclasses
import inspect
import re
import sys
import typing
from collections.abc import Iterator

import pytest

from tests.tiers import tiered
from tfgan_models.cli import evaluate, lab, sample, train
from tfgan_models.cli.command_line import read

FLAGS = {name: train.load(name).flags for name in train.names()}
FLAGS |= {"sample": sample.SampleFlags, "evaluate": evaluate.EvaluateFlags, "lab": lab.LabFlags}
FIELD = re.compile(r'''^    (\w+): (?:(?!^    \w+: ).)*?^    """(.*?)"""''', re.MULTILINE | re.DOTALL)


def texts(flags: type) -> Iterator[str]:
    """The help text of each flag, as one line, of a dataclass of flags and of its groups."""
    documented = {}
    for parent in reversed(flags.__mro__):
        if dataclasses.is_dataclass(parent):
            pairs = FIELD.findall(inspect.getsource(parent))
            documented |= dict(pairs)
    hints = typing.get_type_hints(flags)
    for field in dataclasses.fields(flags):
        if dataclasses.is_dataclass(hints[field.name]):
            yield from texts(hints[field.name])
        else:
            yield " ".join(documented[field.name].split())


@pytest.mark.parametrize("name", tiered(FLAGS, ("vaegan", "aae_semi_supervised", "evaluate")))
def test_a_help_text_has_no_line_breaks_of_its_own(name, monkeypatch, capsys):
    """On a terminal that is wide enough, each is on one line."""
    monkeypatch.setenv("COLUMNS", "20000")
    monkeypatch.setattr(sys, "argv", [name, "--help"])
    with pytest.raises(SystemExit) as end:
        read(FLAGS[name])
    assert end.value.code == 0
    printed = capsys.readouterr().out
    assert [text for text in texts(FLAGS[name]) if text not in printed] == []

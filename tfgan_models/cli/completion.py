"""Completion of the command ``tfgan`` in a shell: its subcommands, the algorithms and all flags."""

from __future__ import annotations

import contextlib
import functools
import io
import operator
from typing import Annotated, Any

import tyro

from tfgan_models.cli import evaluate, lab, sample, train

SHELLS = ("bash", "zsh")


def script(program: str, shell: str) -> str:
    """The script that a shell reads to complete a program."""
    algorithms = _one_of({name: train.load(name).flags for name in train.names()})
    others = {"sample": sample.SampleFlags, "evaluate": evaluate.EvaluateFlags, "lab": lab.LabFlags}
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed), contextlib.suppress(SystemExit):
        tyro.cli(
            _one_of({"train": algorithms, **others}),
            prog=program,
            args=["--tyro-print-completion", shell],
            config=(tyro.conf.OmitArgPrefixes,),
            use_underscores=True,
        )
    # A text of several lines would be taken for several completions: its line breaks become blanks.
    lines = printed.getvalue().splitlines(keepends=True)
    return "".join(line.replace("\\n", " ") if line.startswith("COMPLETION_SPEC = ") else line for line in lines)


def _one_of(kinds: dict[str, Any]) -> Any:
    """The type of a value of one of several types, each a subcommand of its name."""
    named = [Annotated[kind, tyro.conf.subcommand(name)] for name, kind in kinds.items()]
    return Annotated[functools.reduce(operator.or_, named), tyro.conf.OmitSubcommandPrefixes]

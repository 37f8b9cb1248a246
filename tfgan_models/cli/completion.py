"""Shell completion of the command ``tfgan``: subcommands, algorithms and flags."""

from __future__ import annotations

import contextlib
import functools
import io
import operator
from typing import Annotated, Any

import tyro

from tfgan_models.cli import (
    cache,
    compare,
    edit,
    evaluate,
    export,
    judge,
    lab,
    project,
    pull,
    push,
    replay,
    sample,
    studio,
    train,
)

SHELLS = ("bash", "zsh")
# The flags of each subcommand but train, whose flags depend on the algorithm.
FLAGS: dict[str, type] = {
    "sample": sample.SampleFlags,
    "edit": edit.EditFlags,
    "project": project.ProjectFlags,
    "replay": replay.ReplayFlags,
    "compare": compare.CompareFlags,
    "cache": cache.CacheFlags,
    "evaluate": evaluate.EvaluateFlags,
    "export": export.ExportFlags,
    "studio": studio.StudioFlags,
    "judge": judge.JudgeFlags,
    "push": push.PushFlags,
    "pull": pull.PullFlags,
    "lab": lab.LabFlags,
}


def script(program: str, shell: str) -> str:
    """The completion script of a program for a shell."""
    algorithms = _one_of({name: train.load(name).flags for name in train.names()})
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed), contextlib.suppress(SystemExit):
        tyro.cli(
            _one_of({"train": algorithms, **FLAGS}),
            prog=program,
            args=["--tyro-print-completion", shell],
            config=(tyro.conf.OmitArgPrefixes,),
            use_underscores=True,
        )
    # The shell would take each line of a help text for a completion, so line breaks become spaces.
    lines = printed.getvalue().splitlines(keepends=True)
    return "".join(line.replace("\\n", " ") if line.startswith("COMPLETION_SPEC = ") else line for line in lines)


def _one_of(kinds: dict[str, Any]) -> Any:
    """The union of several types, each a subcommand with a name."""
    subcommands = [Annotated[kind, tyro.conf.subcommand(name)] for name, kind in kinds.items()]
    return Annotated[functools.reduce(operator.or_, subcommands), tyro.conf.OmitSubcommandPrefixes]

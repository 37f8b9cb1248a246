"""The command that repeats a run, for the card of its export. This module does not import TensorFlow."""

from __future__ import annotations

import math
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Any

import tfgan_models
from tfgan_models.callbacks.metrics_rows import read_rows
from tfgan_models.training import flag_rules, hints
from tfgan_models.training.flags import Flags
from tfgan_models.training.path_flags import ComparedByContent, IsPath

if TYPE_CHECKING:
    from tfgan_models.training.recipe import Recipe

# Flags that change neither weights nor the choice of the epoch.
WITHOUT = {"resume", "export", "verbose", "histograms", "log_every", "health", "pictures_every", "virtual_devices"}
WITHOUT |= {"checkpoint_every", "keep_checkpoints", "strategy", "stop_on_collapse", "export_epoch"}
PLACEHOLDERS = {"dataset": "PICTURES", "attributes": "TABLE", "init_from": "PARENT"}


def record(recipe: Recipe, flags: Flags, precision: str, run_dir: Path, epoch: int) -> dict[str, Any]:
    """The entry ``training`` of an export's manifest.

    Args:
        recipe: the algorithm.
        flags: flags of the run as they were given, with those of a preset.
        precision: the precision that ``--precision`` resolves to.
        run_dir: folder of the run, with ``metrics.csv``.
        epoch: the exported epoch.
    """
    row = read_rows(run_dir).get(epoch, {})
    finite = {name: value for name, value in row.items() if math.isfinite(value)}
    return {"command": command(recipe, flags, precision), "version": tfgan_models.__version__, "figures": finite}


def command(recipe: Recipe, flags: Flags, precision: str) -> str:
    """The command line of a run, with placeholders for paths, so that it can be shown to others.

    Args:
        recipe, flags, precision: as of ``record``.
    """
    preset = next((flag.value for flag in flag_rules.walk(flags) if flag.name == "preset"), None)
    base = recipe.presets[preset] if preset else recipe.flags()
    defaults = {flag.name: flag.value for flag in flag_rules.walk(base)} | {"preset": None}
    words = [hints.PROGRAM, "train", recipe.name]
    for flag in flag_rules.walk(flags):
        value = precision if flag.name == "precision" else flag.value
        if value == defaults[flag.name] or flag.name in WITHOUT:
            continue
        if path := flag.rule(IsPath):
            if not flag.rule(ComparedByContent):
                continue  # a place for files
            if value.startswith(prefix := path.prefix_of(value)):
                value = f"{prefix}{PLACEHOLDERS[flag.name]}"
        words += _words(flag.name, value)
    return shlex.join(words)


def _words(name: str, value: Any) -> list[str]:
    """A flag and its values, as words of a command line."""
    if isinstance(value, bool):
        return [f"--{name}" if value else f"--no-{name}"]
    values = value if isinstance(value, (list, tuple)) else (value,)
    return [f"--{name}", *map(str, values)]

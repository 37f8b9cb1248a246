"""Train the algorithm of a recipe: ``tfgan train vaegan --dataset faces``."""

from __future__ import annotations

import functools
import importlib
import pkgutil
from typing import Any

from tfgan_models import recipes
from tfgan_models.cli.command_line import read
from tfgan_models.cli.exits import end_on_signals, one_line_errors
from tfgan_models.cli.quiet_tensorflow import import_tensorflow
from tfgan_models.training import flags as common_flags
from tfgan_models.training import sweep
from tfgan_models.training.recipe import F, Recipe
from tfgan_models.training.run import run
from tfgan_models.training.stop_advice import advice


def names() -> list[str]:
    """The names of all algorithms, which are the public modules of ``recipes``."""
    modules = (module.name for module in pkgutil.iter_modules(recipes.__path__))
    return sorted(name for name in modules if not name.startswith("_"))


def load(name: str) -> Recipe[Any]:
    """The recipe of an algorithm."""
    return importlib.import_module(f"{recipes.__name__}.{name}").RECIPE


def command(name: str) -> None:
    """Read the flags, train and export. The exit code is 2 for bad input and 1 for a failed run."""
    end_on_signals(advice)
    recipe = load(name)
    with one_line_errors():
        flags = read(recipe.flags, recipe.presets)
        if recipe.check:
            recipe.check(flags)  # first, because wrong values matter more than unused flags
        common_flags.check(flags)
        runs = recipe.runs(flags) if recipe.runs else []
        if len(runs) > 1:
            sweep.sweep(name, flags, runs, functools.partial(train_by_name, name))
        else:
            train(recipe, flags)


def train_by_name(name: str, flags: Any) -> None:
    """Make a run of a sweep in its own process, with the exit codes of a command."""
    with one_line_errors():
        train(load(name), flags)


def train(recipe: Recipe[F], flags: F) -> None:
    """Make a run from checked flags."""
    import_tensorflow()
    result = run(recipe, flags)
    if result.chief and recipe.after:
        recipe.after(result)

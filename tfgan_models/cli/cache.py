"""List and clear the cache of images: ``tfgan cache --clear``. This command does not need TensorFlow."""

from __future__ import annotations

import dataclasses
import sys
from typing import Annotated

from tfgan_models.cli.command_line import read
from tfgan_models.cli.exits import end_on_signals, one_line_errors
from tfgan_models.data.cache import default_cache_dir
from tfgan_models.data.cache_list import CachedSet, in_words, list_sets, remove_sets
from tfgan_models.data.utils import user_path
from tfgan_models.errors import InputError
from tfgan_models.training import flag_rules
from tfgan_models.training.flag_rules import Needs, refusal
from tfgan_models.training.path_flags import IsPath


@dataclasses.dataclass(kw_only=True)
class CacheFlags:
    """List the decoded pictures in the cache with their sizes, or remove them."""

    name: tuple[str, ...] = ()
    """Only sets whose names begin with one of these: folder-holidays, mnist-train. By default all."""
    clear: bool = False
    """Remove the sets after a question. They are read again when a run needs them."""
    yes: Annotated[bool, Needs("clear")] = False
    """Remove without the question."""
    cache_dir: Annotated[str | None, IsPath()] = None
    """Folder of the cache; ~/.cache/tfgan_models by default."""


def check(flags: CacheFlags) -> None:
    """Check the flags.

    Raises:
        InputError: a flag breaks one of its rules.
    """
    flag_rules.check(flags)


def main(flags: CacheFlags) -> None:
    """List the sets, and remove them if that is requested and confirmed."""
    check(flags)
    folder = user_path(flags.cache_dir) if flags.cache_dir else default_cache_dir()
    sets = list_sets(folder)
    for name in flags.name:
        if not any(found.folder.name.startswith(name) for found in sets):
            raise refusal("name", name, f"no set in {str(folder)!r} has a name that begins with it")
    sets = [found for found in sets if found.folder.name.startswith(flags.name or "")]
    print(*sets, f"cache:       {_summary(sets)} in {folder}", sep="\n")
    if not flags.clear or not sets:
        return
    if flags.yes or _is_confirmed(sets):
        remove_sets(sets)
        print(f"removed:     {_summary(sets)}")
    else:
        print("removed:     nothing")


def _summary(sets: list[CachedSet]) -> str:
    return f"{len(sets)} set{'s' * (len(sets) != 1)}, {in_words(sum(found.bytes for found in sets))}"


def _is_confirmed(sets: list[CachedSet]) -> bool:
    """Ask on the terminal.

    Raises:
        InputError: there is none.
    """
    if not sys.stdin.isatty():
        raise InputError("--clear: there is no terminal for the question, add --yes", "clear")
    try:
        answer = input(f"remove {_summary(sets)}? [y/N] ")
    except EOFError:  # Ctrl-D
        print()
        return False
    return answer.strip().casefold() in ("y", "yes")


def command() -> None:
    """Read the command line and run the command, with exit codes and one-line errors."""
    end_on_signals("what is removed is removed")
    with one_line_errors():
        main(read(CacheFlags))

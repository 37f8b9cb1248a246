"""The command ``tfgan``. This module does not import TensorFlow."""

from __future__ import annotations

import difflib
import importlib
import sys
from collections.abc import Collection, Sequence
from typing import NoReturn

from tfgan_models.cli.exits import one_line_errors
from tfgan_models.errors import InputError
from tfgan_models.training import hints

PROGRAM, COMPLETION = "tfgan", "--tyro-print-completion"
# Subcommands. All but ``train`` are modules of this package whose function ``command`` reads the command line.
COMMANDS = {
    "train": "train an algorithm and export the model",
    "sample": "draw pictures from an exported model",
    "edit": "change pictures with an exported model by attributes or along directions",
    "project": "find latents of pictures, for a model without an encoder",
    "replay": "show a run's pictures over its epochs, as an animation",
    "compare": "compare runs: a table of flags and figures, and curves",
    "cache": "list the decoded pictures in the cache with their sizes, and remove them",
    "evaluate": "compute metrics of an exported model, or of a folder of pictures",
    "export": "write an exported model as ONNX or LiteRT files",
    "studio": "open a page for looking at models and runs, and for judging and labeling pictures",
    "judge": "ask people which pictures are real, and report their error rates",
    "push": "upload an exported model to the Hugging Face hub",
    "pull": "download an exported model from the Hugging Face hub",
    "lab": "compare GAN techniques on 2-D toy data",
}


def main() -> None:
    """Run the subcommand that the command line names."""
    arguments = sys.argv[1:]
    sys.argv[0] = PROGRAM
    with one_line_errors():
        if COMPLETION in arguments:
            _print_completion(arguments[arguments.index(COMPLETION) + 1 :])
        if not arguments:
            raise InputError(f"give a command: {', '.join(COMMANDS)}; see {hints.usage()}")
        if arguments[0] in ("-h", "--help"):
            _print_help()
        if arguments[0] == "--version":
            _print_version()
        name = _choice(arguments[0], COMMANDS, "command")
    if name == "train":
        _train(arguments[1:])
    else:
        sys.argv = [f"{PROGRAM} {name}", *arguments[1:]]
        importlib.import_module(f"tfgan_models.cli.{name}").command()


def _train(arguments: list[str]) -> None:
    """Run ``tfgan train``."""
    from tfgan_models.cli import train

    sys.argv[0] = f"{PROGRAM} train"
    with one_line_errors():
        if not arguments:
            raise InputError(f"give an algorithm: {', '.join(train.names())}")
        if arguments[0] in ("-h", "--help"):
            _print_train_help()
        name = _choice(arguments[0], train.names(), "algorithm")
    sys.argv = [f"{PROGRAM} train {name}", *arguments[1:]]
    train.command(name)


def _choice(name: str, names: Collection[str], kind: str) -> str:
    """Return the name if it is one of the names.

    Raises:
        InputError: it is not. The error suggests the nearest name.
    """
    if name in names:
        return name
    nearest = difflib.get_close_matches(name, names, 1, 0.4)
    advice = f"did you mean {nearest[0]}?" if nearest else f"give one of {', '.join(names)}."
    raise InputError(f"unknown {kind} {name!r}: {advice} See {hints.usage()}")


def _print_help() -> NoReturn:
    width = max(map(len, COMMANDS))
    print(f"usage: {PROGRAM} COMMAND [FLAGS]\n")
    print("Train GANs, VAEs and VAE/GANs, draw samples and compute metrics.\n\ncommands:")
    for name, purpose in COMMANDS.items():
        print(f"  {name:{width}}  {purpose}")
    print(f"\n{_algorithms()}\n\noptions:")
    print(f"  --help     print this help; also after a command, as in {PROGRAM} train vaegan --help")
    print("  --version  print the version")
    print(f"  {COMPLETION} SHELL  print a script that completes commands and flags in bash or zsh")
    raise SystemExit(0)


def _print_train_help() -> NoReturn:
    print(f"usage: {PROGRAM} train ALGORITHM [FLAGS]\n\n{_algorithms()}")
    print(f"\nFor the flags of an algorithm: {PROGRAM} train vaegan --help")
    raise SystemExit(0)


def _algorithms() -> str:
    """A line for each algorithm: its name and the description of its flags."""
    from tfgan_models.cli import train

    names = train.names()
    width = max(map(len, names))
    lines = [f"  {name:{width}}  {_purpose(train.load(name).flags)}" for name in names]
    return "\n".join([f"algorithms of {PROGRAM} train:", *lines])


def _purpose(flags: type) -> str:
    """The first line of the docstring of a dataclass of flags."""
    return (flags.__doc__ or "").strip().partition("\n")[0].rstrip(".")


def _print_version() -> NoReturn:
    import tfgan_models

    print(f"tfgan_models {tfgan_models.__version__}")
    raise SystemExit(0)


def _print_completion(shells: Sequence[str]) -> NoReturn:
    from tfgan_models.cli import completion

    shell = shells[0] if shells else ""
    if shell not in completion.SHELLS:
        raise InputError(f"{COMPLETION} {shell}: give {' or '.join(completion.SHELLS)}")
    print(completion.script(PROGRAM, shell), end="")
    raise SystemExit(0)

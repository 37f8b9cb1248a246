"""Open a page for looking at models and runs: ``tfgan studio --model saved_models/faces``."""

from __future__ import annotations

import dataclasses
import importlib.util
import os
import shutil
import socket
import tempfile
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from tfgan_models.cli import outputs
from tfgan_models.cli.command_line import read
from tfgan_models.cli.exits import end_on_signals, one_line_errors
from tfgan_models.cli.quiet_tensorflow import import_tensorflow
from tfgan_models.errors import InputError
from tfgan_models.training import flag_rules
from tfgan_models.training.flag_rules import Between, refusal
from tfgan_models.training.path_flags import IsPath

if TYPE_CHECKING:
    from tfgan_models.data.image_set import ImageSet
    from tfgan_models.export import ExportedModel
    from tfgan_models.studio.label_file import LabelFile
    from tfgan_models.studio.workspace import Split, Workspace

READY = "saved_models/faces"  # the model that opens by default


@dataclasses.dataclass(kw_only=True)
class StudioFlags:
    """Open a page for looking at models and runs, and for judging and labeling pictures."""

    model: Annotated[tuple[str, ...], IsPath()] = ()
    """Folders of exports; the ready model of faces by default, which --run and --label do not need. A SavedModel can
    run any code, so load only models that you trust."""
    run: Annotated[tuple[str, ...], IsPath()] = ()
    """Folders of runs, such as runs/vaegan-faces, whose pictures and metrics are shown over each other."""
    label: Annotated[str | None, IsPath()] = None
    """Folder of pictures to label. The page opens with them."""
    label_names: tuple[str, ...] = ()
    """Names of the attributes to label, such as Smiling Glasses. By default those of the file of labels."""
    label_file: Annotated[str | None, IsPath()] = None
    """Table of labels that --attributes of a training reads; by default photos-attributes.csv next to a folder photos.
    An existing one is continued."""
    answers: Annotated[str, IsPath()] = "answers.sqlite"
    """SQLite file of the answers of the tab Real or fake?, as in tfgan judge. A missing file is made by the first
    answer."""
    port: Annotated[int | None, Between(1, 65535)] = None
    """Port of the page; by default the first free one from 7860 on."""
    data_dir: Annotated[str | None, IsPath()] = None
    """Folder of tensorflow-datasets; by default the one that tensorflow-datasets itself uses."""
    cache_dir: Annotated[str | None, IsPath()] = None
    """Folder for decoded images; ~/.cache/tfgan_models by default."""


def check(flags: StudioFlags) -> None:
    """Check the flags without TensorFlow.

    Raises:
        InputError: a flag breaks one of its rules, or has no effect.
    """
    flag_rules.check(flags)
    for name in ("label_names", "label_file"):
        if getattr(flags, name) and not flags.label:
            raise refusal(name, getattr(flags, name), "it has no effect without --label, remove it or add that")


def main(flags: StudioFlags) -> None:
    """Start the server, print its address, and wait for a signal."""
    check(flags)
    folder = tempfile.mkdtemp(prefix="tfgan-studio-")
    end_on_signals(lambda: _closed(folder))
    try:
        url = start(flags, folder)
        print(f"The studio is at {url} until Ctrl-C. Only this machine can reach it.", flush=True)
        threading.Event().wait()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def start(flags: StudioFlags, folder: str) -> str:
    """Load everything, start the server in a thread, and return the address of the page.

    Args:
        flags: the flags.
        folder: folder for uploaded pictures.

    Raises:
        InputError: Gradio is not installed, or a folder is not what its flag needs.
    """
    if importlib.util.find_spec("gradio") is None:
        raise InputError("the studio needs Gradio: pip install 'tfgan_models[studio]', or pip install -e '.[studio]'")
    for run in flags.run:
        if not Path(run).is_dir():
            raise refusal("run", run, "there is no such folder, give that of a run, such as runs/vaegan-faces")
        if not (Path(run) / "config.json").is_file():
            raise refusal("run", run, "it has no config.json of a run, give a folder such as runs/vaegan-faces")
    if flags.port is not None:
        _check_port(flags.port)
    labels = _labels(flags)
    _check_answers(flags.answers)
    import_tensorflow()
    workspace = load(flags, labels)
    from tfgan_models.studio import app

    app.prepare(folder)
    return app.launch(app.build(workspace, "Label" if labels else "Samples" if workspace.models else "Run"), flags.port)


def load(flags: StudioFlags, labels: LabelFile | None = None) -> Workspace:
    """Load the models, and find the runs."""
    from tfgan_models import export
    from tfgan_models.cli import training_data
    from tfgan_models.judge.answers import AnswerFile
    from tfgan_models.studio.workspace import Workspace

    def read_images(model: ExportedModel, split: Split) -> ImageSet:
        others = "a sample or your own picture" if model.encodes else "a sample"
        missing = f"this model has no training data to read, choose {others}"
        return training_data.load(model.manifest, split, missing, flags.data_dir, flags.cache_dir)

    models = [export.load(path) for path in flags.model or default_models(flags)]
    by_name = dict(zip(short_names([model.path for model in models], 2), models, strict=True))
    runs = [Path(run) for run in flags.run]
    named_runs = dict(zip(short_names(runs, 1), runs, strict=True))
    return Workspace(by_name, read_images, named_runs, labels, AnswerFile(flags.answers))


def default_models(flags: StudioFlags) -> tuple[str, ...]:
    """The ready model. Runs and labels need none, so where it is missing they are shown alone.

    Raises:
        InputError: there is none, and nothing else to show.
    """
    try:
        return (ready_model(),)
    except InputError:
        if not (flags.run or flags.label):
            raise
        return ()


def ready_model() -> str:
    """The folder of the ready model: in the working folder, or in the clone that this package is in.

    Raises:
        InputError: there is none.
    """
    here = (Path.cwd(), Path(__file__).resolve().parents[2])
    for folder in (root / READY for root in here):
        if folder.is_dir():
            return str(folder)
    raise InputError(f"model: there is no {READY} here, give --model with the folder of an export")


def _check_port(port: int) -> None:
    """Refuse a port that is in use, before models are loaded.

    Raises:
        InputError: it is in use, or this user may not use it.
    """
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            reason = (error.strerror or str(error)).lower()
            raise refusal("port", port, f"{reason}; give another, or leave the flag out") from error


def _check_answers(path: str) -> None:
    """Refuse a file that is damaged, of another program or not writable, before anybody answers."""
    from tfgan_models.judge.answers import AnswerFile

    if path != StudioFlags.answers:  # a page without judging may start in a folder that is read-only
        outputs.check_file("answers", path)
    if Path(path).exists():
        AnswerFile(path).read()


def _labels(flags: StudioFlags) -> LabelFile | None:
    if not flags.label:
        return None
    from tfgan_models.studio.label_file import LabelFile

    labels = LabelFile(flags.label, flags.label_file, flags.label_names)
    outputs.check_file("label_file", os.path.realpath(labels.file))  # the table that links lead to
    return labels


def short_names(paths: Sequence[Path], parts: int) -> list[str]:
    """The last parts of each path, such as ``faces/1``, or the whole path if another one ends in the same parts."""
    whole = [path.resolve() for path in paths]
    short = ["/".join(path.parts[-parts:]) for path in whole]
    return [name if short.count(name) == 1 else os.fspath(path) for name, path in zip(short, whole, strict=True)]


def _closed(folder: str) -> str:
    shutil.rmtree(folder, ignore_errors=True)
    return "the studio is closed"


def command() -> None:
    """Read the command line and run the command, with exit codes and one-line errors."""
    with one_line_errors():
        main(read(StudioFlags))

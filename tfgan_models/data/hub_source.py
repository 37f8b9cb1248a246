"""Data sets of the Hugging Face hub as sources: ``hf:owner/name``, by the library ``datasets``."""

from __future__ import annotations

import functools
import importlib
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from tfgan_models.data.archive import Member
from tfgan_models.data.archive_labels import labels_of_rows
from tfgan_models.data.folder import Pictures, plan_pictures
from tfgan_models.data.folder_files import File
from tfgan_models.data.folder_labels import FolderOptions
from tfgan_models.data.layout import UNLABELED
from tfgan_models.data.plan import Plan, Request
from tfgan_models.data.table_file import is_binary
from tfgan_models.data.table_labels import TableLabels
from tfgan_models.data.utils import one_line
from tfgan_models.errors import InputError

PREFIX = "hf:"
_NAME = re.compile(r"\w[\w.-]*(/\w[\w.-]*)?(:[\w.-]+)?")
HELD_OUT = ("test", "validation")  # splits that may be held out, in the order in which they are preferred


class HubPictures:
    """The pictures of a data set as files: ``train/00000012``.

    Without a split that can be held out the paths have no folder, and a tenth of the pictures is held out by the path.

    Args:
        name: name of the data set.
        splits: the data set of each split that is used, by the folder of its files.

    Raises:
        InputError: there are no pictures.
    """

    def __init__(self, name: str, splits: dict[str, Any]):
        self.splits = splits
        first = next(iter(splits.values()))
        kind = _library().Image
        images = sorted(name for name, feature in first.features.items() if isinstance(feature, kind))
        if not images:
            raise InputError(f"{PREFIX}{name} has no pictures, only {', '.join(sorted(first.features))}: give another")
        self.column = "image" if "image" in images else images[0]
        self._encoded = {
            folder: split.select_columns([self.column]).cast_column(self.column, kind(decode=False))
            for folder, split in splits.items()
        }

    def __truediv__(self, path: str) -> Member:
        """Return the file of a path."""
        return Member(path, 0, functools.partial(self._read, path))

    @functools.cached_property
    def files(self) -> tuple[File, ...]:
        """All files, sorted by path."""
        return tuple(
            File(f"{folder}{row:08}", 0, 0) for folder in sorted(self.splits) for row in range(len(self.splits[folder]))
        )

    def labels(
        self, pictures: Sequence[str], label_column: str | None, attribute_columns: Sequence[str]
    ) -> TableLabels | None:
        """Read the labels from the other columns, as ``labels_of_rows`` does.

        By default the classes are in the only column of the type ``ClassLabel``.
        """
        classes: list[str] = []
        texts: dict[str, dict[str, list[str]]] = {}
        for folder, split in self.splits.items():
            columns = {name: _text_of(feature) for name, feature in split.features.items() if name != self.column}
            columns = {name: text for name, text in columns.items() if text is not None}
            classes = classes or [name for name in columns if hasattr(split.features[name], "int2str")]
            texts[folder] = {name: list(map(text, split[name])) for name, text in columns.items()}
            if folder.rstrip("/") in UNLABELED and folder:
                texts[folder] = {}
        if label_column is None and len(classes) == 1:
            label_column = classes[0]
        rows = []
        for path in pictures:
            folder, row = path[:-8], int(path[-8:])
            rows.append({name: values[row] for name, values in texts[folder].items()})
        return labels_of_rows(rows, pictures, label_column, attribute_columns, "the rows of the data set")

    def _read(self, path: str) -> bytes:
        image = self._encoded[path[:-8]][int(path[-8:])][self.column]
        return image["bytes"] if image["bytes"] is not None else Path(image["path"]).read_bytes()


def open_hub(name: str) -> HubPictures:
    """Open a data set, as ``plan_hub`` does."""
    return _load(name)[0]


def hub_name(name: str) -> str:
    """The name of a data set as one that can name a folder."""
    return name.replace("/", "-").replace(":", "-")


def plan_hub(name: str, request: Request, options: FolderOptions, cache_dir: Path | None) -> Plan:
    """Plan to read a data set of the hub, or of a local folder of that name, as the library ``datasets`` finds it.

    The split ``train`` is for training, and ``test`` or else ``validation`` is held out; without both a tenth of the
    pictures. Those of a split such as ``unlabelled`` are further pictures without a label. They are left out if there
    is no held-out split and ``train`` has attributes, since the others have none.

    Args:
        name: ``owner/name``, or ``owner/name:configuration``.
        request: the split and format.
        options: the columns of the labels.
        cache_dir: folder where the findings about the images are kept.

    Raises:
        InputError: the library is missing, or the data set cannot be loaded or has no pictures.
    """
    pictures, identity = _load(name)
    source = Pictures(
        root=pictures,
        kind="hf",
        name=hub_name(name),
        title=f"the data set {PREFIX}{name}",
        identity={"source": "hf", "name": name, **identity},
        files=lambda: pictures.files,
        labels=pictures.labels,
    )
    return plan_pictures(source, request, options._replace(layout="auto"), cache_dir)


@functools.lru_cache(maxsize=2)
def _load(name: str) -> tuple[HubPictures, dict[str, Any]]:
    """Load a data set; both splits need it.

    Returns:
        The pictures, and JSON values that differ whenever the data may differ.
    """
    if not _NAME.fullmatch(name):
        raise InputError(f"{PREFIX}{name} is not the name of a data set: give hf:owner/name")
    library = _library()
    repository, _, configuration = name.partition(":")
    library.disable_progress_bars()
    try:
        builder = library.load_dataset_builder(repository, configuration or None)
        builder.download_and_prepare()
        sets = builder.as_dataset()
    except Exception as error:  # no network, an unknown name, a script in the repository, a full disk, and more
        raise InputError(
            f"cannot load {PREFIX}{name} ({one_line(error)}): check the name and the network; a data set that was "
            "loaded before needs none"
        ) from error
    if "train" not in sets:
        raise InputError(f"{PREFIX}{name} has no split 'train', only {', '.join(sorted(sets))}: give another")
    held_out = next((split for split in HELD_OUT if split in sets), None)
    chosen = {f"{split}/": sets[split] for split in sets if split in UNLABELED}
    # Where one split lacks attributes no picture has any, so without a held-out split the attributes are preferred.
    if chosen and not held_out and _has_attributes(sets["train"]):
        chosen = {}
    chosen = {"train/" if held_out or chosen else "": sets["train"]} | chosen
    if held_out:
        chosen["test/"] = sets[held_out]
    counts = {folder: len(split) for folder, split in chosen.items()}
    return HubPictures(name, chosen), {"prepared": str(builder.cache_dir), "counts": counts}


def _has_attributes(split: Any) -> bool:
    """Return True if a column of a split holds 0 and 1, or -1 and 1."""
    columns = {name: _text_of(feature) for name, feature in split.features.items()}
    return any(is_binary(list(map(text, split[name]))) for name, text in columns.items() if text is not None)


def _library() -> Any:
    """Import the library ``datasets``, which is an extra.

    Raises:
        InputError: it is not installed.
    """
    try:
        return importlib.import_module("datasets")
    except ImportError as error:
        raise InputError(
            f"{PREFIX} needs the library datasets ({one_line(error)}): pip install 'tfgan_models[hf]'"
        ) from error


def _text_of(feature: Any) -> Callable[[Any], str] | None:
    """Return a function from a value of a column to its text; None for columns of lists, pictures and the like."""
    if hasattr(feature, "int2str"):
        return lambda value: "" if value is None or value < 0 else feature.int2str(value)
    if getattr(feature, "dtype", None) in ("bool", "string", "large_string") or str(
        getattr(feature, "dtype", "")
    ).startswith(("int", "uint", "float")):
        return lambda value: "" if value is None else str(value)
    return None

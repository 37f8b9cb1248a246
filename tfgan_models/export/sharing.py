"""The parts of an export that others may see: its files, and its descriptions without the paths of this machine.

This module does not import TensorFlow.
"""

from __future__ import annotations

import json
import os
import re
import zipfile
from pathlib import Path
from typing import Any

from tfgan_models.data.utils import FILES as FILES_OF_PICTURES
from tfgan_models.data.utils import one_line
from tfgan_models.errors import InputError
from tfgan_models.export.file_names import (
    CARD,
    CODE_PRIOR,
    CONFIG_FILE,
    EVALUATION,
    KERAS_FILE,
    MANIFEST,
    PICTURE,
)
from tfgan_models.files import DAMAGED

# The files in model.keras, from which keras loads hf://owner/name.
UNPACKED = ("config.json", "metadata.json", "model.weights.h5")
DESCRIPTIONS = (MANIFEST, EVALUATION)
PLACEHOLDER = "PICTURES"  # stands for the path of a data set
# Names of data sets that are no paths: of tensorflow-datasets with configuration, version and a further split, or of
# the hub with configuration. A name of the hub without an owner is not among them, as it may be that of a local folder.
PUBLIC_NAME = re.compile(r"[a-z]\w*(/[\w.-]+)*(:[\d.]+)?(\+\w+)?|hf:[\w.-]+/[\w.-]+(:[\w.-]+)?")
# A name that begins with that of a set of the user's own pictures: an extractor, mostly with its digest.
OWN_NAME = re.compile(
    r"(folder|zip|tar|hf)-.*?((?:-attributes|-labels)?(?:-rotations)?(?:-undamaged)?(?:-[0-9a-f]{12})?)", re.DOTALL
)
PATHS = ("attributes", "relative_to", "path", "model")  # entries of manifests and reports that may be paths
WITHOUT = {"relative_to", "human"}  # entries that are left out; the second quotes what people have said
FILES = (CARD, MANIFEST, PICTURE, "saved_model.pb", "fingerprint.pb", KERAS_FILE, CONFIG_FILE, CODE_PRIOR)
PATTERNS = (*FILES, EVALUATION, "variables/*", "assets/*", "*.onnx", "*.tflite")


def public_dataset(name: str | None) -> str | None:
    """A data set as others may see it: ``folder:PICTURES`` for a folder; a public data set keeps its name."""
    if name is None or (PUBLIC_NAME.fullmatch(name) and not name.startswith(FILES_OF_PICTURES)):
        return name
    kind, colon, _ = name.partition(":")
    return f"{kind}:{PLACEHOLDER}" if colon and kind.isalpha() else PLACEHOLDER


def public_name(name: str, dataset: str | None) -> str:
    """The name of an extractor, or of a figure that ends in one, as others may see it.

    Args:
        name: the name: ``folder-holidays-rotations`` becomes ``folder-PICTURES-rotations``.
        dataset: the data set of the extractor. Names of public ones stay.
    """
    if public_dataset(dataset) == dataset:
        return name
    parts = ((OWN_NAME.fullmatch(part), part) for part in name.split("/"))
    return "/".join(f"{found[1]}-{PLACEHOLDER}{found[2]}" if found else part for found, part in parts)


def public(description: dict[str, Any]) -> dict[str, Any]:
    """A manifest, or a report of an evaluation, without paths of this machine and without answers of people.

    Args:
        description: JSON values.

    Returns:
        A copy. Data sets have their public names, and other paths the placeholder.
    """
    return _public(description, description.get("dataset"))


def _public(value: Any, dataset: str | None, name: str = "") -> Any:
    if name == "dataset":
        return public_dataset(value)
    if isinstance(value, dict):
        named = {public_name(key, dataset) if name == "figures" else key: key for key in value if key not in WITHOUT}
        return {shown: _public(value[key], dataset, key) for shown, key in named.items()}
    if isinstance(value, list):
        return [_public(part, dataset) for part in value]
    if isinstance(value, str) and name in ("name", "figure"):
        return public_name(value, dataset)
    if isinstance(value, str) and (name in PATHS or os.path.isabs(value) or value.startswith("~")):
        return PLACEHOLDER
    return value


def shared_files(version: str | os.PathLike) -> list[Path]:
    """The files of an exported version that others may have, without the folder.

    Pictures of an evaluation are not among them, because they show training images.
    """
    version = Path(version)
    paths = sorted(path.relative_to(version) for pattern in PATTERNS for path in version.rglob(pattern))
    # rglob also finds the names in other folders.
    return [path for path in dict.fromkeys(paths) if is_shared(path) and (version / path).is_file()]


def is_shared(path: Path) -> bool:
    """Return True for the path of a file that ``shared_files`` lists, below the version's folder."""
    if path.suffix in (".onnx", ".tflite"):
        return not any(part.startswith(".") for part in path.parts)
    return any(len(path.parts) == pattern.count("/") + 1 and path.match(pattern) for pattern in PATTERNS)


def contents(version: str | os.PathLike) -> dict[str, bytes | Path]:
    """What is uploaded of an exported version: by the path in the repository, bytes or the path of a file.

    Descriptions are without paths of this machine. ``model.keras`` is unpacked, so that Keras loads the repository.

    Raises:
        InputError: the card names a folder of this machine, or a file is damaged.
    """
    version = Path(version)
    uploads: dict[str, bytes | Path] = {}
    for path in shared_files(version):
        file = version / path
        try:
            if str(path) in DESCRIPTIONS:
                description = public(json.loads(file.read_text()))
                uploads[path.as_posix()] = f"{json.dumps(description, indent=2)}\n".encode()
            elif str(path) == KERAS_FILE:
                with zipfile.ZipFile(file) as archive:
                    uploads |= {name: archive.read(name) for name in UNPACKED}
            else:
                uploads[path.as_posix()] = file
        except PermissionError:
            raise
        except DAMAGED as error:
            raise InputError(f"{str(file)!r} is damaged, write it again: {one_line(error)}") from error
    if isinstance(card := uploads.get(CARD), Path):
        _check_text(card)
    return uploads


def _check_text(path: Path) -> None:
    """Refuse a text that names a folder of this machine."""
    text = path.read_text(encoding="utf-8", errors="replace")
    for folder in (str(Path.home()), os.getcwd()):
        if len(folder) > 1 and folder in text:
            raise InputError(
                f"{path}: it names the folder {folder} of this machine, which others should not see: edit it"
            )


def pack(version: Path) -> None:
    """Pack the files that ``contents`` has unpacked into ``model.keras``, if they are there."""
    files = [version / name for name in UNPACKED]
    if all(file.is_file() for file in files):
        with zipfile.ZipFile(version / KERAS_FILE, "w") as archive:
            for file in files:
                archive.write(file, file.name)
                file.unlink()

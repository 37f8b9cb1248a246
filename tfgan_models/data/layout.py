"""The layout of a folder of pictures: which sub-folders are splits, which are classes, and which have no labels."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import PurePosixPath
from typing import Literal, NamedTuple, cast, get_args

from tfgan_models.data.utils import composed
from tfgan_models.errors import InputError

Kind = Literal["auto", "classes"]
Role = Literal["train", "held out", "unlabeled", None]

TRAIN = {"train", "training"}
HELD_OUT = {"test", "testing", "val", "valid", "validation", "dev", "eval", "evaluation", "heldout", "holdout"}
UNMISTAKABLE = {"test", "testing", "val", "validation"}
UNLABELED = {"unlabeled", "unlabelled", "unlabel", "unsup", "unsupervised", "nolabel", "nolabels"}
MASKS = {"mask", "masks", "annotations", "segmentation", "groundtruth", "gt"}
# Words that may accompany these in a folder's name.
FILLERS = {"data", "dataset", "image", "images", "img", "imgs", "pictures", "set", "split"}
# Endings of files that are often kept with pictures and are not pictures.
TEXT = {".csv", ".html", ".json", ".jsonl", ".log", ".md", ".pdf", ".py", ".tsv", ".txt", ".xml", ".yaml", ".yml"}


class Layout(NamedTuple):
    """Splits and classes of pictures, by their paths.

    Attributes:
        classes: names of the labels 0, 1, …; empty if the paths name no classes.
        labels: the class of each labeled picture by its path.
        held_out: the pictures of the test split; empty if that split is selected from all pictures.
        left_out: pictures that belong to no split.
        notes: lines for the user about these decisions.
    """

    classes: tuple[str, ...]
    labels: dict[str, str]
    held_out: frozenset[str] = frozenset()
    left_out: frozenset[str] = frozenset()
    notes: tuple[str, ...] = ()


def read_layout(pictures: tuple[str, ...], kind: Kind = "auto") -> Layout:
    """Decide which pictures are held out, and which class each has.

    Args:
        pictures: their paths, relative to the folder, with forward slashes.
        kind: ``"auto"`` recognizes splits and unlabeled pictures by the names of folders. With ``"classes"`` every
            sub-folder of the first level is a class, unless pictures lie next to the sub-folders: then there are none.
    """
    if kind == "classes":
        labels = {path: _folder(path, 0) for path in pictures} if all("/" in path for path in pictures) else {}
        return Layout(tuple(sorted(set(labels.values()))), labels)
    notes: list[str] = []
    roles, inside = _roles(pictures, notes)
    held_out = frozenset(path for path, role in roles.items() if role == "held out")
    names = {path: _folder(inside[path], 0) for path, role in roles.items() if role != "unlabeled"}
    names = {path: composed(name) for path, name in names.items() if name and _role(name) != "unlabeled"}
    # A class that only held-out pictures have cannot be learned.
    classes = {name for path, name in names.items() if path not in held_out}
    labels = {path: name for path, name in names.items() if name in classes}
    if strange := set(names.values()) - classes:
        notes.append(f"held-out pictures of {_quoted(strange)} count as unlabeled, no training picture has this class")
    if not held_out and _look_like_splits(classes):
        notes.append(
            f"{_quoted(classes)} count as classes; if they are splits, name the folders train/ and test/, or move the "
            "pictures that are not for training elsewhere"
        )
    if len(classes) > 1 and (masks := {name for name in classes if _words(name) & MASKS}):
        notes.append(
            f"{_quoted(masks)} counts as a class; if its pictures are masks of the others, give a folder without them"
        )
    if labels and len(labels) < len(roles):
        notes.append(f"{len(roles) - len(labels)} of {len(roles)} pictures have no label")
    return Layout(tuple(sorted(classes)), labels, held_out, frozenset(pictures) - roles.keys(), tuple(notes))


def _look_like_splits(names: Iterable[str]) -> bool:
    """Return True if names have the words of splits, as seg_train and seg_test, trainA and testA, fold_0 and fold_1."""
    words = [_words(name) for name in names]
    folds = len(words) > 1 and all("fold" in name or "folds" in name for name in words)
    return folds or (any(name & TRAIN for name in words) and any(name & HELD_OUT for name in words))


def _words(name: str) -> set[str]:
    """The words of a folder's name, in lower case: segmentation and class for SegmentationClass."""
    return {word.casefold() for word in re.findall(r"[A-Z]?[a-z]+", name)}


def check_layout(layout: str) -> Kind:
    """Return the layout if it is one of ``Kind``.

    Raises:
        InputError: it is not.
    """
    if layout not in get_args(Kind):
        raise InputError(f"layout {layout}: give {' or '.join(get_args(Kind))}", "layout")
    return cast(Kind, layout)


def may_have_layout(files: Iterable[str]) -> bool:
    """Return False if ``"auto"`` and ``"classes"`` must have the same result for a folder of these files."""
    files = tuple(files)
    folders = {folder for path in files for folder in path.split("/")[:-1]}
    loose = any("/" not in path and PurePosixPath(path).suffix.lower() not in TEXT for path in files)
    return any(map(_role, folders)) or (loose and bool(folders))


def _roles(pictures: tuple[str, ...], notes: list[str]) -> tuple[dict[str, Role], dict[str, str]]:
    """The role of each picture that belongs to a split, and its path without the folder of the split.

    Where there are no splits all pictures have the role None, which leaves the choice of the test split open.
    """
    around = _folders_around_all(pictures)
    # Splits of the first level, below folders that lie around everything, and below each class: pets/cats/train.
    for level in dict.fromkeys((*range(around + 1), around + 1)):
        roles: dict[str, Role] = {path: _role(_folder(path, level)) for path in pictures}
        kinds = set(roles.values())
        if "train" not in kinds or (level > around and not kinds <= {"train", "held out"}):
            continue
        others = [path for path, role in roles.items() if role is None and _folder(path, level)]
        if "held out" in kinds or not others:
            chosen: dict[str, Role] = {path: role for path, role in roles.items() if role}
            below = around if level > around else level
            notes.append(_described(chosen, level))
            return chosen, {path: _without(path, below, level) for path in chosen}
    return _roles_without_training_folder(pictures, notes)


def _roles_without_training_folder(
    pictures: tuple[str, ...], notes: list[str]
) -> tuple[dict[str, Role], dict[str, str]]:
    """The same as ``_roles``, for pictures of which no folder is named like a training split."""
    roles: dict[str, Role] = {path: _role(_folder(path, 0)) for path in pictures}
    split_folders = {_folder(path, 0) for path, role in roles.items() if role in ("train", "held out")}
    classes = {_folder(path, 0) for path, role in roles.items() if role is None} - {""}
    inside = {path: _without(path, 0, 0) if _folder(path, 0) in split_folders else path for path in pictures}
    repeated = {_folder(inside[path], 0) for path, role in roles.items() if role == "held out"} - {""}
    everything: dict[str, Role] = {path: "unlabeled" if roles[path] == "unlabeled" else None for path in pictures}
    if not split_folders:
        return everything, inside
    if not classes:
        notes.append(f"there is no folder train/, so that a tenth of {_quoted(split_folders)} is held out")
        return everything, inside
    # Held out: test/cats and test/dogs next to cats and dogs, or test/1.jpg next to two classes or more. But "valid"
    # next to "invalid", and "test" next to "control", are classes.
    mirrored = bool(repeated) and repeated <= classes
    plain = all(_plain(folder) in UNMISTAKABLE for folder in split_folders) and not repeated and len(classes) > 1
    if mirrored or plain:
        notes.append(f"held out: {_quoted(split_folders)}")
        return roles, inside
    notes.append(f"{_quoted(split_folders)} counts as a class, like the folders next to it")
    return everything, {path: path for path in pictures}


def _folders_around_all(pictures: tuple[str, ...]) -> int:
    """Number of nested folders around all pictures: each contains one folder and nothing else."""
    around = 0
    while len(folders := {_folder(path, around) for path in pictures}) == 1 and folders != {""}:
        around += 1
    return around


def _folder(path: str, level: int) -> str:
    """The folder at a level of a picture's path; empty if the path has fewer levels."""
    folders = path.split("/")[:-1]
    return folders[level] if level < len(folders) else ""


def _without(path: str, first: int, level: int) -> str:
    """The part of a path from the level ``first`` on, without the folder at ``level``."""
    parts = path.split("/")
    return "/".join(parts[first:level] + parts[level + 1 :])


def _role(folder: str) -> Role:
    """The role of a folder, by its name."""
    name = _plain(folder)
    if name in TRAIN:
        return "train"
    return "held out" if name in HELD_OUT else "unlabeled" if name in UNLABELED else None


def _plain(folder: str) -> str:
    """A folder's name in lower case, without punctuation and fillers: ``test`` for Test_Images and testset."""
    words = [word for word in re.split(r"[\W_]+", folder.casefold()) if word not in FILLERS]
    name = re.sub(r"(19|20)\d\d$", "", "".join(words)) or "".join(words)  # train2017
    return name.removesuffix("set").removesuffix("data") or name


def _described(roles: dict[str, Role], level: int) -> str:
    """For instance "train: 'train' (80 pictures), held out: 'test', 'val' (20 pictures)"."""
    parts = []
    for role in ("train", "held out", "unlabeled"):
        paths = [path for path, other in roles.items() if other == role]
        if paths:
            parts.append(f"{role}: {_quoted({_folder(path, level) for path in paths})} ({len(paths)} pictures)")
    return ", ".join(parts)


def _quoted(names: Iterable[str]) -> str:
    names = sorted(names)
    more = f" and {len(names) - 3} more" if len(names) > 3 else ""
    return ", ".join(map(repr, names[:3])) + more

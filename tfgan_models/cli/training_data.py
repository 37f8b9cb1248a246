"""How the training data of an exported model are read, under whatever name they are given."""

from __future__ import annotations

import dataclasses
import os
import re
from typing import TYPE_CHECKING, Any

from tfgan_models.data.reading import Reading
from tfgan_models.data.utils import user_path
from tfgan_models.training.path_flags import located

if TYPE_CHECKING:
    from tfgan_models.cli.evaluate import EvaluateFlags

FOLDER = "folder:"
# Entries of a manifest that decide how its training data are read, with what is usual.
READ_BY = Reading().manifest() | {"attributes": None}


def name(manifest: dict[str, Any]) -> str | None:
    """The training data of a model as ``--dataset`` takes them, or None where the manifest does not say."""
    trained_on = manifest.get("dataset")
    return located(trained_on, manifest, FOLDER) if trained_on else None


def options(flags: EvaluateFlags, manifest: dict[str, Any]) -> dict[str, Any]:
    """The options with which to read ``--dataset``: those of the training if it is the training data.

    It is if it names the same place, or if it has the same images. For other data the options of the training are left
    out, which a line says.
    """
    image_size, _, channels = manifest["image_shape"]
    trained_on = name(manifest)
    attributes = manifest.get("attributes")
    of_training: dict[str, Any] = {
        "image_size": image_size,
        "channels": manifest.get("channels"),
        **Reading.from_manifest(manifest).manifest(),
        "attributes": located(attributes, manifest) if attributes else None,
        "label_column": manifest.get("label_column"),
        "attribute_columns": tuple(manifest.get("attribute_columns") or ()),
        # Exports of earlier versions are of folders whose sub-folders were all taken for classes.
        "layout": manifest.get("layout", "classes"),
    }
    if flags.dataset is None or (trained_on and _same_place(flags.dataset, trained_on)):
        return of_training
    if trained_on and _of_a_kind(flags.dataset, trained_on) and _same_images(flags, manifest, of_training):
        return of_training
    if trained_on:
        left_out = {option: of_training[option] for option in READ_BY if of_training[option] != READ_BY[option]}
        left_out = {option: value for option, value in left_out.items() if getattr(flags, option) is None}
        for option, value in left_out.items():
            print(
                f"{option}: none, as {flags.dataset} is not what the model was trained on, {trained_on} with "
                f"--{option} {value}"
            )
    return {"image_size": image_size, "channels": channels}


def _same_place(one: str, other: str) -> bool:
    """Whether two names of data sets name the same one."""
    if not (one.startswith(FOLDER) and other.startswith(FOLDER)):
        return one == other
    paths = [user_path(text.removeprefix(FOLDER)) for text in (one, other)]
    return all(path.exists() for path in paths) and os.path.samefile(*paths)


def _of_a_kind(one: str, other: str) -> bool:
    """Whether two data sets may have the same images: both folders, or one name of tensorflow-datasets."""
    return re.split("[:/]", one)[0] == re.split("[:/]", other)[0]


def _same_images(flags: EvaluateFlags, manifest: dict[str, Any], of_training: dict[str, Any]) -> bool:
    """Whether ``--dataset``, read as the training data were, has the images of the training."""
    from tfgan_models.data import sources

    if "training_images" not in manifest:
        return False
    places = {"attributes": None, "label_column": None, "attribute_columns": ()}
    places |= {"data_dir": flags.data_dir, "cache_dir": flags.cache_dir}
    train = sources.load(str(flags.dataset), "train", **(of_training | places))
    return dataclasses.replace(train, labels=None, attributes=None).digest() == manifest["training_images"]

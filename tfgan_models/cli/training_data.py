"""Options to read the training data of an exported model, whatever name they are given by."""

from __future__ import annotations

import contextlib
import dataclasses
import os
import re
from typing import TYPE_CHECKING, Any, Literal

from tfgan_models.data.reading import Reading
from tfgan_models.data.utils import FILES, user_path
from tfgan_models.errors import InputError
from tfgan_models.training.path_flags import is_there, located

if TYPE_CHECKING:
    from tfgan_models.cli.evaluate import EvaluateFlags
    from tfgan_models.data.sources import ImageSet

# Entries of a manifest that decide how its training data are read, with their usual values.
READ_BY = Reading().manifest() | {"attributes": None}
WITHOUT_TABLE: dict[str, Any] = {"attributes": None, "label_column": None, "attribute_columns": ()}


def name(manifest: dict[str, Any]) -> str | None:
    """The training data of a model as ``--dataset`` takes them, or None where the manifest does not say."""
    trained_on = manifest.get("dataset")
    return located(trained_on, manifest, _prefix(trained_on)) if trained_on else None


def is_hidden(dataset: str) -> bool:
    """Return True for the placeholder of a path that the owner of a downloaded model has not shared."""
    from tfgan_models.export.sharing import PLACEHOLDER

    return dataset.endswith(f":{PLACEHOLDER}")


def options(flags: EvaluateFlags, manifest: dict[str, Any]) -> dict[str, Any]:
    """The options with which to read ``--dataset``: those of the training if it is the training data.

    It is the training data if it names the same place or has the same images. For other data the options of the
    training are left out, and each that matters is printed.
    """
    image_size, _, channels = manifest["image_shape"]
    trained_on, of_training = name(manifest), options_of_training(manifest)
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


def load(
    manifest: dict[str, Any],
    split: Literal["train", "test"],
    missing: str,
    data_dir: str | None = None,
    cache_dir: str | None = None,
) -> ImageSet:
    """Load a split of the data that a model was trained on, read as they were then.

    Args:
        manifest: manifest of the model.
        split: ``train`` or ``test``.
        missing: message of the error if the manifest does not name the data, and its end if they are gone.
        data_dir: folder of tensorflow-datasets.
        cache_dir: folder for decoded images.

    Raises:
        InputError: the manifest does not name the data, or they cannot be read.
    """
    from tfgan_models.data import sources

    dataset = name(manifest)
    if not dataset or is_hidden(dataset):
        raise InputError(missing)
    if dataset.startswith(FILES) and not is_there(user_path(dataset.removeprefix(_prefix(dataset)))):
        raise InputError(f"{dataset}, on which the model was trained, is not there; {missing}")
    return sources.load(dataset, split, **options_of_training(manifest), data_dir=data_dir, cache_dir=cache_dir)


def options_of_training(manifest: dict[str, Any]) -> dict[str, Any]:
    """The options with which the training data of a model were read."""
    attributes = manifest.get("attributes")
    return {
        "image_size": manifest["image_shape"][0],
        "channels": manifest.get("channels"),
        **Reading.from_manifest(manifest).manifest(),
        "attributes": located(attributes, manifest) if attributes else None,
        "label_column": manifest.get("label_column"),
        "attribute_columns": tuple(manifest.get("attribute_columns") or ()),
        # Exports of earlier versions are of folders whose sub-folders were all taken for classes.
        "layout": manifest.get("layout", "classes"),
    }


def report_change(flags: EvaluateFlags, manifest: dict[str, Any], train: ImageSet) -> None:
    """Print a line if the training data of a model are no longer what they were.

    Nothing is known if a flag names other data or another reading, or if an earlier version exported the model.

    Args:
        flags: flags of the evaluation.
        manifest: manifest of the model.
        train: training images as they are now.
    """
    dataset = name(manifest)
    if "training_images" not in manifest or dataset is None:
        return
    if flags.dataset is not None and not _same_place(flags.dataset, dataset):
        return
    if any(getattr(flags, option) is not None for option in (*READ_BY, "layout")) or _has_images(train, manifest):
        return
    print(
        f"changed:    the images of {flags.dataset or dataset} have changed since the training (there are "
        f"{len(train.images)} training images now): the model is compared with the present images"
    )


def _same_place(one: str, other: str) -> bool:
    """Return True if two names of data sets name the same place."""
    prefix = _prefix(one)
    if not (one.startswith(FILES) and other.startswith(prefix)):
        return one == other
    paths = [user_path(text.removeprefix(prefix)) for text in (one, other)]
    if not all(path.exists() for path in paths):
        return prefix == "tar:" and paths[0].resolve() == paths[1].resolve()  # two spellings of a pattern
    return os.path.samefile(*paths)


def _prefix(dataset: str) -> str:
    """The prefix of a data set that is in files; that of a folder for others."""
    return next((prefix for prefix in FILES if dataset.startswith(prefix)), FILES[0])


def _of_a_kind(one: str, other: str) -> bool:
    """Return True if two data sets may have the same images: two of files, or one name of tensorflow-datasets."""
    if one.startswith(FILES):
        return other.startswith(FILES)
    return re.split("[:/]", one)[0] == re.split("[:/]", other)[0]


def _same_images(flags: EvaluateFlags, manifest: dict[str, Any], of_training: dict[str, Any]) -> bool:
    """Return True if ``--dataset``, read as the training data were, has the images of the training."""
    from tfgan_models.data import sources

    if "training_images" not in manifest:
        return False
    arguments: dict[str, Any] = of_training | {"data_dir": flags.data_dir, "cache_dir": flags.cache_dir}
    if _has_images(sources.load(str(flags.dataset), "train", **(arguments | WITHOUT_TABLE)), manifest):
        return True
    arguments["attributes"] = flags.attributes or of_training["attributes"]
    if not arguments["attributes"]:
        return False
    # A table of classes may decide which images are in the training split. It may also be gone, or be of other images.
    with contextlib.suppress(InputError):
        return _has_images(sources.load(str(flags.dataset), "train", **arguments), manifest)
    return False


def _has_images(train: ImageSet, manifest: dict[str, Any]) -> bool:
    """Return True if these are the images of the training split, before any were left out."""
    if "split_images" in manifest:
        return train.images_digest() == manifest["split_images"]
    if train.images_digest() == manifest["training_images"]:
        return True
    if train.labels is None or min(train.labels) >= 0:
        return False
    # Earlier versions did not record the images without a label that an algorithm had left out.
    labeled = dataclasses.replace(train, images=train.images[train.labels >= 0])
    return labeled.images_digest() == manifest["training_images"]

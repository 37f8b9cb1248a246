"""Read a prepared data set of tensorflow-datasets."""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from tfgan_models.data.depth import depth_of_array, to_eight_bits
from tfgan_models.data.findings import decide_reading, inspect_arrays, load_findings, notes, save_findings
from tfgan_models.data.picture import crop_and_resize
from tfgan_models.data.plan import DecodedSplit, Example, Plan, Request
from tfgan_models.data.reading import Reading
from tfgan_models.data.utils import with_progress
from tfgan_models.errors import InputError

if TYPE_CHECKING:
    import tensorflow_datasets as tfds

TEST_PERCENT = 10


def plan_builder(
    builder: tfds.core.DatasetBuilder, request: Request, name: str, cache_dir: Path | None = None, unlabelled: str = ""
) -> Plan:
    """Plan to read a prepared builder.

    Args:
        builder: builder of the data set.
        request: the split and format.
        name: name that can name a folder.
        cache_dir: folder where the findings about the images are saved.
        unlabelled: name of a split whose images follow the training images, without labels; by default none does.
    """
    info = Path(builder.data_dir) / "dataset_info.json"
    identity = {
        "source": "tfds",
        "full_name": builder.info.full_name,
        "data_dir": str(Path(builder.data_dir).resolve()),
        "info": hashlib.sha256(info.read_bytes()).hexdigest(),
    }
    identity |= {"unlabelled": unlabelled} if unlabelled else {}
    findings = load_findings(cache_dir, identity) if cache_dir else None
    if findings is None:
        findings = inspect_arrays(_training_images(builder))
    reading = decide_reading(request, findings)
    return Plan(
        name,
        identity | reading.identity(),
        read=lambda: _read(builder, request, name, reading, unlabelled),
        reading=reading,
        notes=notes(findings, request, reading, name),
        save_findings=lambda: cache_dir and save_findings(cache_dir, identity, findings),
    )


def _training_images(builder: tfds.core.DatasetBuilder) -> Iterator[np.ndarray]:
    import tensorflow_datasets as tfds

    key, split = image_key(builder), _split(builder, "train")
    with quiet():
        reader: Any = builder  # whose decorated method hides its arguments
        data = reader.as_dataset(split=split, decoders=tfds.decode.PartialDecoding({key: True}), shuffle_files=False)
    yield from (row[key] for row in tfds.as_numpy(data))


def _read(
    builder: tfds.core.DatasetBuilder, request: Request, name: str, reading: Reading, unlabelled: str
) -> DecodedSplit:
    import tensorflow_datasets as tfds
    from PIL import Image

    features: Any = builder.info.features
    key = image_key(builder)
    depth = features[key].shape[-1]
    channels = request.channels or (1 if depth == 1 else 3)
    label_names, attribute_names = _label_names(features), _attribute_names(features)
    decoded: dict[str, Any] = {key: True}
    if label_names:
        decoded["label"] = True
    if attribute_names:
        decoded["attributes"] = True
    splits = [_split(builder, request.split)]
    if unlabelled and request.split == "train":
        splits.append(unlabelled)
    total = sum(builder.info.splits[split].num_examples for split in splits)
    with quiet():
        decoders = tfds.decode.PartialDecoding(decoded)
        reader: Any = builder  # the decorator of as_dataset hides its arguments
        parts = [reader.as_dataset(split=split, decoders=decoders, shuffle_files=False) for split in splits]
    rows = (
        (row, split != unlabelled) for part, split in zip(parts, splits, strict=True) for row in tfds.as_numpy(part)
    )

    # ``_eight_bits`` has converted other depths than 8 bits to bytes, so no range applies to them again.
    converted = dataclasses.replace(reading, ranges={})

    def examples() -> Iterator[Example]:
        for row, is_labelled in with_progress(rows, total, f"Reading {name}, {request.split} split"):
            image = Image.fromarray(_eight_bits(row[key], reading))
            rest = reading if row[key].dtype == np.uint8 else converted
            yield Example(
                crop_and_resize(image, request.image_size, channels, rest),
                int(row["label"]) if label_names and is_labelled else None,
                np.array([row["attributes"][a] for a in attribute_names], np.uint8) if attribute_names else None,
            )

    title = f"{name}, {request.split} split"
    return DecodedSplit(channels, examples(), label_names, attribute_names, name=title, count=total)


def _split(builder: tfds.core.DatasetBuilder, split: str) -> str:
    splits = builder.info.splits
    if "train" not in splits:
        raise InputError(
            f"the data set {builder.info.full_name!r} has no split 'train', only {sorted(splits)}: choose another"
        )
    held_out = next((name for name in ("test", "validation") if name in splits), None)
    if held_out:
        return held_out if split == "test" else "train"
    return f"train[{100 - TEST_PERCENT}%:]" if split == "test" else f"train[:{100 - TEST_PERCENT}%]"


def image_key(builder: tfds.core.DatasetBuilder) -> str:
    """Return the name of the feature that holds the images.

    Raises:
        InputError: no feature holds images.
    """
    import tensorflow_datasets as tfds

    features: Any = builder.info.features or {}
    images = sorted(key for key, value in features.items() if isinstance(value, tfds.features.Image))
    if not images:
        raise InputError(
            f"the data set {builder.info.full_name!r} has no images, only {sorted(features)}: choose another"
        )
    return "image" if "image" in images else images[0]


def _label_names(features: Any) -> tuple[str, ...]:
    return tuple(getattr(dict(features).get("label"), "names", None) or ())


def _attribute_names(features: Any) -> tuple[str, ...]:
    attributes = dict(features).get("attributes")
    if attributes is None or not hasattr(attributes, "items"):
        return ()
    return tuple(sorted(name for name, value in attributes.items() if value.np_dtype == np.bool_))


def _eight_bits(pixels: np.ndarray, reading: Reading) -> np.ndarray:
    if depth_of_array(pixels) != "uint8":
        pixels = to_eight_bits(pixels, reading.ranges)
    return pixels[..., 0] if pixels.shape[-1] == 1 else pixels


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Suppress log lines about missing folders and old names, and connect at most four times.

    By default there are ten attempts with doubling waits, which take minutes without a network.
    """
    from tensorflow_datasets.core.download import downloader

    logger = logging.getLogger("absl")
    level, retries = logger.level, downloader.MAX_RETRIES
    try:
        logger.setLevel(logging.ERROR)
        downloader.MAX_RETRIES = 4
        yield
    finally:
        logger.setLevel(level)
        downloader.MAX_RETRIES = retries

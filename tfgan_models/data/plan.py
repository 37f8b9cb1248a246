"""The contract of sources and cache: a plan identifies a source and can read it."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable
from typing import Any, Literal, NamedTuple

import numpy as np

Split = Literal["train", "test"]


@dataclasses.dataclass(frozen=True)
class Request:
    """The split and the format of the images to read from a source.

    Args:
        split: ``"train"`` or ``"test"``.
        image_size: side of the square images in pixels.
        channels: 1 (gray), 3 (red, green, blue) or None for the source's default.
        crop: side in pixels of the square cut from the middle before resizing; None for the largest square.
    """

    split: Split
    image_size: int
    channels: int | None = None
    crop: int | None = None


class Example(NamedTuple):
    """One image, uint8 ``[size, size, channels]``, with its label and attributes."""

    image: np.ndarray
    label: int | None = None
    attributes: np.ndarray | None = None


@dataclasses.dataclass(frozen=True)
class DecodedSplit:
    """The decoded examples of a split, read one after the other.

    Args:
        channels: channels of all images.
        examples: the images with their labels and attributes.
        label_names: names of the labels 0, 1, …; empty where the source has none.
        attribute_names: names of the attributes; empty where the source has none.
        report: called after the last example; returns lines for the user, or nothing.
        count: number of the examples, as far as it is known before they are read; else None.
        source_bytes: what they take in the source, or None.
    """

    channels: int
    examples: Iterable[Example]
    label_names: tuple[str, ...] = ()
    attribute_names: tuple[str, ...] = ()
    report: Callable[[], str] = str
    count: int | None = None
    source_bytes: int | None = None


@dataclasses.dataclass(frozen=True)
class Plan:
    """A source that can be read.

    Args:
        name: short name that can name a folder.
        identity: JSON values that differ whenever the images may differ.
        read: starts the reading.
    """

    name: str
    identity: dict[str, Any]
    read: Callable[[], DecodedSplit]

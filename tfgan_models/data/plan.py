"""The contract of sources and cache: a plan identifies a source and can read it."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Literal, NamedTuple

import numpy as np

from tfgan_models.data.reading import Fit, Range, Reading

Split = Literal["train", "test"]


@dataclasses.dataclass(frozen=True)
class Request:
    """The split and the format of the images to read from a source.

    Args:
        split: ``"train"`` or ``"test"``.
        image_size: side of the square images in pixels.
        channels: 1 (gray), 3 (red, green, blue), 4 (with transparency) or None for the source's default.
        crop: side in pixels of the square cut from the middle before resizing; None for the largest square.
        fit, background, ranges: as in ``Reading``; None if they are chosen by the images.
    """

    split: Split
    image_size: int
    channels: int | None = None
    crop: int | None = None
    fit: Fit = "crop"
    background: str | None = None
    ranges: Mapping[str, Range] | None = None

    def identity(self) -> dict[str, Any]:
        """JSON values that differ whenever the pictures may differ, all other decisions being equal."""
        return {
            "split": self.split,
            "image_size": self.image_size,
            "channels": self.channels,
            "crop": self.crop,
        }


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
        name: name of the images in such lines.
        count: number of the examples, if it is known before they are read; else None.
        source_bytes: size of their files in the source, or None.
    """

    channels: int
    examples: Iterable[Example]
    label_names: tuple[str, ...] = ()
    attribute_names: tuple[str, ...] = ()
    report: Callable[[], str] = str
    name: str = "the data set"
    count: int | None = None
    source_bytes: int | None = None


@dataclasses.dataclass(frozen=True)
class Plan:
    """A source that can be read.

    Args:
        name: short name that can name a folder.
        identity: JSON values that differ whenever the images may differ.
        read: starts the reading.
        reading: the reading of all pictures. Its unusual options are part of the identity.
        notes: lines about the whole set that the user should see.
        save_findings: called after the pictures are read; saves the findings about them for the next time.
    """

    name: str
    identity: dict[str, Any]
    read: Callable[[], DecodedSplit]
    reading: Reading = dataclasses.field(default_factory=Reading)
    notes: tuple[str, ...] = ()
    save_findings: Callable[[], object] = bool

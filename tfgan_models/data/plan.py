"""What a source tells the cache: what it is, so that it is recognised again, and how to read it when it is new."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable
from typing import Any, Literal, NamedTuple

import numpy as np

Split = Literal["train", "test"]


@dataclasses.dataclass(frozen=True)
class Request:
    """What is asked of a source.

    Args:
        split: ``"train"`` or ``"test"``.
        image_size: side of the square pictures in pixels.
        channels: 1 (grey), 3 (red, green, blue) or None for the source's own.
        crop: side in pixels of the square cut from the middle before resizing; None for the largest there is.
    """

    split: Split
    image_size: int
    channels: int | None = None
    crop: int | None = None


class Example(NamedTuple):
    """One picture, uint8 ``[size, size, channels]``, and what is known of it."""

    image: np.ndarray
    label: int | None = None
    attributes: np.ndarray | None = None


@dataclasses.dataclass(frozen=True)
class Pictures:
    """A source that is being read.

    Args:
        channels: of all pictures.
        examples: the pictures.
        label_names: of the labels 0, 1, …; empty where the source has none.
        attribute_names: of the attributes; empty where the source has none.
        report: called after the last example; gives one line that the user should see, or nothing.
    """

    channels: int
    examples: Iterable[Example]
    label_names: tuple[str, ...] = ()
    attribute_names: tuple[str, ...] = ()
    report: Callable[[], str] = str


@dataclasses.dataclass(frozen=True)
class Plan:
    """A source that can be read.

    Args:
        name: short name fit for a folder.
        identity: JSON values which differ whenever the pictures may differ.
        read: starts the reading.
    """

    name: str
    identity: dict[str, Any]
    read: Callable[[], Pictures]

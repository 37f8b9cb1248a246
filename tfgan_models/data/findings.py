"""What the pictures of a set have in common, found in a first pass over them, and how they are to be read for it."""

from __future__ import annotations

import collections
import contextlib
import dataclasses
import hashlib
import itertools
import json
import os
import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from tfgan_models.data.background import choose_background, hiding
from tfgan_models.data.depth import USUAL as USUAL_RANGES
from tfgan_models.data.depth import choose_range, depth_of_array, limits, limits_of, uses_much
from tfgan_models.data.picture import Header, Unreadable, decode
from tfgan_models.data.plan import Request
from tfgan_models.data.reading import Range, Reading
from tfgan_models.data.utils import with_progress
from tfgan_models.files import atomic_write

VERSION = 1  # of what is looked for
_DEPTH_NAMES = {"uint8": "8-bit", "uint16": "16-bit", "int32": "32-bit", "float32": "floating-point"}
_AT_ONCE = 64
_DRAFT = 64  # Pixels that JPEGs have at least when they are looked at.


@dataclasses.dataclass(frozen=True)
class Findings:
    """What the pictures of a set have in common.

    Args:
        pictures: their number.
        limits: by depth, the lowest and the highest number in all pictures.
        transparent: how many are transparent in places.
        hidden: for each background, how many pictures can hardly be seen on it.
        wide: how many lose more than a third of their area with all that is not in the middle square.
        plugins: the formats among them that Pillow reads with a plug-in only.
    """

    pictures: int = 0
    limits: Mapping[str, Range] = dataclasses.field(default_factory=dict)
    transparent: int = 0
    hidden: Mapping[str, int] = dataclasses.field(default_factory=dict)
    wide: int = 0
    plugins: tuple[str, ...] = ()


class _Look(NamedTuple):
    """What one picture shows."""

    limits: Range | None = None
    hidden: tuple[str, ...] | None = None  # None where nothing is transparent


def look(paths: Sequence[Path], headers: Sequence[Header], name: str) -> Findings:
    """Look at as many pictures as it takes to decide how all are read: of ordinary photographs at one.

    Args:
        paths: of the pictures.
        headers: of each.
        name: of the set, for the progress bar.
    """
    seen: dict[str, Range] = {}
    hidden: collections.Counter[str] = collections.Counter()
    transparent = 0
    for header, one in _looks(list(zip(paths, headers, strict=True)), seen, name):
        if one.limits and header.depth:
            low, high = seen.get(header.depth, one.limits)
            seen[header.depth] = min(low, one.limits[0]), max(high, one.limits[1])
        if one.hidden is not None:
            transparent += 1
            hidden.update(one.hidden)
    return Findings(
        pictures=len(headers),
        limits=seen,
        transparent=transparent,
        hidden=dict(hidden),
        wide=sum(3 * min(header.size) < 2 * max(header.size) for header in headers),
        plugins=tuple(sorted({header.format for header in headers if header.format == "HEIF"})),
    )


def _looks(pictures: list[tuple[Path, Header]], seen: Mapping[str, Range], name: str) -> Iterator[tuple[Header, _Look]]:
    """Those pictures that can still change what has been seen, a few at first and then more at once."""

    def is_needed(header: Header) -> bool:
        if header.may_be_transparent:
            return True
        return header.depth is not None and not (header.depth in seen and uses_much(header.depth, *seen[header.depth]))

    waiting = with_progress(pictures, len(pictures), f"Looking at {name}")
    count = 1
    with warnings.catch_warnings(), ThreadPoolExecutor(max_workers=min(8, os.cpu_count() or 1)) as pool:
        warnings.simplefilter("ignore")
        while some := list(itertools.islice(waiting, count)):
            needed = [(path, header) for path, header in some if is_needed(header)]
            looks = pool.map(lambda pair: _look(*pair), needed)
            yield from zip((header for _, header in needed), looks, strict=True)
            count = min(_AT_ONCE, 2 * count)


def _look(path: Path, header: Header) -> _Look:
    try:
        image = decode(path, _DRAFT)
        return _Look(limits(image), hiding(image) if header.may_be_transparent else None)
    except (Unreadable, ValueError, OSError):
        return _Look()  # The reading that follows counts it.


def look_at_arrays(images: Iterable[np.ndarray]) -> Findings:
    """The limits of arrays of pixels, which all have one depth; ends as soon as they can be decided on."""
    limits: Range | None = None
    for image in images:
        if (one := limits_of(image)) is None:
            continue
        depth = depth_of_array(image)
        low, high = limits or one
        limits = min(low, one[0]), max(high, one[1])
        if uses_much(depth, *limits):
            break
    return Findings(limits={depth: limits} if limits else {})


def decide(request: Request, findings: Findings = Findings()) -> Reading:
    """How to read the pictures: as requested, and else as what was found in them needs it."""
    chosen = {depth: choose_range(depth, *found) for depth, found in findings.limits.items()}
    return Reading(
        crop=request.crop,
        fit=request.fit,
        background=request.background or choose_background(findings.hidden),
        ranges=chosen if request.ranges is None else request.ranges,
    )


def notes(findings: Findings, request: Request, reading: Reading, name: str) -> tuple[str, ...]:
    """What the user should see of that, a line for each decision that was made for them."""
    lines = []
    for depth, (low, high) in reading.ranges.items():
        if request.ranges is None and (low, high) not in USUAL_RANGES[depth]:
            lines.append(
                f"{name}: the {_DEPTH_NAMES[depth]} pictures have numbers from {low:g} to {high:g}, which were "
                "stretched to black and white; set range to decide otherwise"
            )
    if findings.transparent and request.background is None and request.channels != 4:
        lines.append(
            f"{name}: {findings.transparent} of {findings.pictures} pictures are transparent, they were laid over "
            f"{reading.background}; set background to decide otherwise, or channels to 4 to keep the transparency"
        )
    if 2 * findings.wide > findings.pictures and request.fit == "crop" and request.crop is None:
        lines.append(
            f"{name}: more than a third of the area of {findings.wide} of {findings.pictures} pictures was cut away; "
            "set fit to pad or squeeze to keep all of it"
        )
    return tuple(lines)


def recall(cache_dir: Path, key: Mapping[str, Any]) -> Findings | None:
    """What was found in a set before; None if nothing was.

    Args:
        cache_dir: the cache's folder.
        key: JSON values that differ whenever the findings may differ.
    """
    try:
        values = json.loads(_file(cache_dir, key).read_text(encoding="utf-8"))
        limits = {depth: (float(low), float(high)) for depth, (low, high) in values.pop("limits").items()}
        return Findings(limits=limits, plugins=tuple(values.pop("plugins")), **values)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def keep(cache_dir: Path, key: Mapping[str, Any], findings: Findings) -> None:
    """Keep what was found for the next time, if the disk takes it."""
    with contextlib.suppress(OSError), atomic_write(_file(cache_dir, key)) as file:
        json.dump(dataclasses.asdict(findings), file)


def _file(cache_dir: Path, key: Mapping[str, Any]) -> Path:
    everything = json.dumps({"version": VERSION, **key}, sort_keys=True)
    return cache_dir / "findings" / f"{hashlib.sha256(everything.encode()).hexdigest()[:20]}.json"

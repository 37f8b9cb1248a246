"""Inspection of a set's pictures before they are read, and the choice of one reading for all of them."""

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

from tfgan_models.data.archive import AnyFile
from tfgan_models.data.background import backgrounds_that_hide, choose_background, is_invisible
from tfgan_models.data.depth import USUAL as USUAL_RANGES
from tfgan_models.data.depth import choose_range, depth_of_array, limits, limits_of, range_is_settled
from tfgan_models.data.picture import Header, Unreadable, decode
from tfgan_models.data.plan import Request
from tfgan_models.data.reading import Range, Reading
from tfgan_models.data.utils import with_progress
from tfgan_models.errors import InputError
from tfgan_models.files import atomic_write

VERSION = 3  # of the inspection; raise it when the findings may change
_DEPTH_NAMES = {"uint8": "8-bit", "uint16": "16-bit", "int32": "32-bit", "float32": "floating-point"}
_CHUNK = 64
_DRAFT = 64  # Both sides of a JPEG have at least so many pixels when it is inspected.


@dataclasses.dataclass(frozen=True)
class Findings:
    """Properties that the pictures of a set have in common.

    Args:
        pictures: number of the pictures.
        limits: the lowest and the highest pixel value of all pictures of a depth, by the depth.
        transparent: number of pictures that are transparent in places.
        hidden: number of pictures that can hardly be seen on a background, by the background.
        wide: number of pictures that lose more than a third of their area if only the middle square is used.
        plugins: the formats among them that Pillow reads only with a plug-in.
        invisible: number of pictures that are transparent everywhere.
        white_is_zero: number of TIFF files of 16 bits whose value 0 is white.
    """

    pictures: int = 0
    limits: Mapping[str, Range] = dataclasses.field(default_factory=dict)
    transparent: int = 0
    hidden: Mapping[str, int] = dataclasses.field(default_factory=dict)
    wide: int = 0
    plugins: tuple[str, ...] = ()
    invisible: int = 0
    white_is_zero: int = 0


class _PictureFindings(NamedTuple):
    """The limits of one picture, and the backgrounds that hide it; None where nothing in it is transparent."""

    limits: Range | None = None
    hidden: tuple[str, ...] | None = None
    invisible: bool = False


def inspect_pictures(paths: Sequence[AnyFile], headers: Sequence[Header], name: str) -> Findings:
    """Inspect as many pictures as the choice of a reading needs: one if they are ordinary photographs.

    Args:
        paths: paths of the pictures.
        headers: header of each picture.
        name: name of the set, for the progress bar.
    """
    limits_by_depth: dict[str, Range] = {}
    hidden: collections.Counter[str] = collections.Counter()
    transparent = invisible = 0
    for header, picture in _inspect_needed(list(zip(paths, headers, strict=True)), limits_by_depth, name):
        if picture.limits and header.depth:
            low, high = limits_by_depth.get(header.depth, picture.limits)
            limits_by_depth[header.depth] = min(low, picture.limits[0]), max(high, picture.limits[1])
        if picture.hidden is not None:
            transparent += 1
            hidden.update(picture.hidden)
        invisible += picture.invisible
    return Findings(
        pictures=len(headers),
        limits=limits_by_depth,
        transparent=transparent,
        hidden=dict(hidden),
        wide=sum(3 * min(header.size) < 2 * max(header.size) for header in headers),
        plugins=tuple(sorted({header.format for header in headers if header.format in ("AVIF", "HEIF")})),
        invisible=invisible,
        white_is_zero=sum(header.white_is_zero for header in headers),
    )


def _inspect_needed(
    pictures: list[tuple[AnyFile, Header]], limits_by_depth: Mapping[str, Range], name: str
) -> Iterator[tuple[Header, _PictureFindings]]:
    """Inspect the pictures that can still change the findings, in chunks that grow.

    Args:
        pictures: path and header of each picture.
        limits_by_depth: the limits so far. The caller updates them for each picture that it receives.
        name: name of the set, for the progress bar.
    """

    def is_needed(header: Header) -> bool:
        if header.may_be_transparent:
            return True
        if header.depth is None:
            return False
        limits = limits_by_depth.get(header.depth)
        return limits is None or not range_is_settled(header.depth, *limits)

    remaining = with_progress(pictures, len(pictures), f"Inspecting {name}")
    count = 1
    with warnings.catch_warnings(), ThreadPoolExecutor(max_workers=min(8, os.cpu_count() or 1)) as pool:
        warnings.simplefilter("ignore")
        while chunk := list(itertools.islice(remaining, count)):
            needed = [(path, header) for path, header in chunk if is_needed(header)]
            inspected = pool.map(lambda pair: _inspect_picture(*pair), needed)
            yield from zip((header for _, header in needed), inspected, strict=True)
            count = min(_CHUNK, 2 * count)


def _inspect_picture(path: AnyFile, header: Header) -> _PictureFindings:
    try:
        image = decode(path, _DRAFT)
        hidden = backgrounds_that_hide(image) if header.may_be_transparent else None
        return _PictureFindings(limits(image), hidden, header.may_be_transparent and is_invisible(image))
    except InputError:
        raise
    except (Unreadable, ValueError, OSError):
        return _PictureFindings()  # The pictures are read later, which counts those that cannot be.


def inspect_arrays(images: Iterable[np.ndarray]) -> Findings:
    """Find the limits of arrays of pixels of one depth; stop at the first array after which the range is settled."""
    limits: Range | None = None
    for image in images:
        if (image_limits := limits_of(image)) is None:
            continue
        depth = depth_of_array(image)
        low, high = limits or image_limits
        limits = min(low, image_limits[0]), max(high, image_limits[1])
        if range_is_settled(depth, *limits):
            break
    return Findings(limits={depth: limits} if limits else {})


def decide_reading(request: Request, findings: Findings | None = None) -> Reading:
    """Choose one reading for all pictures of a set: as requested, and by the findings where nothing is requested.

    A requested range applies to the depths that the pictures have. For pictures of another depth, which a trained
    model may receive later, it would be wrong.

    Args:
        request: the request.
        findings: None for images that are part of the package, which have 8 bits.
    """
    depths = {"uint8"} if findings is None else findings.limits.keys()
    findings = findings or Findings()
    if request.ranges is None:
        ranges = {depth: choose_range(depth, *limits) for depth, limits in findings.limits.items()}
    else:
        ranges = {depth: limits for depth, limits in request.ranges.items() if depth in depths}
    return Reading(
        crop=request.crop,
        fit=request.fit,
        background=request.background or ("none" if _alpha_is_unused(findings) else choose_background(findings.hidden)),
        ranges=ranges,
    )


def _alpha_is_unused(findings: Findings) -> bool:
    """Return True if pictures are transparent everywhere and none in places: their transparency has no meaning."""
    return findings.invisible > 0 and findings.transparent == 0


def notes(findings: Findings, request: Request, reading: Reading, name: str) -> tuple[str, ...]:
    """Describe each choice that was made for the user in a line."""
    lines = []
    for depth, (low, high) in reading.ranges.items():
        if request.ranges is None and (low, high) not in USUAL_RANGES[depth]:
            lines.append(
                f"{name}: the {_DEPTH_NAMES[depth]} pictures have values from {low:g} to {high:g}, which were "
                "stretched to black and white; set range to choose other limits"
            )
    if request.background is None and _alpha_is_unused(findings):
        lines.append(
            f"{name}: {findings.invisible} of {findings.pictures} pictures are transparent everywhere, so the "
            "transparency was ignored; set background to blend them with a color"
        )
    if findings.transparent and request.background is None and request.channels != 4:
        lines.append(
            f"{name}: {findings.transparent} of {findings.pictures} pictures are transparent and were blended with "
            f"{reading.background}; set background to choose another, or channels to 4 to keep the transparency"
        )
    if 2 * findings.wide > findings.pictures and request.fit == "crop" and request.crop is None:
        lines.append(
            f"{name}: more than a third of the area of {findings.wide} of {findings.pictures} pictures was cut away; "
            "set fit to pad or squeeze to keep all of it"
        )
    return tuple(lines)


def load_findings(cache_dir: Path, key: Mapping[str, Any]) -> Findings | None:
    """Load the findings of an earlier inspection; None if there are none.

    Args:
        cache_dir: folder of the cache.
        key: JSON values that differ whenever the findings may differ.
    """
    try:
        values = json.loads(_file(cache_dir, key).read_text(encoding="utf-8"))
        limits = {depth: (float(low), float(high)) for depth, (low, high) in values.pop("limits").items()}
        return Findings(limits=limits, plugins=tuple(values.pop("plugins")), **values)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def save_findings(cache_dir: Path, key: Mapping[str, Any], findings: Findings) -> None:
    """Save findings for ``load_findings``; a disk that is full or read-only is not an error."""
    with contextlib.suppress(OSError), atomic_write(_file(cache_dir, key)) as file:
        json.dump(dataclasses.asdict(findings), file)


def _file(cache_dir: Path, key: Mapping[str, Any]) -> Path:
    everything = json.dumps({"version": VERSION, **key}, sort_keys=True)
    return cache_dir / "findings" / f"{hashlib.sha256(everything.encode()).hexdigest()[:20]}.json"

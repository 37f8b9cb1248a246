"""The reading of a set: the options by which all its pictures are converted to squares of bytes."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping, Sequence
from typing import Any, Literal, cast, get_args

from tfgan_models.errors import InputError

Fit = Literal["crop", "pad", "squeeze"]
Range = tuple[float, float]
DEPTHS = ("uint8", "uint16", "int32", "float32")
FULL: dict[str, Range] = {"uint8": (0.0, 255.0), "uint16": (0.0, 65535.0)}


@dataclasses.dataclass(frozen=True)
class Reading:
    """Options by which every picture of a set is read.

    Args:
        crop: side in pixels of the square cut from the middle before resizing; None for the largest possible square.
        fit: method that makes a picture square: ``"crop"`` keeps the middle, ``"pad"`` adds bars, ``"squeeze"`` changes
            the proportions.
        background: background of transparent pixels, and color of bars: ``"white"``, ``"black"``, ``"checker"`` or a
            color such as ``"255,128,0"``; ``"none"`` ignores the transparency.
        ranges: the pixel values that are mapped to black and to white, by the depth of the pictures, one of ``DEPTHS``.
    """

    crop: int | None = None
    fit: Fit = "crop"
    background: str = "white"
    ranges: Mapping[str, Range] = dataclasses.field(default_factory=dict)

    def identity(self) -> dict[str, Any]:
        """The options that differ from the usual reading, as JSON values; without the crop, which is in the request."""
        usual = Reading()
        values: dict[str, Any] = {
            name: getattr(self, name) for name in ("fit", "background") if getattr(self, name) != getattr(usual, name)
        }
        ranges = {depth: list(limits) for depth, limits in self.ranges.items() if limits != FULL.get(depth)}
        return values | ({"ranges": ranges} if ranges else {})

    def manifest(self) -> dict[str, Any]:
        """All options as JSON values, for the manifest of an export."""
        ranges = {depth: list(limits) for depth, limits in self.ranges.items()}
        return {"crop": self.crop, "fit": self.fit, "background": self.background, "range": ranges}

    @classmethod
    def from_manifest(cls, manifest: Mapping[str, Any]) -> Reading:
        """The reading that an export's manifest records; earlier versions recorded the crop alone.

        Raises:
            InputError: an entry has a value that no export has.
        """
        ranges = check_range(manifest.get("range") or {})
        return cls(
            crop=manifest.get("crop"),
            fit=check_fit(manifest.get("fit") or "crop"),
            background=check_background(manifest.get("background") or "white"),
            ranges=ranges or {},
        )


def with_depths_of(manifest: Mapping[str, Any], earlier: Mapping[str, Any]) -> dict[str, Any]:
    """Return the manifest ``earlier`` with the ranges of those depths that ``manifest`` has.

    Earlier versions recorded a range that a flag had set for all depths, whatever depths the pictures had.
    """
    ranges = earlier.get("range")
    if not isinstance(ranges, Mapping):
        return dict(earlier)
    return {**earlier, "range": {depth: limits for depth, limits in ranges.items() if depth in manifest["range"]}}


def check_fit(fit: str) -> Fit:
    """Return the fit if it is one of ``Fit``.

    Raises:
        InputError: it is not.
    """
    if fit not in get_args(Fit):
        raise InputError(f"fit {fit}: give {', '.join(get_args(Fit)[:-1])} or {get_args(Fit)[-1]}", "fit")
    return cast(Fit, fit)


def check_background(background: str) -> str:
    """Return the background in its shortest form: ``"black"`` for ``"0, 0,0"``.

    Raises:
        InputError: it is neither a name nor three numbers from 0 to 255.
    """
    names = {"255,255,255": "white", "0,0,0": "black"}
    if background in (*names.values(), "checker", "none"):
        return background
    numbers = [part.strip() for part in background.split(",")]
    if len(numbers) != 3 or not all(part.isascii() and part.isdigit() and int(part) <= 255 for part in numbers):
        raise InputError(
            f"background {background}: give white, black, checker, none or a color as three numbers, such as 255,128,0",
            "background",
        )
    color = ",".join(str(int(part)) for part in numbers)
    return names.get(color, color)


def background_color(background: str) -> tuple[int, int, int]:
    """Red, green and blue of a background; of a checkerboard their mean, and white without a background."""
    if background in ("white", "black", "checker", "none"):
        level = {"white": 255, "black": 0, "checker": 128, "none": 255}[background]
        return level, level, level
    red, green, blue = map(int, background.split(","))
    return red, green, blue


def check_range(limits: Mapping[str, Sequence[float]] | Sequence[float] | str | None) -> dict[str, Range] | None:
    """Return the range of each depth: ``(low, high)`` is taken for all depths; None for ``"auto"``.

    Raises:
        InputError: a range is not two finite numbers, the lower one first.
    """
    if limits is None or limits == "auto":
        return None
    by_depth = limits if isinstance(limits, Mapping) else dict.fromkeys(DEPTHS, limits)
    return {depth: _low_high(pair) for depth, pair in by_depth.items()}


def _low_high(pair: Any) -> Range:
    try:
        low, high = map(float, pair)
        if math.isfinite(low) and math.isfinite(high) and low < high:
            return low, high
    except (TypeError, ValueError):
        pass
    text = pair if isinstance(pair, str) or not isinstance(pair, Sequence) else " ".join(map(str, pair))
    raise InputError(f"range {text}: give two numbers, the lower one first, such as 0 4095, or auto", "range")

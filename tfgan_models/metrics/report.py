"""An evaluation as files, and the one that was there before kept aside."""

from __future__ import annotations

import hashlib
import json
import math
import os
import re
from pathlib import Path
from typing import Any

import numpy as np

from tfgan_models.files import atomic_write
from tfgan_models.plots import image_grid

REPORT, PICTURE = "evaluation.json", "neighbours.png"
# Bytes. File systems take names of 255, of which some go to what stands around: a longer name keeps its end.
LONGEST, KEPT_BYTES = 180, 160


def write(report: dict[str, Any], picture: np.ndarray | None, folder: str | os.PathLike) -> list[Path]:
    """Write ``evaluation.json`` and ``neighbours.png``, which are always those of the newest evaluation.

    An earlier evaluation of anything else (another model, data set, pictures, crop, extractor, split, number or seed)
    is kept first, under names that say what it is of: ``evaluation-mnist-mnist-labels-19435d9e1789-test-10000.json``.
    A name too long for a file is cut to its end, after a hash of the whole.

    Args:
        report: JSON values; figures that are no numbers become null.
        picture: uint8 ``[h, w, c]``; None for a model without samples.
        folder: where to.

    Returns:
        The files that the earlier evaluation went to; none where it was of the same, and is replaced.
    """
    folder = Path(folder)
    report = _finite(report)
    kept = _keep_aside(report, folder)
    with atomic_write(folder / REPORT) as file:
        json.dump(report, file, indent=2, allow_nan=False)
        file.write("\n")
    if picture is not None:
        image_grid.save(picture, folder / PICTURE)
    return kept


def _keep_aside(report: dict[str, Any], folder: Path) -> list[Path]:
    path, drawn = folder / REPORT, folder / PICTURE
    if not path.exists():
        return []
    try:
        earlier = json.loads(path.read_text())
        if _subject(earlier) == _subject(report):
            return []
        name = "-".join(_words(earlier))
    except (ValueError, KeyError, TypeError, AttributeError):  # damaged, or another's file of that name
        name = "unknown"
    name, number = _fit_for_a_file(name), 1
    while any((folder / f"{part.stem}-{name}{_ending(number)}{part.suffix}").exists() for part in (path, drawn)):
        number += 1
    kept = []
    for part in (drawn, path):  # the report last: while it stands, its picture is known to be its own
        if part.exists():
            kept.append(folder / f"{part.stem}-{name}{_ending(number)}{part.suffix}")
            os.replace(part, kept[-1])
    return kept[::-1]


def _ending(number: int) -> str:
    """What tells files of one name apart: nothing for the first, ``-2`` for the second."""
    return f"-{number}" if number > 1 else ""


def _fit_for_a_file(name: str) -> str:
    """A part of a file's name of at most 180 bytes: a data set's may be the path of a folder, of any length."""
    name = re.sub(r"[^\w.-]+", "_", name)
    whole = name.encode()
    if len(whole) <= LONGEST:
        return name
    return f"{hashlib.sha256(whole).hexdigest()[:12]}-{whole[-KEPT_BYTES:].decode(errors='ignore')}"


def _subject(report: dict[str, Any]) -> dict[str, Any]:
    """What a report is of: all but its figures and what this version of the program says of them.

    The model is its weights where they are known, wherever it lies.
    """
    extractor = report["extractor"]
    found = {name: report[name] for name in ("dataset", "reference", "images", "image_shape", "seed")}
    found |= {name: report.get(name) for name in ("crop", "pictures")}
    found["model"] = report.get("weights") or report["model"]
    return found | {"extractor": (extractor["name"], extractor["digest"])}


def _words(report: dict[str, Any]) -> list[str]:
    extractor, images = report["extractor"], report["images"]
    number = images.get("samples", images.get("samples_prior", images["reference"]))
    return [report["dataset"], extractor["name"], extractor["digest"], report["reference"], str(number)]


def _finite(report: Any) -> Any:
    """The report with None for every figure that is no number, as where a measure divides by nothing."""
    if isinstance(report, dict):
        return {name: _finite(value) for name, value in report.items()}
    return None if isinstance(report, float) and not math.isfinite(report) else report

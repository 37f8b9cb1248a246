"""Write the files of an evaluation, and keep those of earlier evaluations."""

from __future__ import annotations

import hashlib
import json
import math
import os
import re
from pathlib import Path
from typing import Any

import numpy as np

from tfgan_models.files import atomic_write, read_json_or_empty
from tfgan_models.plots import image_grid

REPORT, PICTURE = "evaluation.json", "neighbours.png"
# Bytes of a name. File systems allow 255, which includes prefix and ending; a longer name is shortened to its end.
MAX_BYTES, END_BYTES = 180, 160


def write(report: dict[str, Any], picture: np.ndarray | None, folder: str | os.PathLike) -> list[Path]:
    """Write ``evaluation.json`` and ``neighbours.png`` of the newest evaluation.

    The files of an earlier evaluation of something else (model, truncation, refinement, data set, images, crop,
    extractor, split, number or seed) are renamed first, to names that describe it:
    ``evaluation-mnist-mnist-labels-19435d9e1789-test-10000.json``. Names that are too long are shortened to a hash and
    their end. People's error rates of an earlier evaluation of the same stay, unless the report has others.

    Args:
        report: JSON values; NaN and infinity become null.
        picture: uint8 ``[h, w, c]``; None for a model without samples.
        folder: folder of the files.

    Returns:
        The renamed files of the earlier evaluation; empty if it had the same subject and was replaced.
    """
    folder = Path(folder)
    report = _finite(report)
    earlier = read_json_or_empty(folder / REPORT)
    try:
        same, name = _subject(earlier) == _subject(report), "-".join(_words(earlier))
    except (KeyError, TypeError, AttributeError):  # damaged, or a file of another program
        same, name = False, "unknown"
    if same and report.get("human") is None and earlier.get("human"):
        report["human"] = earlier["human"]
    renamed = [] if same else _rename(folder, name)
    with atomic_write(folder / REPORT) as file:
        json.dump(report, file, indent=2, allow_nan=False)
        file.write("\n")
    if picture is not None:
        image_grid.save(picture, folder / PICTURE)
    return renamed


def written_files(folder: str | os.PathLike) -> set[str]:
    """The names of the files that evaluations have written to a folder."""
    report, picture = Path(REPORT), Path(PICTURE)
    names = set()
    for path in Path(folder).glob(f"{report.stem}*{report.suffix}"):
        if "extractor" in read_json_or_empty(path):
            names |= {path.name, f"{picture.stem}{path.stem.removeprefix(report.stem)}{picture.suffix}"}
    return names


def _rename(folder: Path, name: str) -> list[Path]:
    """Rename the files of the earlier evaluation to a name that describes it, and return them."""
    path, picture = folder / REPORT, folder / PICTURE
    if not path.exists():
        return []
    name, number = _file_name(name), 1
    while any((folder / f"{part.stem}-{name}{_ending(number)}{part.suffix}").exists() for part in (path, picture)):
        number += 1
    renamed = []
    for part in (picture, path):  # the report last: as long as it exists, the picture belongs to it
        if part.exists():
            renamed.append(folder / f"{part.stem}-{name}{_ending(number)}{part.suffix}")
            os.replace(part, renamed[-1])
    return renamed[::-1]


def _ending(number: int) -> str:
    """Suffix of the n-th file of a name: empty for the first, ``-2`` for the second."""
    return f"-{number}" if number > 1 else ""


def _file_name(name: str) -> str:
    """Convert to a part of a file name, at most 180 bytes: a data set's name may be a long path."""
    name = re.sub(r"[^\w.-]+", "_", name)
    encoded = name.encode()
    if len(encoded) <= MAX_BYTES:
        return name
    return f"{hashlib.sha256(encoded).hexdigest()[:12]}-{encoded[-END_BYTES:].decode(errors='ignore')}"


# What was done to latents and codes in reports that do not say it.
DEFAULTS = {"truncation": 1, "refine": 0, "refine_blur": 0}


def _subject(report: dict[str, Any]) -> dict[str, Any]:
    """Return what a report is about: everything but the figures and the descriptions of this version.

    A model is identified by its weights if they are in the report, else by its path.
    """
    extractor = report["extractor"]
    subject = {name: report[name] for name in ("dataset", "reference", "images", "image_shape", "seed")}
    subject |= {name: report.get(name) for name in ("crop", "pictures")}
    subject |= {name: report.get(name, value) for name, value in DEFAULTS.items()}
    subject["model"] = report.get("weights") or report["model"]
    return subject | {"extractor": (extractor["name"], extractor["digest"])}


def _words(report: dict[str, Any]) -> list[str]:
    extractor, images = report["extractor"], report["images"]
    number = images.get("samples", images.get("samples_prior", images["reference"]))
    words = [report["dataset"], extractor["name"], extractor["digest"], report["reference"], str(number)]
    truncation, steps, blur = (report.get(name, value) for name, value in DEFAULTS.items())
    words += [f"truncation-{truncation:g}"] * (truncation != 1) + [f"refine-{steps}"] * (steps > 0)
    return words + [f"blur-{blur:g}"] * (blur > 0)


def _finite(report: Any) -> Any:
    """Replace NaN and infinity by None."""
    if isinstance(report, dict):
        return {name: _finite(value) for name, value in report.items()}
    return None if isinstance(report, float) and not math.isfinite(report) else report

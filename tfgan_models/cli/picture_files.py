"""Any number of samples as files in a folder, in bounded memory: ``tfgan sample --output folder/ --format png``."""

from __future__ import annotations

import contextlib
import json
import os
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from tfgan_models.cli import drawings, outputs
from tfgan_models.cli.sample_condition import describe
from tfgan_models.data.pixels import to_bytes
from tfgan_models.data.utils import with_progress
from tfgan_models.files import atomic_write, errors_name, made_if_needed
from tfgan_models.training.flag_rules import refusal

if TYPE_CHECKING:
    from tfgan_models.cli.sample import SampleFlags
    from tfgan_models.export import ExportedModel

ABOUT, ARRAY = "samples.json", "samples.npz"
UNFINISHED = ".unfinished"  # ending of files that are being written
LEFTOVER = re.compile(r"\.(\d{6,}\.png|samples\.(json|npz)\.[0-9a-f]{16})\.unfinished")  # of a killed command


def draw_files(flags: SampleFlags, model: ExportedModel) -> str:
    """Write samples as PNG files or as one array, and last of all ``samples.json``, which shows that they are complete.

    Raises:
        InputError: the folder contains other files, or another command is writing there.
    """
    folder, count = Path(flags.output), flags.count or drawings.COUNT
    check_folder(folder, count, flags.format or "")
    with made_if_needed(folder), _errors_name(folder), outputs.locked(folder):
        _remove_leftovers(folder)
        images = _with_bar(parts(flags, model, count), count)
        if flags.format == "png":
            for number, image in enumerate(images):
                write_png(image, folder / name(number))
        else:
            write_array(images, (count, *model.manifest["image_shape"]), folder / ARRAY)
        _write_about(flags, model, count)
    what = f"{count} PNG files" if flags.format == "png" else f"{ARRAY} with an array of {count} images"
    return f"{what}{describe(flags)} of {model.path}"


def parts(flags: SampleFlags, model: ExportedModel, count: int) -> Iterator[np.ndarray]:
    """Draw samples part by part as bytes ``[n, h, w, c]``. No part is kept after the next one is drawn."""
    for part in drawings.samples_of(flags, model, count):
        yield to_bytes(part["image"])


def name(number: int) -> str:
    """The name of a picture's file, counted from 0."""
    return f"{number:06d}.png"


def check_folder(folder: Path, count: int, kind: str) -> None:
    """Refuse a folder with files that the command would not replace, so that no other pictures are among the samples.

    Raises:
        InputError: there are such files.
    """
    replaced = {ABOUT, ARRAY} if kind == "npz" else {ABOUT}
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        number = re.fullmatch(r"(\d{6,})\.png", path.name)
        ours = kind == "png" and number and int(number[1]) < count and path.name == name(int(number[1]))
        if not (ours or path.name in replaced or path.name == outputs.LOCK or LEFTOVER.fullmatch(path.name)):
            raise refusal("output", folder, f"it contains {path.name}, give a new folder or an empty one")


def write_png(image: np.ndarray, path: Path) -> None:
    """Write one image ``[h, w, c]`` of bytes. A kill leaves a complete file or none under the name."""
    unfinished = path.with_name(f".{path.name}{UNFINISHED}")
    Image.fromarray(image[..., 0] if image.shape[-1] == 1 else image).save(unfinished, "PNG")
    with errors_name(path):
        os.replace(unfinished, path)


def write_array(images: Iterator[np.ndarray], shape: tuple[int, ...], path: Path) -> None:
    """Write images of bytes as ``arr_0`` of a ``.npz`` file, one after the other.

    The file has the bytes that ``np.savez(path, images)`` would write, except for its times.
    """
    entry = zipfile.ZipInfo("arr_0.npy")  # with a fixed time, so that the same samples are the same bytes
    with (
        atomic_write(path, "wb") as file,
        zipfile.ZipFile(file, "w") as archive,
        archive.open(entry, "w", force_zip64=True) as array,
    ):
        np.lib.format.write_array_header_1_0(array, {"descr": "|u1", "fortran_order": False, "shape": shape})
        for image in images:
            array.write(image.tobytes())


def _with_bar(batches: Iterator[np.ndarray], count: int) -> Iterator[np.ndarray]:
    """Yield the images of batches, with a progress bar that counts them."""
    return with_progress((image for batch in batches for image in batch), count, "samples")


def _remove_leftovers(folder: Path) -> None:
    """Remove what an earlier command has left that was killed, and the mark of one that was complete."""
    (folder / ABOUT).unlink(missing_ok=True)
    for path in folder.iterdir():
        if LEFTOVER.fullmatch(path.name):
            path.unlink(missing_ok=True)


@contextlib.contextmanager
def _errors_name(folder: Path) -> Iterator[None]:
    """Let errors of writes, such as those of a full disk, name the folder."""
    try:
        yield
    except OSError as error:
        if error.errno is None or error.filename is not None:
            raise
        raise OSError(error.errno, error.strerror, str(folder)) from error


def _write_about(flags: SampleFlags, model: ExportedModel, count: int) -> None:
    about = {
        "model": str(model.path),
        "weights": model.manifest.get("weights"),
        "count": count,
        "seed": flags.seed,
        "sampler": flags.sampler or model.manifest.get("sampler", "prior"),
        "truncation": flags.truncation,
        **{key: list(value) for key, value in _condition(flags).items() if value},
    }
    with atomic_write(Path(flags.output) / ABOUT) as file:
        json.dump(about, file, indent=2)
        file.write("\n")


def _condition(flags: SampleFlags) -> dict[str, tuple[str, ...]]:
    return {"label": flags.label, "with": flags.with_, "without": flags.without}

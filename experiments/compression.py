"""Measure autoencoders as compressors: ``python experiments/compression.py --models saved_models/vae/1``.

Codes of held-out images are rounded to multiples of a step, a share of each latent's standard deviation over training
images. An image's size is what an arithmetic coder would need for its rounded latents, by their frequencies over
training images. The decoder's error is measured at several steps, and beside it the errors of WebP and JPEG files.
"""

from __future__ import annotations

import dataclasses
import io
import os
from collections.abc import Iterator
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
import tyro
from PIL import Image

from tfgan_models import export
from tfgan_models.cli import training_data
from tfgan_models.data.pixels import to_bytes, to_float
from tfgan_models.latent.parts import in_parts

STEPS = (0.25, 0.5, 1.0, 2.0, 4.0)  # widths of the rounding, in standard deviations of a latent
QUALITIES = (10, 30, 60, 90)
PART = 500  # images that are encoded or decoded at a time


@dataclasses.dataclass(kw_only=True)
class CompressionFlags:
    """Measure error against bytes per picture."""

    models: tuple[Path, ...]
    """Folders of exports of one data set, whose models encode pictures."""
    count: int = 1000
    """Number of held-out pictures."""
    seed: int = 0
    """Seed of the choice of pictures."""
    cache_dir: str | None = None
    """Folder for decoded images."""


def information(train: np.ndarray, test: np.ndarray) -> float:
    """Mean bytes of a row of ``test`` for a coder that knows how frequent each value is in its column of ``train``.

    Args:
        train: rounded latents, integers ``[n, latents]``.
        test: rounded latents, integers ``[m, latents]``. Each value that ``train`` may lack is counted once more.
    """
    bits = 0.0
    for known, coded in zip(train.T, test.T, strict=True):
        lowest = min(known.min(), coded.min())
        counts = 1 + np.bincount(known - lowest, minlength=coded.max() - lowest + 1)
        bits -= np.log2(counts[coded - lowest] / counts.sum()).sum()
    return bits / len(test) / 8


def squared_error(images: np.ndarray, originals: np.ndarray) -> float:
    """Mean squared error of a pixel, for bytes as integers in [0, 255] and pixels scaled to [0, 1]."""
    return float(np.mean((images.astype(np.float64) - originals) ** 2)) / 255**2


def latent_rows(model: export.ExportedModel, train: np.ndarray, test: np.ndarray) -> Iterator[str]:
    """A row of the table for each step."""
    codes, known = (in_parts(lambda part: model.codes(to_float(part)), images, PART) for images in (test, train))
    deviations = known.std(axis=0)
    name = f"{model.manifest['algorithm']} {model.path}, {codes.shape[1]} latents"
    yield f"| {name} | not rounded | | {squared_error(decoded(model, codes), test):.5f} |"
    for step in STEPS:
        widths = step * np.maximum(deviations, 1e-6)
        rounded = np.rint(codes / widths).astype(int)
        size = information(np.rint(known / widths).astype(int), rounded)
        error = squared_error(decoded(model, rounded * widths), test)
        yield f"| {name} | step {step:g} | {size:.1f} | {error:.5f} |"


def decoded(model: export.ExportedModel, codes: np.ndarray) -> np.ndarray:
    """Images uint8 ``[n, h, w, c]`` of codes."""
    return in_parts(lambda part: to_bytes(model("generate", latent=part)["image"]), codes.astype(np.float32), PART)


def file_rows(test: np.ndarray) -> Iterator[str]:
    """A row of the table for each format and quality. A file of a uniform picture has the size of the headers."""
    for kind in ("WEBP", "JPEG"):
        for quality in QUALITIES:
            files = [_file(image, kind, quality) for image in test]
            headers = len(_file(np.full_like(test[0], 128), kind, quality))
            images = np.stack([_pixels(file, test.shape[-1]) for file in files])
            size = np.mean([len(file) for file in files])
            sizes = f"{size - headers:.0f}, and {headers} of headers"
            yield f"| {kind} | quality {quality} | {sizes} | {squared_error(images, test):.5f} |"


def _file(image: np.ndarray, kind: str, quality: int) -> bytes:
    stream = io.BytesIO()
    Image.fromarray(image.squeeze()).save(stream, kind, quality=quality)
    return stream.getvalue()


def _pixels(file: bytes, channels: int) -> np.ndarray:
    picture = Image.open(io.BytesIO(file)).convert("RGB" if channels == 3 else "L")
    return np.asarray(picture).reshape(picture.height, picture.width, channels)


def main(flags: CompressionFlags) -> None:
    """Print a table of all models and formats."""
    models = [export.load(path) for path in flags.models]
    missing = f"{models[0].path} does not name its training data"
    train, test = (
        np.asarray(training_data.load(models[0].manifest, split, missing, cache_dir=flags.cache_dir).images)
        for split in ("train", "test")
    )
    random = np.random.default_rng(flags.seed)
    test = test[np.sort(random.permutation(len(test))[: flags.count])]
    train = train[np.sort(random.permutation(len(train))[: 10 * flags.count])]
    print("| | | bytes per picture | squared error |\n|---|---|---|---|")
    for model in models:
        model.check_encodes()
        for row in latent_rows(model, train, test):
            print(row, flush=True)
    for row in file_rows(test):
        print(row)


if __name__ == "__main__":
    main(tyro.cli(CompressionFlags))

"""The pictures of ``tfgan sample``: samples, walks and reconstructions, as a sheet or as an animation.

Each function draws part by part, so that the memory needed is little more than that of the result. It writes the file,
and returns a description of the content.
"""

from __future__ import annotations

import bisect
import math
import sys
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING

import numpy as np

from tfgan_models import latent
from tfgan_models.cli import sample_condition
from tfgan_models.cli.refining import refined, refining
from tfgan_models.data.own_pictures import OwnPictures, read_like_training
from tfgan_models.data.pixels import to_bytes
from tfgan_models.errors import InputError
from tfgan_models.export import own_conditions
from tfgan_models.export.truncated_samples import truncated
from tfgan_models.plots import animation, image_grid
from tfgan_models.training.flag_rules import refusal

if TYPE_CHECKING:
    from tfgan_models.cli.sample import SampleFlags
    from tfgan_models.export import ExportedModel

PART = 128  # images of walks that are generated at once
COUNT = 64  # samples, or walks between samples, by default
COLUMNS = 10  # pictures in a row above their reconstructions, as in the sheets of a training
SHEET_STEPS, ANIMATION_STEPS = 10, 60  # of a walk, by default
WALK_SPEED, SAMPLE_SPEED = 20.0, 2.0  # frames per second, by default
PAUSE = 0.5  # seconds at the ends of a walk


def draw_samples(flags: SampleFlags, model: ExportedModel) -> str:
    """Draw samples in a grid, or one after the other."""
    count = flags.count or COUNT
    if animation.is_animation(flags.output):
        _check_size(flags, count, lambda count: sample_condition.sheet(flags, count)[0] * _frame_pixels(model, 1))
    else:
        _check_size(flags, count, lambda count: _sheet_pixels(model, *sample_condition.sheet(flags, count)))
    images = (part["image"] for part in samples_of(flags, model, count))
    if animation.is_animation(flags.output):
        _save_frames(flags, (image for part in images for image in to_bytes(part)), SAMPLE_SPEED)
    else:
        image_grid.save(image_grid.grid_of_parts(images, *sample_condition.sheet(flags, count)), flags.output)
    drawn, _ = sample_condition.sheet(flags, count)
    return f"{drawn} samples{sample_condition.describe(flags)} of {model.path}"


def draw_walks_between_samples(flags: SampleFlags, model: ExportedModel) -> str:
    """Draw walks between pairs of samples, one in each row, or all of them at once in a grid that moves."""
    count, steps = flags.count or COUNT, _steps(flags)
    if animation.is_animation(flags.output):
        frames = animation.frame_count(steps, flags.loop or "restart")
        _check_size(flags, count, lambda count: frames * _frame_pixels(model, count))
        walks = _walks_between_samples(flags, model, count, steps)
        _save_frames(flags, (image_grid.grid(_generate(model, walks[:, step])) for step in range(steps)), WALK_SPEED)
    else:
        _check_size(flags, count, lambda count: _sheet_pixels(model, count * steps, steps))
        walks = _walks_between_samples(flags, model, count, steps)
        rows = max(1, PART // steps)
        parts = (walks[i : i + rows].reshape(-1, walks.shape[-1]) for i in range(0, count, rows))
        images = (_generate(model, part) for part in parts)
        image_grid.save(image_grid.grid_of_parts(images, count * steps, steps), flags.output)
    return f"{count} interpolation{'s' * (count != 1)}{sample_condition.describe(flags)} of {model.path}"


def draw_walks_between_pictures(flags: SampleFlags, model: ExportedModel) -> str:
    """Draw walks from each picture to the next, one in each row between its two pictures, or as one long walk."""
    if not own_conditions.encodes(model):
        raise InputError(f"--between: {_without_encoder(model)}", "between")
    sample_condition.check(flags, model)
    condition = sample_condition.of_pictures(flags, model, "between", len(flags.between))
    steps, legs = _steps(flags), len(flags.between) - 1
    if animation.is_animation(flags.output):
        frames = animation.frame_count(legs * (steps - 1) + 1, flags.loop or "restart")
        _check_size(flags, 1, lambda count: frames * _frame_pixels(model, count))
    else:
        _check_size(flags, 1, lambda _: _sheet_pixels(model, legs * (steps + 2), steps + 2))
    images = read_like_training(flags.between, model.manifest)
    codes = own_conditions.codes(model, images, sample_condition.of_each(condition, len(images)))
    codes = refined(model, images, codes, flags.refine, flags.refine_blur)
    walks = latent.interpolate(codes[:-1], codes[1:], steps)
    if animation.is_animation(flags.output):
        # The end of a walk is the start of the next one, which is shown once.
        path = np.concatenate([walks[0], *(walk[1:] for walk in walks[1:])])
        _save_frames(flags, (image for part in _generated(model, path) for image in to_bytes(part)), WALK_SPEED)
    else:
        rows = (
            np.concatenate([images[i : i + 1], _generate(model, walk), images[i + 1 : i + 2]])
            for i, walk in enumerate(walks)
        )
        image_grid.save(image_grid.grid_of_parts(rows, legs * (steps + 2), steps + 2), flags.output)
    told = sample_condition.describe(flags)
    return f"walk{'s' * (legs > 1)} between {len(images)} pictures{told} by {model.path}"


def draw_reconstructions(flags: SampleFlags, model: ExportedModel) -> str:
    """Draw pictures and their reconstructions in alternate rows."""
    _check_reconstructs(model)
    sample_condition.check(flags, model)
    condition = sample_condition.of_pictures(flags, model, "reconstruct")
    pictures = OwnPictures(flags.reconstruct, model.manifest)
    count = min(len(pictures), flags.count or len(pictures))
    columns = min(COLUMNS, count)

    def images_in_sheet(count: int) -> int:
        return 2 * columns * math.ceil(count / columns)

    _check_size(flags, count, lambda count: _sheet_pixels(model, images_in_sheet(count), columns))
    drawn = 0

    def rows(refiner: own_conditions.Refine | None) -> Iterator[np.ndarray]:
        nonlocal drawn
        for originals in pictures.batches(columns, count):
            drawn += len(originals)
            told = sample_condition.of_each(condition, len(originals))
            for images in (originals, own_conditions.reconstruct(model, originals, told, refiner)):
                yield image_grid.filled(to_bytes(images), columns)

    with refining(model, flags.refine, flags.refine_blur, count, columns) as refiner:
        sheet = image_grid.grid_of_parts(rows(refiner), images_in_sheet(count), columns)
    if not drawn:
        raise pictures.no_pictures(flags.reconstruct)
    if skipped := pictures.skipped():
        print(skipped, file=sys.stderr)
    height, width, _ = model.manifest["image_shape"]
    used, _ = image_grid.grid_size(images_in_sheet(drawn), height, width, columns)
    image_grid.save(sheet[:used], flags.output)
    plural, told = "s" * (drawn > 1), sample_condition.describe(flags)
    return f"{drawn} picture{plural} and their reconstructions{told} by {model.path}"


def samples_of(flags: SampleFlags, model: ExportedModel, count: int) -> Iterator[dict[str, np.ndarray]]:
    """Draw samples part by part, with truncated latents if the flags say so.

    Raises:
        InputError: the export is too old to return the latents that would be truncated.
    """
    parts = sample_condition.samples(flags, model, count, flags.seed, flags.sampler)
    return truncated(model, model.sampler(flags.sampler), parts, flags.truncation)


def _walks_between_samples(flags: SampleFlags, model: ExportedModel, count: int, steps: int) -> np.ndarray:
    """Latents of walks between pairs of samples, ``[count, steps, latent_dim]``.

    Raises:
        InputError: the export is too old to return latents.
    """
    source = flags.sampler or model.manifest.get("sampler", "prior")
    if source == "prior" and model.manifest.get("prior") in (None, "standard_gaussian"):
        random = np.random.default_rng(flags.seed)
        start, end = random.standard_normal((2, count, model.manifest["latent_dim"]), np.float32)
        return latent.interpolate(flags.truncation * start, flags.truncation * end, steps, spherical=True)
    number = count if len(flags.label) == 2 else 2 * count  # of one class, or from one class to another
    latents = [part["latent"] for part in samples_of(flags, model, number) if "latent" in part]
    if not latents:
        raise refusal("interpolate", True, f"{model.path} was exported by an older version, export it again")
    start, end = np.split(np.concatenate(latents), 2)
    return latent.interpolate(start, end, steps)


def _generate(model: ExportedModel, latents: np.ndarray) -> np.ndarray:
    return model("generate", latent=latents)["image"]


def _generated(model: ExportedModel, latents: np.ndarray) -> Iterator[np.ndarray]:
    """Yield the images of latents part by part."""
    for i in range(0, len(latents), PART):
        yield _generate(model, latents[i : i + PART])


def _save_frames(flags: SampleFlags, frames: Iterable[np.ndarray], speed: float) -> None:
    """Write an animation with the flags' speed, or this one by default."""
    is_walk = speed == WALK_SPEED
    animation.save(
        frames,
        flags.output,
        flags.frames_per_second or speed,
        flags.loop or "restart",
        pause=PAUSE if is_walk else 0.0,
        shared_palette=is_walk,
    )


def _steps(flags: SampleFlags) -> int:
    default = ANIMATION_STEPS if animation.is_animation(flags.output) else SHEET_STEPS
    return flags.steps or default


def _sheet_pixels(model: ExportedModel, count: int, columns: int | None = None) -> int:
    """Pixels of a sheet of images."""
    height, width, _ = model.manifest["image_shape"]
    return math.prod(image_grid.grid_size(count, height, width, columns))


def _frame_pixels(model: ExportedModel, count: int) -> int:
    """Pixels of one frame with a grid of images: of a small one those that it has at most after it is enlarged."""
    return max(_sheet_pixels(model, count), animation.SMALL**2)


def _check_size(flags: SampleFlags, count: int, pixels: Callable[[int], int]) -> None:
    """Refuse a count with more pixels than programs that show pictures open, or than an animation can have.

    Args:
        flags: the flags.
        count: number of samples, walks or pictures.
        pixels: total number of pixels for a count, which grows with it.
    """
    animated = animation.is_animation(flags.output)
    limit = animation.MAX_PIXELS if animated else image_grid.MAX_PIXELS
    if pixels(count) <= limit:
        return
    largest = bisect.bisect_right(range(1, count), limit, key=pixels)
    reason = (
        f"the {'animation' if animated else 'sheet'} would have {pixels(count) / 1e6:.0f} million pixels, and "
        f"{'an animation' if animated else 'a PNG file'} can have {limit // 10**6} million"
    )
    if flags.between or not largest:
        raise refusal("steps", _steps(flags), f"{reason}; give fewer steps{' or pictures' if flags.between else ''}")
    further = (
        "" if flags.reconstruct else f" and draw further {'ones' if animated else 'sheets'} with other values of --seed"
    )
    raise refusal("count", count, f"{reason}; give at most {largest}{further}")


def _check_reconstructs(model: ExportedModel) -> None:
    """Refuse a model that does not reconstruct pictures."""
    if not own_conditions.reconstructs(model):
        raise InputError(f"--reconstruct: {_without_encoder(model)}", "reconstruct")


def _without_encoder(model: ExportedModel) -> str:
    algorithm = model.manifest["algorithm"]
    return f"{model.path}, {algorithm}, has no encoder; give a model with an encoder, such as vaegan or vae"

"""Pictures and trials of a human test: sheets of nine, single pictures, and control sheets of real pictures alone."""

from __future__ import annotations

import dataclasses
import hashlib
import io
from collections.abc import Collection
from typing import Literal

import numpy as np
from PIL import Image

from tfgan_models.data.pixels import over_white, to_bytes, to_float
from tfgan_models.errors import InputError

Kind = Literal["sheet", "single", "control"]
SHEET, FEWEST_FAKES, MOST_FAKES = 9, 2, 7


@dataclasses.dataclass(frozen=True)
class Picture:
    """A picture of a test. ``id`` is a hash of its pixels, so it does not tell whether the picture is real."""

    id: str
    pixels: np.ndarray
    is_fake: bool

    def png(self, side: int | None = None) -> bytes:
        """Encode as PNG, enlarged by a whole factor to at least ``side`` pixels; the same for both kinds."""
        factor = max(1, -(-(side or 1) // self.pixels.shape[0]))
        pixels = self.pixels.repeat(factor, 0).repeat(factor, 1)
        file = io.BytesIO()
        Image.fromarray(pixels[..., 0] if pixels.shape[-1] == 1 else pixels).save(file, "PNG")
        return file.getvalue()


@dataclasses.dataclass(frozen=True)
class Trial:
    """Pictures that a person sees at once.

    Attributes:
        number: place in the test, from 0 on.
        kind: ``sheet``, ``single`` or ``control``.
        pictures: nine pictures, or one.
        feedback: whether the person learns the score after the trial.
        shown_ms: milliseconds until the pictures are masked; None for no limit.
    """

    number: int
    kind: Kind
    pictures: tuple[Picture, ...]
    feedback: bool = False
    shown_ms: int | None = None

    @property
    def fakes(self) -> frozenset[int]:
        """Positions of the fakes, from 0 on."""
        return frozenset(i for i, picture in enumerate(self.pictures) if picture.is_fake)

    def score(self, ticked: Collection[int]) -> int:
        """Number of pictures judged right, if the ticked positions are taken for fakes.

        Raises:
            InputError: a position is not on the sheet.
        """
        check_positions(ticked, len(self.pictures))
        return len(self.pictures) - len(self.fakes ^ set(ticked))


def check_positions(ticked: Collection[int], count: int) -> None:
    """Refuse positions that are not on a sheet of ``count`` pictures.

    Raises:
        InputError: there are some.
    """
    for position in ticked:
        if not 0 <= position < count:
            raise InputError(f"answer {position + 1}: the sheet has {count} pictures, give numbers from 1 to {count}")


class PicturePool:
    """Real and generated pictures of one model, all converted in the same way.

    Args:
        reals: held-out images, bytes or floats in [-1, 1], ``[n, h, w, c]``.
        fakes: samples ``[m, h, w, c]`` of the same shape.
        weights: digest of the model's weights.

    Raises:
        InputError: the shapes differ.
    """

    def __init__(self, reals: np.ndarray, fakes: np.ndarray, weights: str):
        if reals.shape[1:] != fakes.shape[1:]:
            raise InputError(
                f"reals of {list(reals.shape[1:])} and fakes of {list(fakes.shape[1:])}: give both in one shape, as "
                "else the size tells which is which"
            )
        self.weights = weights
        self.reals = _pictures(reals, False)
        self.fakes = _pictures(fakes, True)

    def sheets(self, count: int, seed: int, *, feedback: bool = False, control: int = 0) -> list[Trial]:
        """Draw sheets of nine with two to seven fakes each, and ``control`` sheets of reals alone, in random order.

        No picture is on two of the sheets.

        Raises:
            InputError: there are too few pictures.
        """
        generator = np.random.default_rng(seed)
        numbers = [*generator.integers(FEWEST_FAKES, MOST_FAKES + 1, count), *[0] * control]
        generator.shuffle(numbers)
        fakes, reals = self._draw(generator, sum(numbers), SHEET * len(numbers) - sum(numbers))
        trials = []
        for i, number in enumerate(numbers):
            pictures = [fakes.pop() for _ in range(number)] + [reals.pop() for _ in range(SHEET - number)]
            order = generator.permutation(SHEET)
            kind: Kind = "sheet" if number else "control"
            trials.append(Trial(i, kind, tuple(pictures[place] for place in order), feedback))
        return trials

    def singles(self, count: int, seed: int, *, feedback: bool = False, shown_ms: int | None = None) -> list[Trial]:
        """Draw single pictures, half of them fakes, in random order.

        Raises:
            InputError: there are too few pictures, or the time is not positive.
        """
        if shown_ms is not None and shown_ms <= 0:
            raise InputError(f"shown_ms {shown_ms}: give a number above 0, or None for no limit")
        generator = np.random.default_rng(seed)
        extra = int(generator.integers(2))  # so that the last of an odd number cannot be inferred
        fakes, reals = self._draw(generator, (count + extra) // 2, count - (count + extra) // 2)
        pictures = fakes + reals
        order = generator.permutation(count)
        return [Trial(i, "single", (pictures[place],), feedback, shown_ms) for i, place in enumerate(order)]

    def _draw(self, generator: np.random.Generator, fakes: int, reals: int) -> tuple[list[Picture], list[Picture]]:
        drawn = []
        for name, pool, count in (("samples", self.fakes, fakes), ("held-out images", self.reals, reals)):
            if count > len(pool):
                advice = "make it shorter, with fewer sheets or controls"
                raise InputError(f"the test needs {count} different {name} and there are {len(pool)}: {advice}")
            drawn.append([pool[i] for i in generator.permutation(len(pool))[:count]])
        return drawn[0], drawn[1]


def _pictures(images: np.ndarray, is_fake: bool) -> list[Picture]:
    """Convert to bytes by way of floats, both kinds alike; equal pictures are left out."""
    images = to_float(np.asarray(images))
    pixels = to_bytes(over_white(images) if images.shape[-1] == 4 else images)
    pictures = (Picture(hashlib.sha256(image.tobytes()).hexdigest()[:16], image, is_fake) for image in pixels)
    return list({picture.id: picture for picture in pictures}.values())

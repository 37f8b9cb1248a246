"""``--refine``: codes of pictures that are refined while a bar shows the progress."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

    from tfgan_models.export import ExportedModel
    from tfgan_models.export.own_conditions import Refine


@contextlib.contextmanager
def refining(
    model: ExportedModel, steps: int, blur: float | None, pictures: int, in_call: int | None = None
) -> Iterator[Refine | None]:
    """Give a function that refines codes, with a progress bar, or a line in a log file.

    Args:
        model: an export with an encoder.
        steps: number of steps for each picture; 0 for no refinement.
        blur: as of ``Refiner``.
        pictures: number of pictures in all calls of the function.
        in_call: number of pictures in each call; None for a single call.

    Yields:
        a function of images ``[n, h, w, c]`` and codes ``[n, latent_dim]`` that returns codes; None without steps.
    """
    if not steps:
        yield None
        return
    from tqdm.auto import tqdm

    from tfgan_models.export.refinement import PART, Refiner

    refiner, with_bar = Refiner(model, steps, blur), sys.stderr.isatty()
    total = -(-pictures // min(in_call or PART, PART)) * steps  # parts of at most PART pictures, each of these steps
    if not with_bar:
        print(f"Refining the codes of {pictures} pictures: {steps:,} steps each", file=sys.stderr, flush=True)
    with tqdm(total=total, unit=" steps", disable=not with_bar, dynamic_ncols=True) as bar:
        yield lambda images, codes: refiner(images, codes, lambda: bar.update())


def refined(model: ExportedModel, images: np.ndarray, codes: np.ndarray, steps: int, blur: float | None) -> np.ndarray:
    """Codes ``[n, latent_dim]`` of images after some steps of refinement, with progress."""
    with refining(model, steps, blur, len(images)) as refiner:
        return codes if refiner is None else refiner(images, codes)

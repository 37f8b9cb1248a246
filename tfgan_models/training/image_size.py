"""The size of the images that a run trains on."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from tfgan_models.errors import InputError
from tfgan_models.training.flags import Flags

if TYPE_CHECKING:
    from tfgan_models.data.own_size import OwnSize

F = TypeVar("F", bound=Flags)
LARGEST_DEFAULT = 32  # within minutes on a processor


def with_image_size(algorithm: str, flags: F, own: OwnSize | None) -> F:
    """The flags with an image size, checked against the network.

    Without ``--image_size`` it is that of the run that goes on, or else that of the pictures, at most 32 pixels.

    Args:
        algorithm: names the run's folder.
        flags: as given.
        own: the size of the data set's pictures.

    Raises:
        InputError: the network cannot take the size.
    """
    from tfgan_models import networks

    check = networks.network_module(flags.model.network).check_image_size
    size = flags.data.image_size or _earlier(algorithm, flags) or _default(flags, own)
    check(size)
    return dataclasses.replace(flags, data=dataclasses.replace(flags.data, image_size=size))


def describe(image_size: int, own: OwnSize | None) -> str:
    """The line about the size trained at, and that of the pictures."""
    size = f"images:      trained at {image_size}×{image_size} pixels"
    return f"{size}; the pictures have {own}" if own else size


def _default(flags: Flags, own: OwnSize | None) -> int:
    """The pictures' size, at most 32 pixels, or the next size that the network takes."""
    from tfgan_models import networks
    from tfgan_models.data.sources import MIN_SIZE

    wanted = max(MIN_SIZE, min(own.side if own else LARGEST_DEFAULT, LARGEST_DEFAULT))
    for size in (wanted, *range(wanted + 1, LARGEST_DEFAULT + 1)):
        try:
            networks.network_module(flags.model.network).check_image_size(size)
        except InputError:
            continue
        return size
    return LARGEST_DEFAULT


def _earlier(algorithm: str, flags: Flags) -> int | None:
    """The size of the run that goes on; None if there is none. A damaged ``config.json`` is refused later."""
    from tfgan_models.data.sources import name_of
    from tfgan_models.training import checkpoint

    folder = Path(flags.output.run_dir or Path("runs") / f"{algorithm}-{name_of(flags.data.dataset)}")
    if not flags.output.resume or not checkpoint.checkpoints(folder / "checkpoints"):
        return None
    try:
        return json.loads((folder / "config.json").read_text())["data"]["image_size"]
    except (OSError, ValueError, KeyError, TypeError):
        return None

"""What an algorithm adds to the common run."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Generic, NamedTuple, TypeVar

from tfgan_models.training.flags import Flags

if TYPE_CHECKING:
    import keras
    import numpy as np
    import tensorflow as tf

    from tfgan_models.data.sources import ImageSet
    from tfgan_models.models.base import GenerativeModel

F = TypeVar("F", bound=Flags)


class CallbackContext(NamedTuple):
    """What a recipe's own callbacks may look at.

    Attributes:
        train: the pictures that the model is trained on.
        test: those that are held out.
        shown: some of these, float32 ``[n, h, w, c]`` in [-1, 1].
        folder: the run's.
        writer: TensorBoard's.
    """

    train: ImageSet
    test: ImageSet
    shown: np.ndarray
    folder: Path
    writer: tf.summary.SummaryWriter


class RunResult(NamedTuple):
    """What a run leaves.

    Attributes:
        folder: the run's.
        epochs: how many it has done.
        train: the pictures that it was trained on.
        test: those that were held out.
        chief: whether this process writes; of several workers one does.
        model: as the training left it.
        flags: with ``steps_per_epoch`` as it came to be.
    """

    folder: Path
    epochs: int
    train: ImageSet
    test: ImageSet
    chief: bool
    model: GenerativeModel
    flags: Flags


@dataclasses.dataclass(frozen=True, kw_only=True)
class Recipe(Generic[F]):
    """An algorithm as the engine runs it.

    Attributes:
        name: of the algorithm, its script, the run's folder and the export's.
        flags: the dataclass of its flags.
        build: makes the compiled model of (flags, training set), in the strategy's scope and under the run's precision.
        presets: what ``--preset`` may name.
        check: refuses flags before the common ones are checked.
        runs: the flags' runs, each a number of labels and a label seed; more than one make a sweep. Without it there is
            one run.
        prepare_data: makes of the training set and the held-out one, as they were read, those that are used.
        callbacks: makes callbacks that come before the common ones, on the process that writes.
        after: is called with what the run leaves, on the process that writes.
    """

    name: str
    flags: type[F]
    build: Callable[[F, ImageSet], GenerativeModel]
    presets: Mapping[str, F] = dataclasses.field(default_factory=dict)
    check: Callable[[F], None] | None = None
    runs: Callable[[F], Sequence[tuple[int, int]]] | None = None
    prepare_data: Callable[[F, ImageSet, ImageSet], tuple[ImageSet, ImageSet]] | None = None
    callbacks: Callable[[F, CallbackContext], Sequence[keras.callbacks.Callback]] | None = None
    after: Callable[[RunResult], None] | None = None

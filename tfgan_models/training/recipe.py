"""The parts of a run that depend on the algorithm."""

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
    from tfgan_models.latent.sampler import Sampler
    from tfgan_models.models.base import GenerativeModel
    from tfgan_models.networks.growing import Growth

F = TypeVar("F", bound=Flags)


class CallbackContext(NamedTuple):
    """Data and places for the callbacks of a recipe.

    Attributes:
        train: training set.
        test: held-out set.
        images: some held-out images, float32 ``[n, h, w, c]`` in [-1, 1].
        folder: folder of the run.
        writer: TensorBoard writer.
        sampler: sampler of latents.
    """

    train: ImageSet
    test: ImageSet
    images: np.ndarray
    folder: Path
    writer: tf.summary.SummaryWriter
    sampler: Sampler


class RunResult(NamedTuple):
    """The result of a run.

    Attributes:
        folder: folder of the run.
        epochs: the epoch of the model's weights, which is an earlier one than the last if it was chosen.
        trained: number of epochs that were trained.
        train: training set.
        test: held-out set.
        chief: whether this process writes files. Among several workers, only one does.
        model: trained model.
        flags: flags of the run, with ``steps_per_epoch`` set.
    """

    folder: Path
    epochs: int
    trained: int
    train: ImageSet
    test: ImageSet
    chief: bool
    model: GenerativeModel
    flags: Flags


@dataclasses.dataclass(frozen=True, kw_only=True)
class Recipe(Generic[F]):
    """An algorithm, described for the training engine.

    Attributes:
        name: name of the algorithm, its script, its run folders and its exports.
        flags: dataclass of its flags.
        build: makes the compiled model from the flags and the training set. It is called in the strategy's scope and
            under the run's precision.
        build_stage: as ``build``, for networks in a state of growth; of the algorithms that can grow.
        needs_shape_only: whether flags and the shape of images alone decide if the model can be built. A trial then
            refuses flags before the data are read.
        presets: flags by their name for ``--preset``.
        complete: sets defaults that depend on other flags, before the flags are compared with those of an earlier run.
        check: refuses flags before the common checks.
        runs: lists the runs of the flags, each as a number of labels and a label seed. Several runs make a sweep.
            Without this function there is one run.
        prepare_data: changes the training set and the held-out set after reading.
        callbacks: makes callbacks that precede the common ones. It is called only in the process that writes files.
        after: is called with the result of the run, only in the process that writes files.
    """

    name: str
    flags: type[F]
    build: Callable[[F, ImageSet], GenerativeModel]
    build_stage: Callable[[F, ImageSet, Growth | None], GenerativeModel] | None = None
    needs_shape_only: bool = False
    presets: Mapping[str, F] = dataclasses.field(default_factory=dict)
    complete: Callable[[F], F] | None = None
    check: Callable[[F], None] | None = None
    runs: Callable[[F], Sequence[tuple[int, int]]] | None = None
    prepare_data: Callable[[F, ImageSet, ImageSet], tuple[ImageSet, ImageSet]] | None = None
    callbacks: Callable[[F, CallbackContext], Sequence[keras.callbacks.Callback]] | None = None
    after: Callable[[RunResult], None] | None = None

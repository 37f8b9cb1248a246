"""Batches as a pure function of (seed, step)."""

from __future__ import annotations

import functools
from collections.abc import Callable

import numpy as np
import tensorflow as tf

from tfgan_models.data.sources import ImageSet
from tfgan_models.errors import InputError

Batch = dict[str, tf.Tensor]


def batches(
    data: ImageSet,
    batch_size: int,
    *,
    seed: int,
    first_step: int = 0,
    flip: bool = False,
    context: tf.distribute.InputContext | None = None,
) -> tf.data.Dataset:
    """Endless batches in random order. Each epoch is its own permutation of the set; a batch may span two.

    Batch k does not depend on the batches before it, so a run that resumes starts at it directly.

    Args:
        data: the pictures, n of them.
        batch_size: of the global batch.
        seed: of the order and of the flips.
        first_step: the step to start at.
        flip: whether half of the pictures, decided for each anew at each step, are mirrored left to right.
        context: of a worker that feeds its own replicas: it then gets its own, equal part of each global batch.

    Returns:
        ``{"image": float32 [b, h, w, c] in [-1, 1]}`` and, where the set has them, ``"label"``: int32 ``[b]`` and
        ``"attributes"``: float32 ``[b, k]`` in {0, 1}.

    Raises:
        InputError: the batch size is not positive or cannot be divided among the workers.
    """
    worker, workers = (context.input_pipeline_id, context.num_input_pipelines) if context else (0, 1)
    if batch_size < 1 or batch_size % workers:
        raise InputError(f"a batch of {batch_size} cannot be divided among {workers} workers: choose a multiple")
    share = batch_size // workers
    start = worker * share
    count = len(data.images)

    @functools.lru_cache(maxsize=4)
    def order(epoch: int) -> np.ndarray:
        return np.random.Generator(np.random.Philox(_seeds(seed, epoch))).permutation(count)

    def rows(step: np.int64) -> np.ndarray:
        positions = step * batch_size + start + np.arange(share)
        epochs, places = np.divmod(positions, count)
        touched = range(int(epochs[0]), int(epochs[-1]) + 1)
        return np.concatenate([order(epoch)[places[epochs == epoch]] for epoch in touched])

    def make(step: tf.Tensor) -> Batch:
        batch = _gather(data, rows, step, share)
        if flip:
            flip_seed = tf.random.fold_in(tf.constant([seed, _FLIP], tf.int64), step)
            chosen = tf.random.stateless_uniform([batch_size], flip_seed)[start : start + share] < 0.5
            image = batch["image"]
            batch["image"] = tf.where(chosen[:, None, None, None], tf.reverse(image, [2]), image)
        return _to_float(batch)

    return _finish(tf.data.Dataset.counter(start=first_step), make)


def ordered(data: ImageSet, batch_size: int, limit: int | None = None) -> tf.data.Dataset:
    """The set once, in its own order, in batches like those of ``batches``; the last may be smaller.

    Args:
        data: the pictures.
        batch_size: of all batches but the last.
        limit: only so many pictures from the beginning.
    """
    count = min(len(data.images), limit or len(data.images))

    def make(start: tf.Tensor) -> Batch:
        return _to_float(_gather(data, lambda start: slice(start, min(start + batch_size, count)), start, None))

    return _finish(tf.data.Dataset.range(0, count, batch_size), make)


_FLIP = 1


def _seeds(seed: int, epoch: int) -> np.random.SeedSequence:
    return np.random.SeedSequence([seed % 2**64, epoch])


def _gather(data: ImageSet, rows: Callable[[np.int64], np.ndarray | slice], step: tf.Tensor, size: int | None) -> Batch:
    """Rows of every array, taken from disk when they are needed, so that memory does not grow with the set."""
    arrays = {"image": data.images, "label": data.labels, "attributes": data.attributes}
    arrays = {name: array for name, array in arrays.items() if array is not None}

    def read(step: np.int64) -> list[np.ndarray]:
        chosen = rows(step)
        return [np.asarray(array[chosen]) for array in arrays.values()]

    types = [tf.as_dtype(array.dtype) for array in arrays.values()]
    values = tf.numpy_function(read, [step], types, stateful=False)
    for value, array in zip(values, arrays.values(), strict=True):
        value.set_shape((size, *array.shape[1:]))
    return dict(zip(arrays, values, strict=True))


def _to_float(batch: Batch) -> Batch:
    batch["image"] = tf.cast(batch["image"], tf.float32) / 127.5 - 1
    if "attributes" in batch:
        batch["attributes"] = tf.cast(batch["attributes"], tf.float32)
    return batch


def _finish(steps: tf.data.Dataset, make: Callable[[tf.Tensor], Batch]) -> tf.data.Dataset:
    options = tf.data.Options()
    options.deterministic = True
    # Every worker already makes its own part.
    options.experimental_distribute.auto_shard_policy = tf.data.experimental.AutoShardPolicy.OFF
    return steps.map(make).prefetch(tf.data.AUTOTUNE).with_options(options)

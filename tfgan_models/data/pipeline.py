"""Batches as a pure function of (seed, step).

Everything runs in TensorFlow's graph on memory-mapped arrays. A Python function in a dataset would be shorter, but its
threads can wait for an interpreter that is exiting, and then the process hangs.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from typing import Any

import numpy as np
import tensorflow as tf

from tfgan_models.data.encoded import EncodedImages
from tfgan_models.data.image_set import ImageSet
from tfgan_models.errors import InputError
from tfgan_models.seeds import fold_in, shuffle

Batch = dict[str, tf.Tensor]

_PREFETCH = 4

# AutoGraph would take 0.4 s at a run's start, and would rewrite nothing in these functions.
without_autograph = tf.autograph.experimental.do_not_convert


def batches(
    data: ImageSet,
    batch_size: int,
    *,
    seed: int,
    first_step: int = 0,
    flip: bool = False,
    context: tf.distribute.InputContext | None = None,
    stream: int = 0,
) -> tf.data.Dataset:
    """Endless batches in random order. Each epoch is a new permutation of the set; a batch may span several epochs.

    Batch k does not depend on the batches before it, so a resumed run starts at batch k directly.

    Args:
        data: the images.
        batch_size: size of the global batch.
        seed: seed of the order and of the flips.
        first_step: the step to start at.
        flip: mirror each image left to right with probability ½, independently at each step.
        context: input context of a worker that feeds its own replicas; it gets its equal part of each global batch.
        stream: number of the stream; streams with different numbers have independent orders and flips.

    Returns:
        ``{"image": float32 [b, h, w, c] in [-1, 1]}`` and, if the set has them, ``"label"``: int32 ``[b]`` and
        ``"attributes"``: float32 ``[b, k]`` in {0, 1}.

    Raises:
        InputError: the batch size is not positive or cannot be divided among the workers.
    """
    worker, workers = (context.input_pipeline_id, context.num_input_pipelines) if context else (0, 1)
    if batch_size < 1 or batch_size % workers:
        raise InputError(
            f"a batch size of {batch_size} is not possible with {workers} workers: choose a multiple of {workers}"
        )
    share = batch_size // workers
    local = slice(worker * share, (worker + 1) * share)

    read = _reader(data)

    def make(rows: tf.Tensor, step: tf.Tensor) -> Batch:
        batch = read(rows[local])
        if flip:
            mirrored = tf.random.stateless_uniform([batch_size], _seed(seed, stream, "flip", step)) < 0.5
            image = batch["image"]
            batch["image"] = tf.where(mirrored[local, None, None, None], tf.reverse(image, [2]), image)
        return _to_float(batch)

    rows = _order(len(data.images), batch_size, seed, stream, first_step)
    steps = tf.data.Dataset.zip(rows, tf.data.Dataset.counter(start=first_step))
    return _finish(steps.map(without_autograph(make), _parallel_calls(data)))


def ordered(data: ImageSet, batch_size: int, limit: int | None = None) -> tf.data.Dataset:
    """Batches of the set once, in its stored order, like those of ``batches``; the last batch may be smaller.

    Args:
        data: the images.
        batch_size: size of all batches but the last.
        limit: stop after this many images.
    """
    count = len(data.images) if limit is None else min(limit, len(data.images))
    read = _reader(data)
    rows = tf.data.Dataset.range(count).batch(batch_size)
    return _finish(rows.map(without_autograph(lambda rows: _to_float(read(rows))), _parallel_calls(data)))


def _order(count: int, batch_size: int, seed: int, stream: int, first_step: int) -> tf.data.Dataset:
    """Rows of each batch from the first step on, int64 ``[batch_size]``.

    Each epoch begins with a complete permutation: tf.random.experimental.index_shuffle would give single rows, but its
    permutations for successive seeds resemble each other.
    """
    first_epoch, start = divmod(first_step * batch_size, count)

    def permutation(epoch: tf.Tensor) -> tf.Tensor:
        rows = shuffle(tf.range(count, dtype=tf.int64), _seed(seed, stream, "order", epoch))
        return rows[tf.where(epoch == first_epoch, tf.constant(start, tf.int64), 0) :]

    epochs = tf.data.Dataset.counter(start=first_epoch).map(without_autograph(permutation))
    return epochs.rebatch(batch_size, drop_remainder=True)


def _seed(seed: int, stream: int, purpose: str, number: tf.Tensor) -> tf.Tensor:
    purposes = {"order": 0, "flip": 1}
    return fold_in(tf.constant([seed, 2 * stream + purposes[purpose]], tf.int64), number)


def _reader(data: ImageSet) -> Callable[[tf.Tensor], Batch]:
    """Return a function that reads the rows ``[b]`` of a set."""
    arrays: dict[str, Any] = {"image": data.images, "label": data.labels, "attributes": data.attributes}
    with tf.device("CPU:0"):
        decode = _decoder(images) if isinstance(images := arrays["image"], EncodedImages) else None
        if decode is not None:
            del arrays["image"]
        tensors = {name: _tensor(array) for name, array in arrays.items() if array is not None}

    def read(rows: tf.Tensor) -> Batch:
        batch = {} if decode is None else {"image": decode(rows)}
        return batch | {name: tf.gather(tensor, rows) for name, tensor in tensors.items()}

    return read


def _decoder(images: EncodedImages) -> Callable[[tf.Tensor], tf.Tensor]:
    """Return a function that decodes the rows ``[b]`` of encoded images."""
    content = _tensor(images.content)
    starts, ends = map(tf.constant, images.bounds())

    def decode(row: tf.Tensor) -> tf.Tensor:
        size = ends[row] - starts[row]
        # TensorFlow has no conversion of bytes to a string. A serialized tensor ends with its bytes.
        serialized = tf.io.serialize_tensor(tf.slice(content, [starts[row]], [size]))
        file = tf.strings.substr(serialized, -size, size)
        return tf.ensure_shape(tf.io.decode_png(file, images.shape[3]), images.shape[1:])

    signature = tf.TensorSpec(images.shape[1:], tf.uint8)
    return lambda rows: tf.map_fn(decode, rows, fn_output_signature=signature)


def _parallel_calls(data: ImageSet) -> int | None:
    """Number of batches that are made at the same time: several if images have to be decoded."""
    return tf.data.AUTOTUNE if isinstance(data.images, EncodedImages) else None


def _tensor(array: np.ndarray) -> tf.Tensor:
    """Convert an array to a tensor, which shares the memory of a memory-mapped array and copies any other."""
    if not isinstance(array, np.memmap) or array.ctypes.data % 64 or not array.flags.c_contiguous:
        return tf.constant(array)
    # DLPack rejects read-only arrays, so it gets a writable view of the same memory, which TensorFlow does not write.
    memory: Any = (ctypes.c_uint8 * array.nbytes).from_address(array.ctypes.data)
    memory.owner = array
    view = np.frombuffer(memory, array.dtype).reshape(array.shape)
    return tf.experimental.dlpack.from_dlpack(view.__dlpack__())


def _to_float(batch: Batch) -> Batch:
    batch["image"] = tf.cast(batch["image"], tf.float32) / 127.5 - 1
    if "attributes" in batch:
        batch["attributes"] = tf.cast(batch["attributes"], tf.float32)
    return batch


def _finish(dataset: tf.data.Dataset) -> tf.data.Dataset:
    options = tf.data.Options()
    options.deterministic = True
    # To optimize its graph a dataset copies all captured tensors: here the complete set, into memory.
    options.experimental_optimization.apply_default_optimizations = False
    # Every worker already reads only its own part.
    options.experimental_distribute.auto_shard_policy = tf.data.experimental.AutoShardPolicy.OFF
    return dataset.prefetch(_PREFETCH).with_options(options)

"""Calls of a loaded signature in parts, so that the memory for any number of images is bounded."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

import numpy as np
import tensorflow as tf

BLOCK = 128  # samples that are drawn by one call of a signature, with one seed

Function = Callable[..., dict[str, tf.Tensor]]


def draw(sample: Function, count: tf.Tensor, seed: tf.Tensor, **further: tf.Tensor) -> Iterator[dict[str, np.ndarray]]:
    """Yield blocks of samples, of which all but the last have 128. ``further`` are the signature's other inputs."""
    for start in range(0, int(count), BLOCK):
        size, block_seed = min(BLOCK, int(count) - start), _block_seed(int(seed), start // BLOCK)
        yield arrays(sample(count=tf.constant(size), seed=tf.constant(block_seed), **further))


def in_blocks(function: Function, tensors: Mapping[str, tf.Tensor]) -> Iterator[dict[str, np.ndarray]]:
    """Yield the outputs for at most 128 rows of the inputs at a time; inputs without rows are given once."""
    count = len(next(iter(tensors.values())))
    for start in range(0, max(1, count), BLOCK):
        yield arrays(function(**{name: tensor[start : start + BLOCK] for name, tensor in tensors.items()}))


def arrays(outputs: dict[str, tf.Tensor]) -> dict[str, np.ndarray]:
    """The outputs of a signature as arrays."""
    return {name: value.numpy() for name, value in outputs.items()}


def joined(parts: list[dict[str, np.ndarray]]) -> dict[str, np.ndarray]:
    """The outputs of several calls as those of one."""
    return parts[0] if len(parts) == 1 else {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def _block_seed(seed: int, block: int) -> int:
    """Seed of a block of samples, an int32; of the first block it is the seed itself."""
    if block == 0:
        return seed
    # As an unsigned number, because a seed may be negative and SeedSequence takes none that is.
    return int(np.random.SeedSequence([seed % 2**32, block]).generate_state(1)[0] >> 1)

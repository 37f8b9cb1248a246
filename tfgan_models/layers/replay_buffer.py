"""A buffer of the last examples."""

from __future__ import annotations

from collections.abc import Sequence

import keras
import tensorflow as tf

from tfgan_models.layers.replicas import replica


class ReplayBuffer(keras.layers.Layer):
    """The last examples of one or several tensors, as float32. The newest ones replace the oldest ones.

    It is a layer so that a model with it as an attribute saves its state: the examples, and how many have been written.
    With several replicas each holds the examples of all, in the order of the global batch.

    Args:
        size: number of examples.
        shapes: shape of an example of each tensor.
    """

    def __init__(self, size: int, shapes: Sequence[tuple[int, ...]], **kwargs):
        super().__init__(**kwargs)
        self.size = size
        options = {"initializer": "zeros", "trainable": False, "aggregation": "only_first_replica"}
        self.past = [
            self.add_weight(name=f"past_{i}", shape=(size, *shape), dtype="float32", autocast=False, **options)
            for i, shape in enumerate(shapes)
        ]
        self.written = self.add_weight(name="past_written", shape=(), dtype="int64", **options)
        self.built = True

    def mix(self, tensors: Sequence[tf.Tensor], share: float, uniform: tf.Tensor) -> list[tf.Tensor]:
        """Replace some rows of tensors by examples from the buffer; none while it is empty.

        Args:
            tensors: ``[n, ...]`` each; a row of all of them is one example.
            share: probability with which an example is replaced.
            uniform: uniform draws, ``[n, 2]``: whether an example is replaced, and by which one.
        """
        filled = tf.cast(tf.minimum(self.written.value, self.size), tf.float32)
        replaced = (uniform[:, 0] < share) & (filled > 0)
        # A uniform number below 1 in float32, times the number of examples, never rounds to that number.
        indices = tf.cast(uniform[:, 1] * filled, tf.int32)
        mixed = []
        for past, tensor in zip(self.past, tensors, strict=True):
            examples = tf.cast(tf.gather(past.value, indices), tensor.dtype)
            mixed.append(tf.where(tf.reshape(replaced, [-1] + [1] * (len(tensor.shape) - 1)), examples, tensor))
        return mixed

    def write(self, tensors: Sequence[tf.Tensor]) -> None:
        """Write the examples of all replicas, and forget as many of the oldest ones."""
        context = tf.distribute.get_replica_context()
        blocks = [tf.cast(tensor, tf.float32) for tensor in tensors]
        if replica().count > 1:
            blocks = [context.all_gather(block, axis=0) for block in blocks]
        blocks = [block[-self.size :] for block in blocks]
        count = tf.shape(blocks[0], tf.int64)[0]
        indices = (self.written.value + tf.range(count)) % self.size

        def scatter(strategy: tf.distribute.Strategy, indices, blocks) -> None:
            """Write in place. An assignment would copy the whole buffer."""
            for past, block in zip(self.past, blocks, strict=True):
                strategy.extended.update(
                    past.value,
                    lambda v, indices, block: v.scatter_nd_update(indices[:, None], block),
                    args=(indices, block),
                    group=False,
                )

        context.merge_call(scatter, args=(indices, blocks))
        self.written.assign_add(count)

"""Imports of all scripts, for the server that they are forked from.

Nothing here may start a thread of TensorFlow, because a fork would not have it.
"""

import matplotlib.figure
import PIL.Image
import sklearn.datasets
import tensorflow as tf
import tensorflow_datasets as tfds
import tensorflow_probability as tfp
import tyro  # noqa: F401

import tfgan_models.callbacks.health
import tfgan_models.callbacks.pictures
import tfgan_models.data.sources
import tfgan_models.export
import tfgan_models.metrics.evaluate  # noqa: F401

# These are imported when they are first used.
LAZY = (
    tf.keras,
    tf.summary.scalar,
    tfp.distributions.Normal,
    tfds.core.GeneratorBasedBuilder,
    matplotlib.figure,
    sklearn.datasets,
)
PIL.Image.preinit()

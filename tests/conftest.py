"""Two virtual processors for every test that distributes, set before TensorFlow starts."""

import os
from collections.abc import Iterator

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")  # as in the command-line programs, whose results tests compare
if "PYTEST_XDIST_WORKER" in os.environ:  # a process for each core: more threads would only wait for one another
    for name in ("TF_NUM_INTRAOP_THREADS", "OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"):
        os.environ.setdefault(name, "1")

import keras
import pytest
import tensorflow as tf

from tfgan_models.data.utils import set_verbose
from tfgan_models.keras_private import reset_names

tf.config.set_logical_device_configuration(
    tf.config.list_physical_devices("CPU")[0], [tf.config.LogicalDeviceConfiguration()] * 2
)


pytest_plugins = ["tests.tiers", "tests.shared", "tests.browser"]


@pytest.fixture(autouse=True)
def names_begin_anew() -> None:
    """Layers that a test makes have the same names wherever it runs, but may share them with those of wider fixtures.

    TensorFlow orders some sums by names, so that weights of ``dense_9`` and ``dense_10`` can differ by rounding from
    those of ``dense_1`` and ``dense_2``.
    """
    reset_names()


@pytest.fixture(autouse=True)
def weights_begin_alike() -> None:
    """Initial weights without a seed are the same wherever a test runs, except those of wider fixtures."""
    keras.utils.set_random_seed(0)


@pytest.fixture(autouse=True)
def float32_afterwards() -> Iterator[None]:
    """A script that is run in the tests' process sets the precision of the run, and leaves it so."""
    yield
    keras.config.set_dtype_policy("float32")


@pytest.fixture(autouse=True)
def progress_lines_afterwards() -> Iterator[None]:
    """A run in the tests' process sets what progress prints, as long as the process lives."""
    yield
    set_verbose(1)


@pytest.fixture(scope="session")
def two_devices() -> tf.distribute.Strategy:
    """One strategy for all tests: TensorFlow numbers collectives per process, and a second one would count anew."""
    return tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"])

"""Two virtual processors for every test that distributes, set before TensorFlow starts."""

import os
from collections import Counter
from collections.abc import Iterator

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")

import keras
import pytest
import tensorflow as tf

tf.config.set_logical_device_configuration(
    tf.config.list_physical_devices("CPU")[0], [tf.config.LogicalDeviceConfiguration()] * 2
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The files with the most slow tests first, so that no process is left alone with one of them at the end."""
    slow = Counter(item.path for item in items if item.get_closest_marker("slow"))
    items.sort(key=lambda item: -slow[item.path])


@pytest.fixture(autouse=True)
def float32_afterwards() -> Iterator[None]:
    """A script that is run in the tests' process sets the precision of the run, and leaves it so."""
    yield
    keras.config.set_dtype_policy("float32")


@pytest.fixture(scope="session")
def two_devices() -> tf.distribute.Strategy:
    """One strategy for all tests: TensorFlow numbers collectives per process, and a second one would count anew."""
    return tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"])

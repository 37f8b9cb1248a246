"""Import of TensorFlow and Keras, with the settings of the package and without messages at the start."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

from tfgan_models import keras_settings


def import_tensorflow() -> None:
    """Import TensorFlow and Keras with the settings of this package, and drop what they write to standard error.

    TensorFlow writes about missing GPUs and instruction sets before any setting can silence it, and would add four
    lines to an error of one line. If the user has set TF_CPP_MIN_LOG_LEVEL, nothing is dropped.

    Raises:
        InputError: the user's ``keras.json`` has values that Keras does not know.
    """
    keras_settings.prepare()
    # TensorFlow itself chooses the kernels of oneDNN only on processors with instructions for neural networks, such as
    # AVX-512 VNNI. On those with AVX2 alone they are up to twice as fast as TensorFlow's own.
    os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")
    with _quiet():
        import tensorflow

        tensorflow.config.list_physical_devices()
        keras_settings.apply()


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Drop what is written to standard error, unless the user has set how much TensorFlow writes there."""
    if "TF_CPP_MIN_LOG_LEVEL" in os.environ:
        yield
        return
    if not Path("/dev/nvidiactl").exists():
        os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
    stderr_copy, devnull = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    os.dup2(devnull, 2)
    try:
        yield
    finally:
        os.dup2(stderr_copy, 2)
        os.close(stderr_copy)
        os.close(devnull)

"""Import of TensorFlow without its messages at the start."""

from __future__ import annotations

import os
from pathlib import Path


def import_tensorflow() -> None:
    """Import TensorFlow, and drop what its libraries write to standard error in the meantime.

    TensorFlow writes about missing GPUs and instruction sets before any setting can silence it, and would add four
    lines to an error of one line. If the user has set TF_CPP_MIN_LOG_LEVEL, nothing is dropped.
    """
    if "TF_CPP_MIN_LOG_LEVEL" in os.environ:
        import tensorflow

        return
    if not Path("/dev/nvidiactl").exists():
        os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
    stderr_copy, devnull = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    os.dup2(devnull, 2)
    try:
        import tensorflow

        tensorflow.config.list_physical_devices()
    finally:
        os.dup2(stderr_copy, 2)
        os.close(stderr_copy)
        os.close(devnull)

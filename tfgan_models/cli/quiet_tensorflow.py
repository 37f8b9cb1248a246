"""Import TensorFlow without the lines that it writes on every start."""

from __future__ import annotations

import os
from pathlib import Path


def import_tensorflow() -> None:
    """Import TensorFlow; what its libraries write on standard error meanwhile is dropped.

    It says that it found no GPU and which instructions it uses, before any of its own settings can silence it, so that
    a message of one line would come as five. With TF_CPP_MIN_LOG_LEVEL set by the user nothing is dropped.
    """
    if "TF_CPP_MIN_LOG_LEVEL" in os.environ:
        import tensorflow

        return
    if not Path("/dev/nvidiactl").exists():
        os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
    kept, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    try:
        import tensorflow

        tensorflow.config.list_physical_devices()
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)

"""The settings of Keras that the package needs, whatever a user's ``keras.json`` and environment say.

A command sets them for its own process. In a process of the user the package changes no setting, and models refuse what
they cannot work with.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

from tfgan_models.errors import InputError

BACKEND, FLOATX, IMAGE_DATA_FORMAT, EPSILON = "tensorflow", "float32", "channels_last", 1e-7
KNOWN = {"floatx": ("float16", "float32", "float64"), "image_data_format": ("channels_last", "channels_first")}
LIMITS = ("KERAS_MAX_EPOCHS", "KERAS_MAX_STEPS_PER_EPOCH")  # variables that would cut a training short


def prepare() -> None:
    """Choose the backend of this process, in which Keras is not imported yet, and say so if the user has another.

    Raises:
        InputError: the user's ``keras.json`` has values with which neither TensorFlow nor Keras can be imported.
    """
    _check_file(Path(os.environ.get("KERAS_HOME") or "~/.keras").expanduser() / "keras.json")
    backend = os.environ.get("KERAS_BACKEND") or BACKEND
    if backend != BACKEND:
        print(f"keras:       KERAS_BACKEND={backend} is not used, this package needs {BACKEND}", file=sys.stderr)
    os.environ["KERAS_BACKEND"] = BACKEND  # which goes before keras.json
    for name in LIMITS:
        if value := os.environ.pop(name, None):
            print(f"keras:       {name}={value} is not used, give --epochs or --steps_per_epoch", file=sys.stderr)


def _check_file(path: Path) -> None:
    """Refuse a ``keras.json`` whose values end the import of Keras in an assertion."""
    try:
        settings = json.loads(path.read_text())
    except (OSError, ValueError):
        return  # Keras ignores such a file
    if not isinstance(settings, dict):
        raise InputError(f"{path}: it holds no names and values: correct the file or remove it")
    for name, known in KNOWN.items():
        if settings.get(name, known[0]) not in known:
            choices = " or ".join(known)
            raise InputError(f"{path}: {name} {settings[name]!r} is unknown: give {choices}, or remove the file")
    if not isinstance(settings.get("epsilon", EPSILON), float):
        raise InputError(
            f"{path}: epsilon {settings['epsilon']!r}: give a number such as {EPSILON}, or remove the file"
        )


def apply() -> None:
    """Import Keras and set what the package needs for this process."""
    import keras

    keras.config.set_floatx(FLOATX)
    keras.config.set_epsilon(EPSILON)
    keras.config.set_image_data_format(IMAGE_DATA_FORMAT)
    keras.config.set_dtype_policy(FLOATX)


def check() -> None:
    """Refuse a process whose settings of Keras would make other models, or none.

    Raises:
        InputError: says which setting it is, and how to change it.
    """
    import keras

    for name, value, needed in (
        ("backend", keras.config.backend(), BACKEND),
        ("image_data_format", keras.config.image_data_format(), IMAGE_DATA_FORMAT),
        ("floatx", keras.config.floatx(), FLOATX),
    ):
        if value != needed:
            remedy = (
                f"set KERAS_BACKEND={needed} before keras is imported"
                if name == "backend"
                else f"call keras.config.set_{name}({needed!r}) first, or correct keras.json"
            )
            raise InputError(f"Keras' {name} is {value!r}, and models of this package need {needed!r}: {remedy}")

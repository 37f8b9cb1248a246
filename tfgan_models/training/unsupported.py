"""One-line errors of operations that XLA cannot compile, or that have no deterministic form."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator

import tensorflow as tf

from tfgan_models.errors import InputError
from tfgan_models.training.flags import Training

KINDS = (tf.errors.InvalidArgumentError, tf.errors.UnimplementedError, tf.errors.InternalError)


@contextlib.contextmanager
def one_line_if_unsupported(training: Training) -> Iterator[None]:
    """Turn the errors of ``--jit`` and ``--deterministic`` into one line.

    Args:
        training: the flags of the run.

    Raises:
        InputError: XLA cannot compile the training step, or an operation has no deterministic form.
    """
    try:
        yield
    except KINDS as error:
        message = str(error)
        if training.jit and "xla" in message.lower():
            operations = sorted(set(re.findall(r"No registered '(\w+)'", message)))
            what = " and ".join(operations) or "the training step"
            raise InputError(f"--jit: XLA cannot compile {what} on these devices, leave it out", "jit") from error
        if training.deterministic and "determinis" in message.lower():
            raise InputError(
                f"--deterministic: an operation has no deterministic form on these devices, leave it out: "
                f"{message.splitlines()[0]}",
                "deterministic",
            ) from error
        raise

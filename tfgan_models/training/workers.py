"""One-line errors of the other workers when one worker has stopped."""

from __future__ import annotations

import contextlib
import json
import os
import re
from collections.abc import Iterator

import tensorflow as tf

from tfgan_models.errors import WorkerStopped

TASK = re.compile(r"/job:(\w+)(?:/replica:\d+)?/task:(\d+)")
# Errors of operations over all workers, and of the heartbeats between them.
KINDS = (
    tf.errors.UnavailableError,
    tf.errors.AbortedError,
    tf.errors.InternalError,
    tf.errors.DeadlineExceededError,
    tf.errors.CancelledError,
    tf.errors.FailedPreconditionError,
)
SIGNS = (
    "Collective ops is aborted",
    "coordination",
    "heartbeat",
    "remote target",
    "CollectiveReduce",
    "CollectiveGather",
)


@contextlib.contextmanager
def one_line_if_another_stops(strategy: str) -> Iterator[None]:
    """Turn the errors that follow when another worker has stopped into one line that names it.

    Args:
        strategy: the flag ``--strategy``.

    Raises:
        WorkerStopped: another worker has stopped.
    """
    try:
        yield
    except KINDS as error:
        message = str(error)
        if strategy != "multi_worker" or not any(sign.lower() in message.lower() for sign in SIGNS):
            raise
        name = stopped(message, os.environ.get("TF_CONFIG", ""))
        raise WorkerStopped(
            f"{name} has stopped, and its own output says why: run the same command on all workers to resume from the "
            "last checkpoint"
        ) from error


def stopped(message: str, config: str) -> str:
    """The worker that an error of TensorFlow blames, with its address; ``another worker`` if it blames none.

    Args:
        message: of the error, which names this worker, too.
        config: the JSON text of TF_CONFIG, as ``devices.cluster_addresses`` has checked it.
    """
    try:
        cluster, task = (json.loads(config)[name] for name in ("cluster", "task"))
        this = task["type"], int(task["index"])
    except (ValueError, KeyError, TypeError):
        cluster, this = {}, None
    tasks = [(job, int(index)) for job, index in TASK.findall(message)]
    others = [task for task in tasks if task != this]
    if not others:
        return "another worker"
    job, index = others[0]
    addresses = cluster.get(job, [])
    where = f" at {addresses[index]}" if index < len(addresses) else ""
    return f"{job} {index}{where}"

"""Worker processes for groups of tasks. A worker takes a whole group, so that it traces a model only once."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import Any, TypeVar

from tfgan_models.errors import RunFailed

T = TypeVar("T")
R = TypeVar("R")


def run_tasks(
    groups: Iterable[Sequence[T]],
    perform: Callable[[T], R],
    on_result: Callable[[T, R], Any],
    workers: int,
    prepare: Callable[[], Any],
) -> None:
    """Perform all tasks in worker processes.

    Args:
        groups: groups of tasks. A worker performs a whole group in order and then takes the next one.
        perform: performs a task. It and the tasks have to be picklable.
        on_result: called with each task and its result as soon as the result exists, never twice at the same time.
        workers: the number of processes.
        prepare: called first in each worker. A worker has one computing thread and no GPU, because the networks are too
            small to profit from more.

    Raises:
        RunFailed: a worker was killed.
    """
    waiting, result_lock = deque(groups), threading.Lock()
    spawn = multiprocessing.get_context("spawn")  # TensorFlow does not survive a fork

    def serve() -> None:
        try:
            with ProcessPoolExecutor(1, spawn, initializer=_initialize_worker, initargs=(prepare,)) as worker:
                while waiting:
                    for task in waiting.popleft():
                        result = worker.submit(perform, task).result()
                        with result_lock:
                            on_result(task, result)
        except BaseException:
            waiting.clear()  # so that the other workers end after their present group
            raise

    with ThreadPoolExecutor(workers) as threads:
        for future in [threads.submit(serve) for _ in range(workers)]:
            try:
                future.result()
            except BrokenProcessPool:
                raise RunFailed("a worker process was killed: run the same command to resume") from None


def _initialize_worker(prepare: Callable[[], Any]) -> None:
    """Give the worker one thread and no GPU, and let it exit with its parent."""
    exit_with_parent()
    os.environ |= {"TF_NUM_INTRAOP_THREADS": "1", "TF_NUM_INTEROP_THREADS": "1", "CUDA_VISIBLE_DEVICES": "-1"}
    prepare()


def exit_with_parent() -> None:
    """Make this process exit when its parent does, however the parent ends, and ignore Ctrl-C."""

    def wait() -> None:
        parent = multiprocessing.parent_process()
        if parent is None:  # this process was not started by multiprocessing
            return
        parent.join()
        os._exit(1)

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=wait, daemon=True).start()

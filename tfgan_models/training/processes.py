"""Worker processes that do groups of tasks, each worker a whole group, so that it traces a model once."""

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


def work(
    groups: Iterable[Sequence[T]],
    perform: Callable[[T], R],
    done: Callable[[T, R], Any],
    workers: int,
    prepare: Callable[[], Any],
) -> None:
    """Perform all tasks in worker processes.

    Args:
        groups: of tasks; a worker does all of a group, in order, then takes the next group.
        perform: does a task; it and the tasks must be picklable.
        done: called with each task and its result as soon as it is there, never twice at the same time.
        workers: how many.
        prepare: called first in each worker, which has one thread for computing and no GPU: the networks are so small
            that more would only cost time.

    Raises:
        RunFailed: a worker was killed.
    """
    waiting, one_at_a_time = deque(groups), threading.Lock()
    spawn = multiprocessing.get_context("spawn")  # TensorFlow does not survive a fork

    def serve() -> None:
        try:
            with ProcessPoolExecutor(1, spawn, initializer=_begin, initargs=(prepare,)) as worker:
                while waiting:
                    for task in waiting.popleft():
                        result = worker.submit(perform, task).result()
                        with one_at_a_time:
                            done(task, result)
        except BaseException:
            waiting.clear()  # the others finish their group and end
            raise

    with ThreadPoolExecutor(workers) as threads:
        for ended in [threads.submit(serve) for _ in range(workers)]:
            try:
                ended.result()
            except BrokenProcessPool:
                raise RunFailed("a worker process was killed: run the same command to go on") from None


def _begin(prepare: Callable[[], Any]) -> None:
    """Set a worker up; it ends with its parent, however that ends, and leaves Ctrl-C to it."""
    end_with_parent()
    os.environ |= {"TF_NUM_INTRAOP_THREADS": "1", "TF_NUM_INTEROP_THREADS": "1", "CUDA_VISIBLE_DEVICES": "-1"}
    prepare()


def end_with_parent() -> None:
    """Let this process end when its parent does, however that ends, and leave Ctrl-C to it."""

    def wait() -> None:
        parent = multiprocessing.parent_process()
        if parent is None:  # no process of ours has started this one
            return
        parent.join()
        os._exit(1)

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=wait, daemon=True).start()

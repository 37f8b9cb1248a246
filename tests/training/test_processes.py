"""Worker processes: all is done once, and a worker that dies or fails is told."""

from __future__ import annotations

import os

import pytest

from tfgan_models.errors import RunFailed
from tfgan_models.training.processes import run_tasks


def nothing() -> None:
    """Needs no preparation."""


def where(task: int) -> tuple[int, int, str]:
    return task, os.getpid(), os.environ["TF_NUM_INTRAOP_THREADS"]


def die(task: int) -> None:
    os._exit(9)


def fail(task: int) -> None:
    raise ZeroDivisionError(task)


def test_each_task_is_done_once_and_a_group_by_one_worker():
    seen = []
    run_tasks([[1, 2, 3], [4, 5, 6], [7]], where, lambda task, result: seen.append((task, *result)), 2, nothing)
    assert sorted(task for task, *_ in seen) == [1, 2, 3, 4, 5, 6, 7]
    assert all(task == answered and threads == "1" for task, answered, _, threads in seen)
    process = {task: number for task, _, number, _ in seen}
    for group in ((1, 2, 3), (4, 5, 6)):
        assert len({process[task] for task in group}) == 1
    assert os.getpid() not in process.values()


def test_a_worker_that_dies_ends_the_work_in_one_line():
    with pytest.raises(RunFailed, match="a worker process was killed: run the same command to resume"):
        run_tasks([[1], [2]], die, lambda *_: None, 1, nothing)


def test_a_defect_keeps_its_error():
    with pytest.raises(ZeroDivisionError):
        run_tasks([[1], [2]], fail, lambda *_: None, 1, nothing)

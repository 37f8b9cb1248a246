"""The two tiers of tests: fast ones, and those marked ``slow``.

``make test`` runs the fast tier, which has one instance of each proof. ``make test-all`` runs both.
"""

from __future__ import annotations

import resource
from collections import Counter
from collections.abc import Collection, Generator, Iterable
from typing import Any

import pytest

BEFORE = pytest.StashKey[float]()  # seconds of work before a test
elsewhere = 0.0  # seconds of work of processes that are not children of this one
# A test of the fast tier may take this long, and where a machine is slow, as long as so many starts of TensorFlow.
SECONDS, STARTS = 10.0, 2.5


def tiered(cases: Iterable[Any], fast: Collection[Any]) -> list:
    """Parameters of a test: the cases in ``fast`` as they are, all others marked ``slow``.

    Args:
        cases: each one value, or a tuple of several.
        fast: those that are an instance of the proof in the fast tier.
    """
    cases = list(cases)
    for case in fast:
        if case not in cases:
            raise ValueError(f"no such case: {case}")
    values = [case if isinstance(case, tuple) else (case,) for case in cases]
    marks = [() if case in fast else pytest.mark.slow for case in cases]
    return [pytest.param(*v, marks=m) for v, m in zip(values, marks, strict=True)]


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add ``--fast-limit``."""
    parser.addoption(
        "--fast-limit",
        type=float,
        default=max(SECONDS, STARTS * START),
        metavar="SECONDS",
        help="a test that takes longer and is not marked slow fails "
        f"(default: {SECONDS:g}, or {STARTS:g} times as long as TensorFlow takes to start)",
    )


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Start with the files that have the most slow tests, so that none of them begins last."""
    slow = Counter(item.path for item in items if item.get_closest_marker("slow"))
    items.sort(key=lambda item: -slow[item.path])


def count_seconds(seconds: float) -> None:
    """Count the work of a process that is not a child of this one, for the test that runs now."""
    global elsewhere
    elsewhere += seconds


def seconds_of_work() -> float:
    """Seconds of a processor's time: of this process, its children that have ended, and others that were counted."""
    usages = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return elsewhere + sum(usage.ru_utime + usage.ru_stime for usage in usages)


START = seconds_of_work()  # until here, tests/conftest.py imported TensorFlow and little else was done


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, None, None]:
    """Note how much was done before the test."""
    item.stash[BEFORE] = seconds_of_work()
    yield


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Fail a test of the fast tier that takes too long.

    Its own work counts, and that of the scripts that it ran to their end. Other programs that keep the processors busy
    do not make it slow, unless it takes three times as long. The setup of fixtures does not count, as tests share it.
    """
    report = yield
    limit = item.config.getoption("--fast-limit")
    if report.when != "call" or not report.passed or item.get_closest_marker("slow"):
        return report
    taken = max(min(call.duration, seconds_of_work() - item.stash[BEFORE]), call.duration / 3)
    if taken > limit:
        report.outcome = "failed"
        report.longrepr = (
            f"{item.nodeid} took {taken:.1f} s, and a test of the fast tier takes at most {limit:g} s. Mark it with "
            "@pytest.mark.slow or make it faster, or run pytest with a larger --fast-limit."
        )
    return report

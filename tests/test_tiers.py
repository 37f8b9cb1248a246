"""The check that keeps slow tests out of the fast tier."""

from __future__ import annotations

import pytest

from tests import tiers

pytest_plugins = ["pytester"]

TESTS = """
import time
import pytest

def work():
    end = time.process_time() + 0.2
    while time.process_time() < end:
        pass

def test_fast():
    pass

def test_too_slow():
    work()

@pytest.mark.slow
def test_marked():
    work()

def test_that_waits_a_little():
    time.sleep(0.2)

def test_that_waits_for_long():
    time.sleep(0.4)

@pytest.fixture
def shared():
    work()

def test_with_a_slow_fixture(shared):
    pass
"""


def test_a_slow_test_without_its_mark_fails(pytester):
    pytester.makeini("[pytest]\nmarkers = slow: in the slow tier")
    pytester.makepyfile(TESTS)
    result = pytester.runpytest_inprocess("-p", "tests.tiers", "-p", "no:cacheprovider", "--fast-limit", "0.1")
    result.assert_outcomes(passed=4, failed=2)
    result.stdout.fnmatch_lines(["*test_too_slow took 0.2 s*Mark it with @pytest.mark.slow*"])


def test_the_limit_is_larger_where_tensorflow_starts_slowly(pytester, monkeypatch):
    monkeypatch.setattr(tiers, "SECONDS", 0.1)
    pytester.makeini("[pytest]\nmarkers = slow: in the slow tier")
    pytester.makepyfile(TESTS)
    for start, failed in ((0.01, 2), (0.4, 0)):
        monkeypatch.setattr(tiers, "START", start)
        result = pytester.runpytest_inprocess("-p", "tests.tiers", "-p", "no:cacheprovider")
        result.assert_outcomes(passed=6 - failed, failed=failed)


def test_cases_outside_the_fast_ones_are_marked():
    fast, slow = tiers.tiered(["vae", "gan"], {"vae"})
    assert (fast.values, [mark.name for mark in fast.marks]) == (("vae",), [])
    assert (slow.values, [mark.name for mark in slow.marks]) == (("gan",), ["slow"])
    assert [case.values for case in tiers.tiered([("gan", 1), ("vae", 2)], [("vae", 2)])] == [("gan", 1), ("vae", 2)]
    with pytest.raises(ValueError, match="no such case: wgan"):
        tiers.tiered(["vae", "gan"], {"wgan"})

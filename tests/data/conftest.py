"""Fixtures of all tests of data."""

import pytest

from tfgan_models.data import utils


@pytest.fixture(autouse=True)
def no_progress_lines(monkeypatch):
    """Leave out the line of each reading, so that tests see what else is printed."""
    monkeypatch.setattr(utils, "_verbose", 0)

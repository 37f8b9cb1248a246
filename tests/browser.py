"""Chromium, for the tests that open a page."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest


@pytest.fixture(scope="session")
def browser() -> Iterator:
    """Chromium. Without it these tests fail instead of being skipped, so that they cannot be forgotten.

    One fixture serves all tests: Playwright refuses to start twice in a process. A module that imported a fixture of
    another one would have a fixture of its own.
    """
    path = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if path is None:
        pytest.fail("these tests open a page in Chromium: install it, on Debian by apt-get install chromium")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield chromium
        chromium.close()

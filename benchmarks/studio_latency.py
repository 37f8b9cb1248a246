"""Time from the move of a slider of ``tfgan studio`` until the edited picture is in the page.

Run it with ``python -m benchmarks.studio_latency``. It opens the page in a browser that is installed, moves the slider
of an attribute step by step, and waits for the picture each time. The handler alone is timed in this process.
"""

from __future__ import annotations

import contextlib
import shutil
import statistics
import tempfile
import time
from collections.abc import Iterator

import tyro

from tfgan_models.cli import studio

MOVES = 30


@contextlib.contextmanager
def opened(flags: studio.StudioFlags) -> Iterator[str]:
    """Serve the page, and yield its address."""
    folder = tempfile.mkdtemp()
    try:
        yield studio.start(flags, folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def handler(flags: studio.StudioFlags) -> list[float]:
    """Milliseconds of the edit of one latent and its HTML."""
    from tfgan_models.studio import edit, html, sampling

    workspace = studio.load(flags)
    name, model = next(iter(workspace.models.items()))
    latent = sampling.draw(workspace, name, 0, 1)["latent"][0]
    times = []
    for move in range(MOVES):
        start = time.perf_counter()
        html.picture(edit.edited(model, latent, [move / MOVES]), "")
        times.append(1000 * (time.perf_counter() - start))
    return times[1:]  # the first call is traced


def in_the_browser(address: str, browser: str) -> list[float]:
    """Milliseconds from each press of a key on a slider until the picture has changed."""
    from playwright.sync_api import sync_playwright

    times = []
    with sync_playwright() as playwright:
        page = playwright.chromium.launch(executable_path=browser, args=["--no-sandbox"]).new_page()
        page.goto(address)
        page.get_by_role("tab", name="Edit", exact=True).click()
        page.wait_for_selector("#edited img")
        slider = page.locator("#edit_attributes input[type=range]").first
        for _ in range(MOVES):
            page.wait_for_timeout(300)
            before = page.get_attribute("#edited img", "src")
            start = time.perf_counter()
            slider.press("ArrowRight")
            page.wait_for_function("before => document.querySelector('#edited img').src != before", arg=before)
            times.append(1000 * (time.perf_counter() - start))
    return times[1:]


def main(model: str | None = None, browser: str = shutil.which("chromium") or "chromium") -> None:
    """Print both times.

    Args:
        model: folder of an export; the ready model by default.
        browser: path of Chromium.
    """
    flags = studio.StudioFlags(model=(model,) if model else ())
    with opened(flags) as address:
        for name, times in (("handler", handler(flags)), ("in the browser", in_the_browser(address, browser))):
            worst = statistics.quantiles(times, n=20)[-1]
            print(f"{name:15} median {statistics.median(times):4.0f} ms, 95 % below {worst:4.0f} ms")


if __name__ == "__main__":
    tyro.cli(main)

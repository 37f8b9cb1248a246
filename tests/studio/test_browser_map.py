"""The map of latents in a real browser, by mouse and by keys."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.studio.conftest import images, new_page, open_tab, opened
from tfgan_models import export
from tfgan_models.studio import latent_map
from tfgan_models.studio.workspace import Workspace

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]


def test_the_map_is_used_by_mouse_and_by_keys(browser, exported, tmp_path):
    path = exported("aae_informed")
    half = latent_map.extent(Workspace({"flat": export.load(path)}, images), "flat")

    def text(columns: float, rows: float) -> str:
        """The latent so many pictures of the map right of its center, and below it."""
        size = 2 * half / latent_map.GRID
        return f"z = ({columns * size:.2f}, {0.0 - rows * size:.2f})"

    with opened("--model", str(path), folder=tmp_path) as address, new_page(browser, address) as page:
        open_tab(page, "Map")
        plane, place = page.locator(".map"), page.locator("#map_place figcaption")
        plane.focus()
        page.keyboard.press("ArrowRight")
        expect(place).to_have_text(text(1, 0))
        page.keyboard.press("ArrowUp")
        expect(place).to_have_text(text(1, -1))
        box = plane.bounding_box()
        plane.click(position={"x": box["width"] * 10.5 / latent_map.GRID, "y": box["height"] * 0.5})
        expect(place).to_have_text(text(3, 0))
        page.keyboard.press("ArrowLeft")
        expect(place).to_have_text(text(2, 0))
        mark = plane.locator("i").bounding_box()
        assert mark["x"] + mark["width"] / 2 - box["x"] == pytest.approx(box["width"] * 9.5 / latent_map.GRID, abs=2)

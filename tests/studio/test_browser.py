"""The studio in a real browser. It has to be installed: Debian's package is ``chromium``."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from tests.cli.scripts import ROOT
from tests.studio.conftest import new_page, open_tab, opened
from tfgan_models.callbacks.metrics_file import add_figure
from tfgan_models.data import sources
from tfgan_models.plots import image_grid

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]
FACES = ROOT / "saved_models" / "faces"
PICTURE = ROOT / "docs" / "studio.png"
WRITE_PICTURE = "TFGAN_MODELS_WRITE_PICTURES"  # set it to 1 to renew the picture in the docs
CHANGED = (
    "([id, before]) => { const image = document.querySelector(id + ' img'); return image && image.src != before; }"
)
HELD = "document.activeElement.dispatchEvent(new KeyboardEvent('keydown', {key: '2', repeat: true, bubbles: true}))"


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """A run of three epochs, three pictures to label, a picture to edit, and a damaged one."""
    folder = tmp_path_factory.mktemp("studio")
    (folder / "run" / "samples").mkdir(parents=True)
    (folder / "run" / "config.json").write_text("{}")
    (folder / "photos").mkdir()
    noise = np.random.default_rng(0).integers(0, 256, (6, 64, 64, 3), np.uint8)
    for epoch in (1, 2, 3):
        image_grid.save(noise[epoch], folder / "run" / "samples" / f"epoch-{epoch:04}.png")
        add_figure(folder / "run", epoch, "decoder_loss", 1 / epoch)
    for i in range(3):
        image_grid.save(noise[i + 3], folder / "photos" / f"{i}.png")
    (folder / "damaged.png").write_bytes(b"\x89PNG\r\n\x1a\n" + b"junk" * 100)
    return folder


@pytest.fixture(scope="module")
def studio(editable, folder) -> Iterator[str]:
    arguments = [
        "--model",
        str(FACES),
        str(editable),
        "--run",
        "run",
        "--label",
        "photos",
        "--label_names",
        "Hat",
        "Smile",
    ]
    sources.load("faces", "test", image_size=64)  # the studio would print that it draws them, once
    with opened(*arguments, folder=folder) as address:
        yield address


@pytest.fixture
def page(browser, studio) -> Iterator[Page]:
    with new_page(browser, studio) as page:
        yield page


def source(page: Page, selector: str) -> str:
    """The picture that is shown somewhere, as the address of its data."""
    page.wait_for_selector(f"{selector} img")
    return page.get_attribute(f"{selector} img", "src")


def changed(page: Page, selector: str, before: str) -> str:
    page.wait_for_function(CHANGED, arg=[selector, before])
    return source(page, selector)


def test_samples_change_with_the_seed(page):
    open_tab(page, "Samples")
    first = source(page, "#samples")
    expect(page.locator("#samples img")).to_have_count(24)
    seed = page.locator("#samples_seed input")
    seed.fill("7")
    other = changed(page, "#samples", first)
    seed.fill("0")
    assert changed(page, "#samples", other) == first


def test_a_slider_changes_the_face_and_returns_to_it(page):
    open_tab(page, "Edit")
    face = source(page, "#edited")
    hat = page.get_by_label("number input for Wearing Hat · 1.00")
    hat.fill("2")
    with_hat = changed(page, "#edited", face)
    hat.fill("0")
    assert changed(page, "#edited", with_hat) == face
    slider = page.get_by_label("range slider for Wearing Hat · 1.00")
    slider.press("ArrowRight")
    moved = changed(page, "#edited", face)
    page.click("#edit_reset")
    assert changed(page, "#edited", moved) == face
    assert hat.input_value() == "0"


def test_an_upload_is_edited_and_a_damaged_one_is_refused(page, folder):
    open_tab(page, "Edit")
    face = source(page, "#edited")
    page.get_by_label("Your own", exact=True).first.check()
    upload = page.locator("input[type=file]:visible, [data-testid=file-upload]").first
    upload.set_input_files(folder / "damaged.png")
    expect(page.get_by_test_id("toast-body")).to_contain_text("'damaged.png' cannot be read as a picture (damaged)")
    assert "Traceback" not in page.content()
    page.get_by_label("Clear").first.click()
    image_grid.save(np.full((100, 80, 3), (90, 140, 200), np.uint8), folder / "me.png")
    upload.set_input_files(folder / "me.png")
    own = changed(page, "#edited", face)
    page.get_by_label("number input for Eyeglasses · 1.00").fill("1.5")
    changed(page, "#edited", own)


def test_a_walk_is_scrubbed_and_saved(page):
    open_tab(page, "Walk")
    middle = source(page, "#walk")
    expect(page.locator("#walk_strip img")).to_have_count(9)
    page.locator("#walk_share input[type=range]").press("ArrowRight")
    changed(page, "#walk", middle)
    page.get_by_role("button", name="Make an animation").click()
    page.wait_for_selector("#walk_gif a")
    with page.expect_download() as download:
        page.click("#walk_gif a")
    assert download.value.suggested_filename == "walk.gif"
    with Image.open(download.value.path()) as image:
        assert image.format == "GIF" and image.n_frames > 20


def test_a_run_is_shown_by_epochs(page):
    open_tab(page, "Run")
    expect(page.locator("#run_pictures figcaption")).to_have_text("run, epoch 3")
    page.locator("#run_epoch input[type=range]").press("ArrowLeft")
    expect(page.locator("#run_pictures figcaption")).to_have_text("run, epoch 2")
    expect(page.locator("#run_curves circle")).to_have_count(3)


def test_another_model_has_its_own_pictures_and_sliders(page):
    open_tab(page, "Edit")
    source(page, "#edited")
    page.get_by_label("Model", exact=True).click()
    page.get_by_role("option", name="export-editable/1").click()
    expect(page.get_by_label("range slider for attribute 0 · 0.90")).to_be_visible()
    expect(page.locator("#edit_attributes input[type=range]:visible")).to_have_count(3)
    expect(page.locator("#edited img")).to_have_attribute("width", "256")
    open_tab(page, "Neighbors")
    page.wait_for_selector(".shown img:visible")
    page.get_by_role("button", name="Search the training images").click()
    expect(page.locator("#neighbors img")).to_have_count(8)


def test_a_label_is_written_by_keys_and_taken_back(page, folder, browser, studio):
    open_tab(page, "Label")
    caption, file = page.locator("#label_picture figcaption"), folder / "photos-attributes.csv"
    expect(caption).to_contain_text("1 of 3: 0.png")
    page.keyboard.press("Enter")  # on the tab
    page.locator("#label_skip").focus()
    page.keyboard.press("Enter")
    expect(caption).to_contain_text("2 of 3: 1.png")
    page.locator("#label_back").focus()
    page.keyboard.press("Enter")
    expect(caption).to_contain_text("1 of 3: 0.png")
    assert not file.exists()
    page.keyboard.press("2")
    page.evaluate(HELD)
    page.keyboard.press("Enter")
    expect(caption).to_contain_text("2 of 3: 1.png")
    assert file.read_text() == "image,Hat,Smile\n0.png,0,1\n"
    page.keyboard.press("1")
    page.click("#label_save")
    expect(caption).to_contain_text("3 of 3: 2.png")
    page.keyboard.press("u")
    expect(caption).to_contain_text("2 of 3: 1.png · not labeled yet")
    assert file.read_text() == "image,Hat,Smile\n0.png,0,1\n"
    page.keyboard.press("ArrowLeft")
    expect(caption).to_contain_text("1 of 3: 0.png · labeled")
    expect(page.locator("#label_names input").nth(1)).to_be_checked()
    # Another page, because a reload would abort requests of Gradio's, which is an error in the console.
    with new_page(browser, studio) as another:
        open_tab(another, "Label")
        shown = another.locator("#label_picture figcaption")
        expect(shown).to_contain_text("2 of 3: 1.png")
        another.keyboard.press("1")
        another.evaluate("for (const key of ['skip', 'save']) document.getElementById('label_' + key).click()")
        expect(another.locator("#label_progress")).to_contain_text("2 of 3 pictures are labeled")
        assert file.read_text() == "image,Hat,Smile\n0.png,0,1\n1.png,1,0\n"  # the picture that was seen


def test_the_picture_of_the_docs_is_of_this_page(page, tmp_path):
    """It is written if TFGAN_MODELS_WRITE_PICTURES is 1. Fonts differ between machines, so it is compared coarsely."""
    open_tab(page, "Edit")
    face = source(page, "#edited")
    page.get_by_label("Closer to the picture").locator("visible=true").check()
    face = changed(page, "#edited", face)
    page.get_by_label("number input for Wearing Hat · 1.00").fill("2")
    hat = changed(page, "#edited", face)
    page.get_by_label("number input for Eyeglasses · 1.00").fill("1.5")
    changed(page, "#edited", hat)
    page.mouse.click(640, 30)  # so that no field has the focus
    page.evaluate("window.scrollTo(0, 0)")
    page.screenshot(path=tmp_path / "studio.png")
    with Image.open(tmp_path / "studio.png") as image:
        small = image.convert("RGB").quantize(256, dither=Image.Dither.NONE)
    if os.environ.get(WRITE_PICTURE) == "1":
        small.save(PICTURE, optimize=True)
    with Image.open(PICTURE) as image:
        kept = image.convert("RGB")
    assert PICTURE.stat().st_size < 150_000 and kept.size == small.size
    difference = np.asarray(kept, float) - np.asarray(small.convert("RGB"), float)
    assert np.abs(difference).mean() < 12

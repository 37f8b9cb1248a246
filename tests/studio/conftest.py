"""Workspaces of small models, for the tests of the tabs."""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import subprocess
import sys
from collections.abc import Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import gradio
import numpy as np
import pytest
from playwright.sync_api import expect

from tests.cli.scripts import ROOT
from tests.export.test_edit import vectors
from tests.models.small import CHANNELS, MODELS, SIZE
from tests.shared import make_once
from tfgan_models import export
from tfgan_models.data.image_set import ImageSet
from tfgan_models.latent.model_directions import ModelDirections
from tfgan_models.studio.page import Page
from tfgan_models.studio.workspace import Workspace

COUNTS = {"train": 40, "test": 12}
TIMEOUT = 120_000  # milliseconds: a loaded machine takes long to draw the faces and to search them


def images(model, split) -> ImageSet:
    """Noise in place of the training data."""
    shape = (COUNTS[split], SIZE, SIZE, CHANNELS)
    pixels = np.random.default_rng(len(split)).integers(0, 256, shape, np.uint8)
    return ImageSet(pixels, None, None, (), (), "noise")


@pytest.fixture(scope="session")
def editable(session_folder):
    """An export with vectors of attributes and directions."""

    def make(folder) -> None:
        model = MODELS["vae"]()
        values = np.eye(2, model.decoder.input_shape[-1], dtype=np.float32)
        directions = ModelDirections(("codes_1", "weights_1"), values, np.array([0.7, 0.3]))
        manifest = {"dataset": "digits", "channels": 1}
        export.save(model, folder, manifest, attribute_vectors=vectors(), directions=directions)

    return make_once(session_folder / "export-editable", make) / "1"


@pytest.fixture(scope="session")
def workspace(editable, exported) -> Workspace:
    """A VAE that edits, a GAN without encoder, a GAN conditioned on classes, and an AAE of classes."""
    paths = {name: exported(name) for name in ("gan", "gan_projection", "gan_concat", "supervised_aae")}
    return Workspace({name: export.load(path) for name, path in ({"vae": editable} | paths).items()}, images)


@contextlib.contextmanager
def opened(*arguments: str, folder: Path, errors_allowed: bool = False) -> Iterator[str]:
    """Run ``tfgan studio`` in a folder, and yield the address that it prints. It has to end cleanly by SIGTERM.

    Args:
        arguments: its flags.
        folder: the working folder.
        errors_allowed: whether it may print errors, as Gradio does on requests that the page does not make.
    """
    command = [sys.executable, "-m", "tfgan_models", "studio", *arguments]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    environment.pop("TF_CPP_MIN_LOG_LEVEL", None)  # with it, TensorFlow's messages would not be dropped
    with subprocess.Popen(command, cwd=folder, env=environment, text=True, stdout=-1, stderr=-1) as process:
        line = process.stdout.readline()
        if not line:
            pytest.fail(process.communicate()[1])
        try:
            yield re.search(r"http://127\.0\.0\.1:\d+/", line)[0]
        finally:
            process.terminate()
            _, errors = process.communicate(timeout=30)
        last = "stopped by SIGTERM: the studio is closed\n"
        assert process.returncode == 143
        assert errors.endswith(last) if errors_allowed else errors.strip() == last.strip(), errors


def built(module, workspace: Workspace):
    """A page of Gradio with one tab. It is built in an event loop, as Gradio would leave one open otherwise."""

    async def build():
        with gradio.Blocks(analytics_enabled=False) as blocks, gradio.Tab("The tab") as tab:
            model = gradio.Dropdown(list(workspace.models))
            module.build(Page(workspace, blocks, model), tab)
        return blocks

    return in_event_loop(build())


def in_event_loop(coroutine: Coroutine):
    """Run a coroutine in a thread of its own, because the browser leaves a loop running in this one."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, coroutine).result()


def event(blocks, name: str):
    """The event of a page of Gradio by the name of its function."""
    return next(found for found in blocks.fns.values() if getattr(found.fn, "__name__", "") == name)


@pytest.fixture(scope="module")
def address(editable, exported, tmp_path_factory) -> Iterator[str]:
    """A studio of small models. Its working folder has a picture, which is not to be served."""
    models, folder = ("--model", str(editable), str(exported("gan"))), tmp_path_factory.mktemp("studio")
    (folder / "secret.png").write_text("of the working folder")
    with opened(*models, folder=folder, errors_allowed=True) as url:
        yield url


@contextlib.contextmanager
def new_page(browser, address: str) -> Iterator:
    """Open the studio in a new page. Whatever it asks another server for, and each error in its console, is a fault.

    Gradio's page cancels an event by the number that the server gave it, and then resets it. An event that is cancelled
    before the server has answered has none, and the server refuses both requests, as the console shows.
    """

    def note(message) -> None:
        without_number = message.location["url"].endswith(("/cancel", "/reset")) and "status of 422" in message.text
        if message.type == "error" and not without_number:
            faults.append(message.text)

    page = browser.new_page(viewport={"width": 1280, "height": 760})
    faults: list[str] = []
    page.on("request", lambda r: None if r.url.startswith((address, "data:", "blob:")) else faults.append(r.url))
    page.on("console", note)
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.set_default_timeout(TIMEOUT)
    expect.set_options(timeout=TIMEOUT)
    page.goto(address)
    page.wait_for_selector("#head h1")
    yield page
    page.close()
    assert not faults


def open_tab(page, name: str) -> None:
    """Open a tab by its title."""
    page.get_by_role("tab", name=name, exact=True).click()

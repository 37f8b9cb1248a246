"""The tab *Walk*: the pictures between two others, by a slider or as an animation."""

from __future__ import annotations

import base64
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from tfgan_models import latent
from tfgan_models.data.pixels import to_bytes
from tfgan_models.errors import InputError
from tfgan_models.plots import animation
from tfgan_models.studio import html
from tfgan_models.studio.page import DRAG, SLOW, Page, chooser, guarded
from tfgan_models.studio.subject import Subject

if TYPE_CHECKING:
    from tfgan_models.export import ExportedModel

STRIP, FRAMES, SPEED, PAUSE = 9, 60, 20.0, 0.5  # pictures of the strip; as in `tfgan sample --between`


def path(start: Subject | None, end: Subject | None, steps: int) -> np.ndarray:
    """Latents between two pictures, ``[steps, latent_dim]``. Samples of a Gaussian prior get a great circle.

    Raises:
        InputError: a picture is missing, or they are of different models.
    """
    if start is None or end is None:
        raise InputError("choose two pictures first")
    if start.model != end.model:
        raise InputError("the pictures are of different models, choose both again")
    return latent.interpolate(start.latent[None], end.latent[None], steps, start.spherical and end.spherical)[0]


def between(model: ExportedModel, start: Subject | None, end: Subject | None, share: float) -> np.ndarray:
    """The picture at a share of the way, from 0 to 1: uint8 ``[h, w, c]``."""
    if not 0 <= share <= 1:
        raise InputError(f"share {share:g}: give a number from 0 to 1")
    steps = 101  # one for each percent, so that a picture of the animation is on the slider
    return frames(model, path(start, end, steps)[[round(share * (steps - 1))]])[0]


def frames(model: ExportedModel, latents: np.ndarray) -> np.ndarray:
    """Pictures of latents, uint8 ``[n, h, w, c]``."""
    return to_bytes(model("generate", latent=latents)["image"])


def gif(model: ExportedModel, start: Subject | None, end: Subject | None) -> bytes:
    """The walk there and back as the content of a GIF file."""
    images = frames(model, path(start, end, FRAMES))
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "walk.gif"
        animation.save(images, file, SPEED, "back_and_forth", PAUSE, shared_palette=True)
        return file.read_bytes()


def strip(model: ExportedModel, start: Subject | None, end: Subject | None) -> str:
    """Pictures of the walk side by side, as HTML."""
    images = frames(model, path(start, end, STRIP))
    return html.sheet(images, [f"{i / (STRIP - 1):.0%} of the way" for i in range(STRIP)], side=96)


def are_of(name: str, *subjects: Subject | None) -> bool:
    """Whether all pictures are chosen, and of the model of this name: after a switch they may be of the one before."""
    return all(subject is not None and subject.model == name for subject in subjects)


def build(page: Page, tab: Any) -> None:
    """Build the tab."""
    import gradio

    workspace = page.workspace
    with gradio.Row():
        start = chooser(page, tab, "From", 1)
        with gradio.Column(min_width=300):
            share = gradio.Slider(0, 1, 0.5, step=0.01, label="Share of the way", buttons=[], elem_id="walk_share")
            shown = gradio.HTML(elem_id="walk", elem_classes="shown")
            save = gradio.Button("Make an animation")
            saved = gradio.HTML(elem_id="walk_gif")
        end = chooser(page, tab, "To", 2)
    along = gradio.HTML(elem_id="walk_strip")

    def scrub(name: str, first: Subject | None, last: Subject | None, share: float) -> str:
        if not are_of(name, first, last):
            return ""
        return html.picture(
            between(workspace.model(name), first, last, share), "the picture between", caption=f"{share:.0%}"
        )

    def renew(name: str, first: Subject | None, last: Subject | None, share: float) -> tuple[str, str, str]:
        if not are_of(name, first, last):
            return "", "", ""
        return scrub(name, first, last, share), strip(workspace.model(name), first, last), ""

    def animate(name: str, first: Subject | None, last: Subject | None, _: float) -> str:
        if first and last and not are_of(name, first, last):
            raise InputError("the pictures are of another model, choose both again")
        url = f"data:image/gif;base64,{base64.b64encode(gif(workspace.model(name), first, last)).decode()}"
        return (
            f'<figure class="picture"><img src="{url}" alt="the walk as an animation">'
            f'<figcaption><a href="{url}" download="walk.gif">Save as walk.gif</a></figcaption></figure>'
        )

    inputs = [page.model, start.state, end.state, share]
    share.input(guarded(scrub), inputs, [shown], **DRAG)
    for subject in (start, end):
        subject.then(renew, inputs, [shown, along, saved])
    save.click(guarded(animate), inputs, [saved], **SLOW)

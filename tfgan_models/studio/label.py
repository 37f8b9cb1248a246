"""The tab *Label*: a folder's pictures one after the other, with a key for each attribute."""

from __future__ import annotations

import shlex
import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np
from PIL import Image

from tfgan_models.data.picture import Unreadable, decode
from tfgan_models.errors import InputError
from tfgan_models.studio import html
from tfgan_models.studio.label_file import LabelFile
from tfgan_models.studio.page import LIVE, Page, guarded

SIDE = 512  # pixels of the screen that a picture gets
KEYS = "1234567890qwertyiopasdfghjklzxcvbnm"  # of attributes, without u, which takes back
HELP = "Keys: those before the names switch attributes, Enter saves and goes on, ← and → move, U takes back."


def choices(labels: LabelFile) -> list[tuple[str, str]]:
    """The text and the name of each attribute; the text begins with its key."""
    texts = [f"{key} · {html.readable(name)}" for key, name in zip(KEYS, labels.names, strict=False)]
    texts += [html.readable(name) for name in labels.names[len(KEYS) :]]
    return list(zip(texts, labels.names, strict=True))


def place(labels: LabelFile, value: int) -> int:
    """The nearest place to a number, from 0 on."""
    return min(max(0, value), len(labels.pictures) - 1)


def place_of(labels: LabelFile, picture: str) -> int:
    """The place of a picture that the page has sent.

    Raises:
        InputError: there is none of this name, as the page may be older than the server.
    """
    if picture not in labels.pictures:
        raise InputError(f"there is no picture {picture!r}, load the page again")
    return labels.pictures.index(picture)


def present(labels: LabelFile, at: int) -> list[str]:
    """Names of the attributes that the picture at a place has; of a picture without a label none."""
    row = labels.row(labels.pictures[at]) or ()
    return [name for name, value in zip(labels.names, row, strict=False) if value]


def show(labels: LabelFile, at: int) -> str:
    """The picture at a place, as HTML."""
    picture = labels.pictures[at]
    state = "labeled" if labels.row(picture) is not None else "not labeled yet"
    caption = f"{at + 1} of {len(labels.pictures)}: {picture} · {state}"
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Pillow's, about odd metadata
            image = decode(labels.folder / picture, SIDE)
            image = image.convert("RGBA" if image.has_transparency_data else "RGB")
    except (OSError, Unreadable, ValueError) as error:
        return html.note(f"{caption} · it cannot be shown ({error})")
    if max(image.size) > SIDE:
        image.thumbnail((SIDE, SIDE), Image.Resampling.LANCZOS)
    return html.picture(np.asarray(image), picture, SIDE, caption)


def progress(labels: LabelFile) -> str:
    """A line about how much is done, and what to do at the end."""
    done, count = labels.done(), len(labels.pictures)
    if done < count:
        return f"{done} of {count} pictures are labeled, in {labels.file}. A training needs a label for each picture."
    flags = shlex.join(["--dataset", f"folder:{labels.folder}", "--attributes", str(labels.file)])
    return f"All {count} pictures are labeled. Train with {flags}"


def save(labels: LabelFile, at: int, chosen: Sequence[str]) -> int:
    """Save the attributes of the picture at a place, and return the place of the next one without a label."""
    labels.set(labels.pictures[at], chosen)
    return labels.first_without_label((at + 1) % len(labels.pictures))


def undo(labels: LabelFile) -> int:
    """Take back the last change, and return the place of its picture.

    Raises:
        InputError: nothing was changed since the studio started.
    """
    picture = labels.undo()
    if picture is None:
        raise InputError("there is nothing to take back since the studio started")
    return labels.pictures.index(picture)


def build(page: Page, tab: Any) -> None:
    """Build the tab."""
    import gradio

    labels = page.workspace.label_file
    if labels is None:
        gradio.HTML(
            html.note("Start the studio with --label FOLDER --label_names Smiling Glasses to label pictures here.")
        )
        return
    # The name of the picture that the browser shows, empty in a new page. A state of the server would be ahead of it.
    picture = gradio.Textbox("", visible=False)
    with gradio.Row():
        with gradio.Column(min_width=SIDE + 20, scale=1):
            shown = gradio.HTML(elem_id="label_picture", elem_classes="shown")
        with gradio.Column(min_width=320, scale=2):
            checked = gradio.CheckboxGroup(choices(labels), label="Attributes of this picture", elem_id="label_names")
            with gradio.Row():
                back = gradio.Button("← Back", elem_id="label_back", min_width=90)
                skip = gradio.Button("Skip →", elem_id="label_skip", min_width=90)
                take_back = gradio.Button("Take back", elem_id="label_undo", min_width=90)
                done = gradio.Button("Save and go on", variant="primary", elem_id="label_save", min_width=140)
            about = gradio.HTML(elem_id="label_progress")
            gradio.HTML(html.note(HELP))
    outputs = [picture, shown, checked, about]

    def go(to: int) -> tuple[str, str, list[str], str]:
        to = place(labels, to)
        return labels.pictures[to], show(labels, to), present(labels, to), html.note(progress(labels))

    def begin(picture: str) -> tuple[str, str, list[str], str]:
        return go(place_of(labels, picture) if picture else labels.first_without_label())

    def return_to(picture: str) -> tuple[Any, ...]:
        # Attributes that were switched and not saved stay. The event of its load fills a page that was just opened.
        unchanged = gradio.skip()
        if not picture:
            return (unchanged,) * 4
        return unchanged, show(labels, place_of(labels, picture)), unchanged, html.note(progress(labels))

    def save_and_go(picture: str, chosen: list[str]) -> tuple[str, str, list[str], str]:
        return go(save(labels, place_of(labels, picture), chosen))

    page.blocks.load(guarded(begin), [picture], outputs, **LIVE)
    tab.select(guarded(return_to), [picture], outputs, **LIVE)
    back.click(guarded(lambda picture: go(place_of(labels, picture) - 1)), [picture], outputs, **LIVE)
    skip.click(guarded(lambda picture: go(place_of(labels, picture) + 1)), [picture], outputs, **LIVE)
    take_back.click(guarded(lambda: go(undo(labels))), None, outputs, **LIVE)
    # A second click before the next picture is there would save this one twice.
    once: dict[str, Any] = {**LIVE, "trigger_mode": "once"}
    done.click(guarded(save_and_go), [picture, checked], outputs, **once)

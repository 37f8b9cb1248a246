"""The tab *Neighbors*: a picture and the training images that are nearest to it, to see whether it is copied."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from tfgan_models.data.pixels import to_float
from tfgan_models.errors import InputError
from tfgan_models.metrics.memorization import search
from tfgan_models.metrics.neighbors import Neighbors
from tfgan_models.studio import html
from tfgan_models.studio.page import SLOW, Page, chooser, guarded
from tfgan_models.studio.subject import SAMPLE, Subject
from tfgan_models.studio.workspace import Workspace

COUNT = 8
SIDE = 32  # pixels of the images that are compared, at most; as large ones would take minutes
EXPLANATION = (
    "The training images that are nearest to the picture by pixels, with the root mean square of the differences. "
    "Black and white differ by 1. A distance far below those of other pictures means that an image is repeated."
)


class Nearest(NamedTuple):
    """Training images, uint8 ``[n, h, w, c]``, and their distances, the nearest first.

    Attributes:
        images: the images.
        distances: root mean square of the differences of pixels, where black and white differ by 1.
    """

    images: np.ndarray
    distances: np.ndarray


def find(workspace: Workspace, name: str, subject: Subject | None, count: int = COUNT) -> Nearest:
    """Find the training images of a model that are nearest to a picture, by pixels.

    Raises:
        InputError: there is no picture, or the training data cannot be read.
    """
    if subject is None:
        raise InputError("choose a picture first")
    train = workspace.images(name, "train")
    if subject.model != name:
        raise InputError("the picture is of another model, choose it again")
    query = features(to_float(subject.image[np.newaxis]))
    neighbors: Neighbors = search(query, train, features, count)
    scale = 2 * np.sqrt(query.shape[1])
    return Nearest(np.stack([train.images[row] for row in neighbors.indices[0]]), neighbors.distances[0] / scale)


def features(images: np.ndarray) -> np.ndarray:
    """Pixels of images in [-1, 1], averaged in squares so that sides have at most 32 pixels: ``[n, d]``.

    Squares that reach over an edge repeat its pixels.
    """
    count, height, width, channels = images.shape
    factor = -(-max(height, width) // SIDE)
    images = np.pad(images, ((0, 0), (0, -height % factor), (0, -width % factor), (0, 0)), "edge")
    squares = images.reshape(count, images.shape[1] // factor, factor, images.shape[2] // factor, factor, channels)
    return squares.mean((2, 4)).reshape(count, -1)


def show(nearest: Nearest) -> str:
    """The images with their distances as HTML."""
    numbers = range(1, len(nearest.images) + 1)
    captions = [f"{distance:.3f}" for distance in nearest.distances]
    return html.sheet(nearest.images, [f"training image {i}, in the order of distances" for i in numbers], captions)


def build(page: Page, tab: Any) -> None:
    """Build the tab."""
    import gradio

    with gradio.Row():
        subject = chooser(page, tab, "Picture", 1, first=SAMPLE, of_code=False)
        with gradio.Column(scale=3):
            gradio.HTML(html.note(EXPLANATION))
            search_all = gradio.Button("Search the training images", variant="primary", scale=0)
            shown = gradio.HTML(elem_id="neighbors")

    def look(name: str, chosen: Subject | None) -> str:
        return show(find(page.workspace, name, chosen))

    searched = search_all.click(guarded(look), [page.model, subject.state], [shown], **SLOW)
    subject.then(lambda: "", [], [shown], cancels=[searched])  # a search is slow, and may be of the picture before

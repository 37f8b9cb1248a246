"""The test error of a model that classifies, and what it confuses."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import tensorflow as tf

from tfgan_models.averages import averaged
from tfgan_models.callbacks.board import show
from tfgan_models.callbacks.model_callback import ModelCallback
from tfgan_models.data.sources import ImageSet
from tfgan_models.errors import InputError
from tfgan_models.metrics.classification import confusion, error

MOST_NAMED, SIDE = 40, 12.0  # classes with names and numbers in the picture, and its inches where there are more


class Classification(ModelCallback):
    """Add ``test_error`` to an epoch's logs and draw the confusion matrix, with averaged weights where there are some.

    Args:
        test: held-out pictures with labels.
        folder: the run's folder: ``confusion.png`` under it is that of the last epoch.
        writer: TensorBoard's, if the picture should go there too.

    Raises:
        InputError: held-out pictures without labels.
    """

    def __init__(self, test: ImageSet, folder: str | os.PathLike, writer: tf.summary.SummaryWriter | None = None):
        super().__init__()
        if test.labels is None or min(test.labels) < 0:
            raise InputError(f"the held-out pictures of {test.name!r} have no labels to measure the error with")
        self.test = test
        self.folder = Path(folder)
        self.writer = writer

    def on_epoch_end(self, epoch: int, logs: dict | None = None) -> None:
        """Classify all held-out pictures."""
        model = averaged(self.model)
        counts = confusion(lambda images: tf.nest.flatten(model.classify(images))[0], self.test)
        if logs is not None:
            logs["test_error"] = error(counts)
        picture = draw_confusion(counts, self.test.label_names)
        show(picture, self.folder / "confusion.png", epoch, self.writer)


def draw_confusion(counts: np.ndarray, names: tuple[str, ...]) -> np.ndarray:
    """A confusion matrix as a picture, uint8 ``[h, w, 3]``: shares of each row as colours, counts as numbers."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    classes = len(names)
    few = classes <= MOST_NAMED
    side = max(4.0, 0.5 * classes + 1.5) if few else SIDE
    figure = Figure((side, side), layout="tight")
    canvas = FigureCanvasAgg(figure)
    axes = figure.add_subplot(
        title=f"{counts.sum() - np.trace(counts)} of {counts.sum()} wrong, {100 * error(counts):.2f} %",
        xlabel="answer",
        ylabel="class",
    )
    shares = counts / np.maximum(counts.sum(1, keepdims=True), 1)
    # Mistakes are rare where learning went well: the root makes a hundredth visible.
    axes.imshow(np.sqrt(shares), cmap="Blues", vmin=0, vmax=1)
    if few:
        axes.set_xticks(range(classes), names, rotation=90 if max(map(len, names)) > 3 else 0, parse_math=False)
        axes.set_yticks(range(classes), names, parse_math=False)
        for row, column in zip(*np.nonzero(counts), strict=True):
            colour = "white" if shares[row, column] > 0.4 else "black"
            axes.text(column, row, str(counts[row, column]), ha="center", va="center", color=colour, fontsize=8)
    canvas.draw()
    return np.asarray(canvas.buffer_rgba())[..., :3].copy()

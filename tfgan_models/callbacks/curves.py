"""Write a run's figures as curves for TensorBoard."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

from tfgan_models.callbacks.curve_names import curve
from tfgan_models.callbacks.model_callback import ModelCallback
from tfgan_models.plots import tensorboard


class Curves(ModelCallback):
    """Write a point of every curve each few steps, and the figures of an epoch at its end.

    A point is the mean over the steps since the last point. It is computed from the running means that Keras hands to
    callbacks in any case, so that steps do no more work. The last point of an epoch is at its end, where a run resumes.
    The points of a repeated epoch replace those of the epoch that was interrupted.

    Place it after the callbacks whose figures it writes.

    Args:
        folder: folder of the event files.
        every: number of steps between points. With several steps per execution, points are at the ends of executions.
        flags: the run's flags, for the table of hyperparameters.
        histograms: also write a histogram of every weight at each epoch's end.
    """

    def __init__(
        self,
        folder: str | os.PathLike,
        every: int = 50,
        flags: Mapping[str, bool | int | float | str] | None = None,
        histograms: bool = False,
    ):
        super().__init__()
        self.folder = Path(folder)
        self.every = every
        self.flags = dict(flags or {})
        self.histograms = histograms
        self.descriptions: set[str] = set()  # tags whose description is written
        self.resumed: tuple[int, set[str]] = (
            0,
            set(),
        )  # the step that the run resumes at, and the tags with points there
        self._start_epoch()

    def on_train_begin(self, logs: dict | None = None) -> None:
        """Open an event file, and write the hyperparameters and the layout."""
        step = self._step()
        self.writer = tensorboard.open_writer(self.folder, step)
        self.resumed = step, tensorboard.tags_at(self.folder, step) if step else set()
        self.descriptions = set()
        with self.writer.as_default():
            tensorboard.write_hyperparameters(self.flags, step)
            tensorboard.write_layout(self._charts(), step)

    def on_epoch_begin(self, epoch: int, logs: dict | None = None) -> None:
        """Start new means, as Keras does."""
        self._start_epoch()

    def on_train_batch_end(self, batch: int, logs: dict | None = None) -> None:
        """Write a point if it is due. An epoch's last stretch is not shorter than half of the others."""
        self.seen, self.latest = batch + 1, logs or {}
        steps = self.params["steps"] if self.params else None
        left = self.every if steps is None else steps - self.seen
        if not left or (self.seen - self.written >= self.every and left > self.every // 2):
            self._write_means()
        if not left:
            self.writer.flush()  # before the epoch's checkpoint, after which these steps are not repeated

    def on_epoch_end(self, epoch: int, logs: dict | None = None) -> None:
        """Write the figures that callbacks and the validation have added, and the histograms."""
        if self.seen > self.written:  # the number of steps was not known
            self._write_means()
        figures = {name: float(np.mean(value)) for name, value in (logs or {}).items() if name not in self.latest}
        self._write(figures)
        if self.histograms:
            with self.writer.as_default(self._step()):
                for name, weight in self._weights().items():
                    tf.summary.histogram(f"weights/{name}", tf.convert_to_tensor(weight))
        self.writer.flush()

    def on_train_end(self, logs: dict | None = None) -> None:
        """Close the file."""
        self.writer.close()

    def _weights(self) -> dict[str, keras.Variable]:
        """All weights by the names of their network and path; those that networks share by the first one's."""
        named: dict[int, tuple[str, keras.Variable]] = {}
        for network in self.model.layers:
            for weight in network.weights:
                named.setdefault(id(weight), (f"{network.name}/{weight.path}", weight))
        return dict(named.values())

    def _start_epoch(self) -> None:
        self.seen, self.written = 0, 0  # steps of this epoch
        self.latest: Mapping[str, float] = {}
        self.sums: dict[str, float] = {}  # of all steps that are written

    def _step(self) -> int:
        return int(self.model.step.numpy())

    def _write_means(self) -> None:
        sums = {name: self.seen * float(np.mean(value)) for name, value in self.latest.items()}
        steps = self.seen - self.written
        self._write({name: (value - self.sums.get(name, 0.0)) / steps for name, value in sums.items()})
        self.written, self.sums = self.seen, sums

    def _write(self, figures: Mapping[str, float]) -> None:
        points, step = {}, self._step()
        for name, value in figures.items():
            tag, description = curve(name)
            # A run that was killed at the end of an epoch may have written some figures of this end.
            if step != self.resumed[0] or tag not in self.resumed[1]:
                points[tag] = value, None if tag in self.descriptions else description
        self.descriptions |= set(points)
        with self.writer.as_default():
            tensorboard.write_points(points, step)

    def _charts(self) -> dict[str, list[str]]:
        """Tags of curves that are laid over each other, by the title of their chart."""
        charts = {
            "losses of the players": [f"{player}_loss" for player in self.model.players],
            "gradients of the players": [f"{player}_gradient" for player in self.model.players],
            "the game": [name for name in self.model.train_metrics if curve(name).tag.startswith("game/")],
            "the samples' health": ["sample_diversity", "sample_spacing", "sample_coverage"],
        }
        return {title: [curve(name).tag for name in names] for title, names in charts.items() if names}

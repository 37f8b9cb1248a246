"""Runs in the process of the tests that are killed, as by SIGKILL after what was written so far."""

from __future__ import annotations

import contextlib
from typing import Any

import pytest

from tfgan_models.callbacks.fade_in_schedule import FadeInSchedule
from tfgan_models.callbacks.pictures import Pictures
from tfgan_models.keras_private import reset_names
from tfgan_models.training import fit as fitting
from tfgan_models.training import run as engine

DRAW = Pictures.on_epoch_end
FADE = FadeInSchedule.on_train_batch_begin


class Killed(BaseException):
    """A kill, which no part of the library catches."""


def run(
    monkeypatch: pytest.MonkeyPatch, recipe: Any, flags: Any, end: int | None = None, middle: int | None = None
) -> None:
    """Make a run, and release its folder.

    Args:
        monkeypatch: the fixture.
        recipe, flags: as of ``training.run.run``.
        end: the epoch, counted from 1, whose checkpoint is the last before the kill.
        middle: the epoch whose first step is the last before the kill; new layers have to fade in then.
    """
    reset_names()  # as in a process of its own: TensorFlow orders some sums by the layers' names
    folders = []

    def fit(prepared):
        folders.append(prepared.folder)
        fitting.fit(prepared)

    def on_epoch_end(self, epoch, logs=None):
        if epoch + 1 == end:
            raise Killed
        DRAW(self, epoch, logs)

    def on_train_batch_begin(self, batch, logs=None):
        if self._epoch + 1 == middle and batch == 1:
            raise Killed
        FADE(self, batch, logs)

    monkeypatch.setattr(engine, "report_places", lambda *_: None)
    monkeypatch.setattr(engine, "fit", fit)
    monkeypatch.setattr(Pictures, "on_epoch_end", on_epoch_end)
    monkeypatch.setattr(FadeInSchedule, "on_train_batch_begin", on_train_batch_begin)
    try:
        with pytest.raises(Killed) if end or middle else contextlib.nullcontext():
            engine.run(recipe, flags)
    finally:
        for folder in folders[:1]:  # the stages of a run that grows have one folder
            folder.release()

"""Read the event files of a run as TensorBoard does."""

from __future__ import annotations

from pathlib import Path

import tensorflow as tf
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator


def read(folder: Path) -> EventAccumulator:
    """All events of the files in a folder."""
    accumulator = EventAccumulator(str(folder), size_guidance={"tensors": 0})
    accumulator.Reload()
    return accumulator


def curves(folder: Path, plugin: str = "scalars") -> dict[str, list[tuple[int, object]]]:
    """Steps and values, or pictures, in the order of the files, by their tag."""
    accumulator = read(folder)
    tags = [
        tag
        for tag in accumulator.Tags()["tensors"]
        if accumulator.SummaryMetadata(tag).plugin_data.plugin_name == plugin
    ]
    return {
        tag: [(event.step, tf.make_ndarray(event.tensor_proto).tolist()) for event in accumulator.Tensors(tag)]
        for tag in tags
    }

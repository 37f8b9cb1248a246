"""Write pictures, curves, hyperparameters and a layout for TensorBoard."""

from __future__ import annotations

import hashlib
import os
import re
import weakref
from collections.abc import Iterator, Mapping, MutableMapping, Sequence
from pathlib import Path

import numpy as np
import tensorflow as tf
from tensorboard.compat.proto.event_pb2 import Event  # pyright: ignore[reportAttributeAccessIssue]
from tensorboard.compat.proto.summary_pb2 import Summary  # pyright: ignore[reportAttributeAccessIssue]
from tensorboard.plugins.custom_scalar import summary as custom_scalar
from tensorboard.plugins.custom_scalar.layout_pb2 import Layout  # pyright: ignore[reportAttributeAccessIssue]
from tensorboard.plugins.hparams import api as hparams
from tensorboard.plugins.scalar import metadata as scalar_metadata
from tensorboard.util import tensor_util

from tfgan_models.plots import image_grid

FLUSH_MILLISECONDS = 10_000
# Hashes of the last pictures by their names, for each writer.
_written: MutableMapping[tf.summary.SummaryWriter, dict[str, bytes]] = weakref.WeakKeyDictionary()


def open_writer(folder: str | os.PathLike, last_step: int = 0) -> tf.summary.SummaryWriter:
    """Open an event file, and drop from the earlier files in the folder what lies after a step.

    Args:
        folder: folder of the event files.
        last_step: step that the run resumes after. What an interrupted run has written of later steps is dropped,
            because these steps are repeated.
    """
    for path in Path(folder).glob("events.out.tfevents.*"):
        os.truncate(path, _length_until(path, last_step))
    return tf.summary.create_file_writer(str(folder), flush_millis=FLUSH_MILLISECONDS)


def tags_at(folder: str | os.PathLike, step: int) -> set[str]:
    """Tags of the curves that have a point at a step in the event files of a folder."""
    paths = Path(folder).glob("events.out.tfevents.*")
    events = (event for path in paths for event, _ in _events(path) if event.step == step)
    return {value.tag for event in events for value in event.summary.value}


def _length_until(path: Path, last_step: int) -> int:
    """Number of bytes of an event file up to the last event of a step; events are in the order of their steps."""
    length = 0
    for event, end in _events(path):
        if event.step > last_step:
            break
        length = end
    return length


def _events(path: Path) -> Iterator[tuple[Event, int]]:
    """The whole events of an event file, each with the position of its end."""
    start, size = 0, path.stat().st_size
    with open(path, "rb") as file:
        # A record is the length of its data, the length's checksum, the data, and their checksum.
        while header := file.read(12):
            end = start + 16 + (int.from_bytes(header[:8], "little") if len(header) == 12 else size)
            if end > size:  # cut off, because the process was killed
                break
            yield Event.FromString(file.read(end - start - 16)), end
            file.seek(start := end)


def write_points(points: Mapping[str, tuple[float, str | None]], step: int) -> None:
    """Write a point of several curves to the default writer, in one operation.

    Args:
        points: value, and description or None, by the curve's tag. A tag's first point needs a description.
        step: number of the step.
    """
    summary = Summary()
    for tag, (value, description) in points.items():
        # TensorBoard reads the metadata of a tag's first point only.
        metadata = None if description is None else scalar_metadata.create_summary_metadata("", description)
        tensor = tensor_util.make_tensor_proto(np.float32(value))
        summary.value.add(tag=tag, tensor=tensor, metadata=metadata)
    if points:
        tf.summary.experimental.write_raw_pb(summary.SerializeToString(), step=step)


def write_hyperparameters(flags: Mapping[str, bool | int | float | str], step: int = 0) -> None:
    """Write a run's flags to the default writer, for TensorBoard's table of hyperparameters."""
    if flags:
        tf.summary.experimental.write_raw_pb(hparams.hparams_pb(dict(flags)).SerializeToString(), step=step)


def write_layout(charts: Mapping[str, Sequence[str]], step: int = 0) -> None:
    """Write the charts of TensorBoard's page Custom Scalars to the default writer.

    Args:
        charts: tags of the curves that are laid over each other, by the chart's title.
        step: number of the step.
    """
    layout = Layout()
    category = layout.category.add(title="run")
    for title, tags in charts.items():
        category.chart.add(title=title).multiline.tag.extend(f"^{re.escape(tag)}$" for tag in tags)
    tf.summary.experimental.write_raw_pb(custom_scalar.pb(layout).SerializeToString(), step=step)


def save_and_log(
    picture: np.ndarray, path: str | os.PathLike, epoch: int, writer: tf.summary.SummaryWriter | None, name: str = ""
) -> None:
    """Write a picture as a PNG file, and to TensorBoard if there is a writer; neither if it did not change.

    Args:
        picture: uint8 ``[h, w, c]``.
        path: path of the file.
        epoch: number of the epoch, counted from 0.
        writer: summary writer, or None.
        name: name in TensorBoard; by default the file's name.
    """
    image_grid.save(picture, path)
    if writer is None:
        return
    # Not compared with the file, which may show the picture of an interrupted epoch that open_writer has dropped.
    name, digest = name or Path(path).stem, hashlib.sha256(picture.tobytes()).digest()
    written = _written.setdefault(writer, {})
    if written.get(name) == digest:
        return
    written[name] = digest
    with writer.as_default():
        tf.summary.image(name, picture[np.newaxis], step=epoch)
    writer.flush()  # a killed run does not draw the pictures of its checkpoint's epoch again

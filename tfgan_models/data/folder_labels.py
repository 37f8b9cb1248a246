"""Labels of the pictures of a folder, by their sub-folders or by a table."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import numpy as np

from tfgan_models.data.archive import Member
from tfgan_models.data.archive_labels import labels_of_files
from tfgan_models.data.attribute_file import labels_of
from tfgan_models.data.layout import Kind, Layout, read_layout


class FolderOptions(NamedTuple):
    """Options that decide the labels of a folder's pictures.

    Attributes:
        attributes: path of a file as ``attribute_file`` reads it.
        label_column: the column of a table that holds the classes.
        attribute_columns: the columns of a table that hold attributes.
        layout: as in ``layout.read_layout``: with ``"auto"`` names of folders may mean splits.
    """

    attributes: str | None = None
    label_column: str | None = None
    attribute_columns: tuple[str, ...] = ()
    layout: Kind = "auto"


DEFAULT = FolderOptions()


class Labels(NamedTuple):
    """The layout of a folder with its final labels, the numbers of the classes, and the attributes."""

    layout: Layout
    numbers: dict[str, int]
    attribute_names: tuple[str, ...]
    attributes: dict[str, np.ndarray]


def read_labels(
    pictures: tuple[str, ...],
    table: Path | None,
    options: FolderOptions,
    files: Mapping[str, Mapping[str, Member]] | None = None,
) -> Labels:
    """Determine the labels by the sub-folders of the pictures, or by a table or files next to them that have classes.

    Args:
        pictures: paths of the pictures.
        table: path of the table, if there is one.
        options: how the labels are determined.
        files: the files with labels next to pictures, as ``labels_of_files`` takes them; a table replaces them.
    """
    layout = read_layout(pictures, options.layout)
    names: tuple[str, ...] = ()
    attributes: dict[str, np.ndarray] = {}
    used = tuple(path for path in pictures if path not in layout.left_out)
    read = None
    if table is not None and pictures:
        read = labels_of(table, used, options.label_column, options.attribute_columns)
    elif files is not None and (files or options.label_column or options.attribute_columns):
        read = labels_of_files(files, used, options.label_column, options.attribute_columns)
    if read is not None:
        names, attributes = read.attribute_names, read.attributes
        notes = (*layout.notes, read.note) if read.note else layout.notes
        layout = layout._replace(notes=notes)
        if read.class_names:
            layout = layout._replace(classes=read.class_names, labels=read.classes)
    return Labels(layout, {name: number for number, name in enumerate(layout.classes)}, names, attributes)

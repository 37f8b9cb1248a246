"""Euclidean distances in blocks of rows, and the nearest neighbours found by them.

|x − y|² = |x|² + |y|² − 2 x·y leaves the work to one matrix product. Memory: a float64 copy of each set and one block.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from tfgan_models.errors import InputError
from tfgan_models.metrics.checks import check_features

# Entries of a block: 32 MB.
BLOCK = 2**22


class Neighbours(NamedTuple):
    """The nearest references of each query, the nearest first.

    Attributes:
        indices: ``[n, k]``, rows of the references.
        distances: ``[n, k]``, Euclidean.
    """

    indices: np.ndarray
    distances: np.ndarray


def distance_blocks(
    rows: np.ndarray, columns: np.ndarray, rows_per_block: int | None = None
) -> Iterator[tuple[slice, np.ndarray]]:
    """Squared distances of all rows to all columns, block by block.

    Args:
        rows: ``[n, d]``.
        columns: ``[m, d]``.
        rows_per_block: as many as give a block of 32 MB if None.

    Yields:
        The rows a block is of, and its squared distances ``[rows, m]``, which the caller may overwrite.
    """
    # Distances ignore a shift; near the origin the squares cancel least.
    centre = columns.mean(axis=0, dtype=np.float64)
    rows, columns = rows - centre, columns - centre
    row_norms, column_norms = (np.einsum("nd,nd->n", x, x) for x in (rows, columns))
    step = rows_per_block or max(1, BLOCK // len(columns))
    for start in range(0, len(rows), step):
        part = slice(start, min(start + step, len(rows)))
        squared = rows[part] @ columns.T
        squared *= -2
        squared += row_norms[part, None]
        squared += column_norms
        # What rounding leaves of equal points may be negative, and its root is not small: below 3e-7 of an example's
        # norm, which is also float32's precision, points count as equal.
        squared[squared < 1e-13 * row_norms[part, None]] = 0
        yield part, squared


def radii(features: np.ndarray, k: int) -> np.ndarray:
    """Distance of each example to its k-th nearest other one, ``[n, d]`` → ``[n]``.

    Raises:
        InputError: k below 1, or no k other examples.
    """
    features = check_features(features)
    _check_k(k, len(features) - 1)
    result = np.empty(len(features))
    for part, squared in distance_blocks(features, features):
        squared[np.arange(len(squared)), np.arange(part.start, part.stop)] = np.inf
        result[part] = np.partition(squared, k - 1, axis=1)[:, k - 1]
    return np.sqrt(result)


def nearest(queries: np.ndarray, references: np.ndarray, k: int = 1) -> Neighbours:
    """The k references nearest to each query, as for a look at what a model has memorised.

    Args:
        queries: ``[n, d]``.
        references: ``[m, d]``.
        k: at most m.

    Raises:
        InputError: k out of range, or features of different widths.
    """
    references = check_features(references, "references")
    queries = check_features(queries, "queries", like=references)
    _check_k(k, len(references))
    indices, distances = np.empty((len(queries), k), np.int64), np.empty((len(queries), k))
    for part, squared in distance_blocks(queries, references):
        chosen = np.argpartition(squared, k - 1, axis=1)[:, :k]
        values = np.take_along_axis(squared, chosen, axis=1)
        order = np.argsort(values, axis=1, kind="stable")
        indices[part] = np.take_along_axis(chosen, order, axis=1)
        distances[part] = np.sqrt(np.take_along_axis(values, order, axis=1))
    return Neighbours(indices, distances)


def _check_k(k: int, largest: int) -> None:
    if not 1 <= k <= largest:
        raise InputError(f"k = {k} nearest of {largest} examples: choose a smaller k from 1 on, or give more examples")

"""Euclidean distances in blocks of rows, and the nearest neighbours found by them.

‖x − y‖² = ‖x‖² + ‖y‖² − 2 x·y leaves the work to a matrix product. Memory beside the sets themselves: one block of
distances, and float64 copies of as many examples as fit 128 MB.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from tfgan_models.errors import InputError
from tfgan_models.metrics.checks import check_features

# Entries of a block of distances, 32 MB, and of a float64 copy of examples, 128 MB.
BLOCK, COPY = 2**22, 2**24
# The same distance comes out differently in another block, by some rounding errors of the examples' squared norms.
ROUNDING = 1e-12


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
        rows_per_block: as many as give a block of 32 MB, and a copy of at most 128 MB, if None.

    Yields:
        The rows a block is of, and its squared distances ``[rows, m]``, which the caller may overwrite.
    """
    # Distances ignore a shift; near the origin the squares cancel least.
    centre = rows.mean(axis=0, dtype=np.float64)
    width = rows.shape[1]
    pieces = _slices(len(columns), max(1, COPY // width))
    kept = columns - centre if len(pieces) == 1 else None
    for part in _slices(len(rows), rows_per_block or max(1, min(BLOCK // len(columns), COPY // width))):
        block = rows[part] - centre
        norms = np.einsum("nd,nd->n", block, block)
        squared = np.empty((len(block), len(columns)))
        for piece in pieces:
            others = columns[piece] - centre if kept is None else kept
            values = np.matmul(block, others.T, out=squared[:, piece])
            values *= -2
            values += norms[:, None]
            values += np.einsum("nd,nd->n", others, others)
        # What rounding leaves of equal points may be negative, and its root is not small: below 3e-7 of an example's
        # norm, which is also float32's precision, points count as equal.
        squared[squared < 1e-13 * norms[:, None]] = 0
        yield part, squared


def _slices(count: int, step: int) -> list[slice]:
    return [slice(start, min(start + step, count)) for start in range(0, count, step)]


def radii(features: np.ndarray, k: int) -> np.ndarray:
    """Distance of each example to its k-th nearest other one, ``[n, d]`` → ``[n]``.

    Raises:
        InputError: k below 1, or no k other examples.
    """
    return np.sqrt(_squared_radii(features, k))


def reaches(features: np.ndarray, k: int) -> np.ndarray:
    """Squared radii to compare squared distances with, so that what lies on a ball's edge is found in the ball.

    They are wider than ``radii`` by what rounding may add to a distance, 1e-12 of the examples' largest squared norm,
    which is far below the precision of float32 features.

    Raises:
        InputError: k below 1, or no k other examples.
    """
    squared = _squared_radii(features, k)
    return squared + ROUNDING * _largest_squared_norm(features)


def _largest_squared_norm(features: np.ndarray) -> float:
    centre, largest = features.mean(axis=0, dtype=np.float64), 0.0
    for part in _slices(len(features), max(1, COPY // features.shape[1])):
        centred = features[part] - centre
        largest = max(largest, np.einsum("nd,nd->n", centred, centred).max())
    return largest


def _squared_radii(features: np.ndarray, k: int) -> np.ndarray:
    features = check_features(features)
    _check_k(k, len(features) - 1)
    result = np.empty(len(features))
    for part, squared in distance_blocks(features, features):
        squared[np.arange(len(squared)), np.arange(part.start, part.stop)] = np.inf
        result[part] = np.partition(squared, k - 1, axis=1)[:, k - 1]
    return result


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

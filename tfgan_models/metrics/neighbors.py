"""Euclidean distances in blocks of rows, and nearest neighbors.

‖x − y‖² = ‖x‖² + ‖y‖² − 2 x·y reduces the work to a matrix product. Apart from the sets themselves, memory is one block
of distances, and float64 copies of as many examples as fit 128 MB.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from tfgan_models.errors import InputError
from tfgan_models.metrics.checks import check_features

# Entries of a block of distances, 32 MB, and of a float64 copy of examples, 128 MB.
BLOCK, COPY = 2**22, 2**24
# The same distance differs between blocks by some rounding errors of the examples' squared norms.
ROUNDING = 1e-12


class Neighbors(NamedTuple):
    """Nearest references of each query, the nearest first.

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
        rows_per_block: number of rows in a block; by default a block has 32 MB, and its copy at most 128 MB.

    Yields:
        The rows of a block, and its squared distances ``[rows, m]``, which the caller may overwrite.
    """
    # Distances do not depend on a shift; near the origin the cancellation is smallest.
    center = rows.mean(axis=0, dtype=np.float64)
    width = rows.shape[1]
    pieces = _slices(len(columns), max(1, COPY // width))
    centered = columns - center if len(pieces) == 1 else None
    for part in _slices(len(rows), rows_per_block or max(1, min(BLOCK // len(columns), COPY // width))):
        block = rows[part] - center
        norms = np.einsum("nd,nd->n", block, block)
        squared = np.empty((len(block), len(columns)))
        for piece in pieces:
            references = columns[piece] - center if centered is None else centered
            values = np.matmul(block, references.T, out=squared[:, piece])
            values *= -2
            values += norms[:, None]
            values += np.einsum("nd,nd->n", references, references)
        # Rounding errors of equal points may be negative, and their root is not small. So points count as equal below
        # 3e-7 of an example's norm, which is also float32's precision.
        squared[squared < 1e-13 * norms[:, None]] = 0
        yield part, squared


def _slices(count: int, step: int) -> list[slice]:
    return [slice(start, min(start + step, count)) for start in range(0, count, step)]


def radii(features: np.ndarray, k: int) -> np.ndarray:
    """Distance of each example to its k-th nearest other example, ``[n, d]`` → ``[n]``.

    Raises:
        InputError: k is below 1, or there are no k other examples.
    """
    return np.sqrt(_squared_radii(features, k))


def tolerant_squared_radii(features: np.ndarray, k: int) -> np.ndarray:
    """Squared radii with a tolerance, so that a comparison of squared distances includes a ball's edge.

    The tolerance is the possible rounding error of a distance, 1e-12 of the examples' largest squared norm, which is
    far below the precision of float32 features.

    Raises:
        InputError: k is below 1, or there are no k other examples.
    """
    squared = _squared_radii(features, k)
    return squared + ROUNDING * _largest_squared_norm(features)


def _largest_squared_norm(features: np.ndarray) -> float:
    center, largest = features.mean(axis=0, dtype=np.float64), 0.0
    for part in _slices(len(features), max(1, COPY // features.shape[1])):
        centered = features[part] - center
        largest = max(largest, np.einsum("nd,nd->n", centered, centered).max())
    return largest


def _squared_radii(features: np.ndarray, k: int) -> np.ndarray:
    features = check_features(features)
    _check_k(k, len(features) - 1)
    result = np.empty(len(features))
    for part, squared in distance_blocks(features, features):
        squared[np.arange(len(squared)), np.arange(part.start, part.stop)] = np.inf
        result[part] = np.partition(squared, k - 1, axis=1)[:, k - 1]
    return result


def nearest(queries: np.ndarray, references: np.ndarray, k: int = 1) -> Neighbors:
    """Find the k references nearest to each query.

    Args:
        queries: ``[n, d]``.
        references: ``[m, d]``.
        k: number of references, at most m.

    Raises:
        InputError: k is out of range, or features have different widths.
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
    return Neighbors(indices, distances)


def _check_k(k: int, largest: int) -> None:
    if not 1 <= k <= largest:
        raise InputError(f"k = {k} nearest of {largest} examples: choose a smaller k from 1 on, or give more examples")

"""Eigenvectors of Hermitian matrices from eigenvalues alone, and by power iteration with deflation.

``numpy.linalg.eigh`` is faster and more exact than both where all eigenvectors are needed: ``tfgan lab --experiment
eigen`` measures the three.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from tfgan_models.errors import InputError

SYMMETRY = 1e-12  # largest deviation from a Hermitian matrix, relative to the largest entry: rounding errors
SEPARATION = float(np.sqrt(np.finfo(np.float64).eps))  # half of the digits; see eigenvector_squares
SMALLEST_SQUARE = SEPARATION  # squared components from which the identity has digits to spare for the root
NORM_STEPS, NORM_MARGIN = 30, 1.1  # of the estimate of a matrix's norm


class Eigenvectors(NamedTuple):
    """Eigenvalues and unit eigenvectors.

    Attributes:
        values: float64 ``[n]``, rising, in the unit of the matrix.
        vectors: float64 or complex128 ``[n, n]``; column i belongs to ``values[i]``. The largest component of each
            vector is real and positive.
    """

    values: np.ndarray
    vectors: np.ndarray


class PowerIteration(NamedTuple):
    """The pairs that power iteration reached.

    Attributes:
        values: float64 ``[k]``, rising, in the unit of the matrix.
        vectors: float64 or complex128 ``[n, k]``, unit vectors as columns.
        residuals: float64 ``[k]``, ‖A v − λ v‖ in the unit of the matrix. The error of v is about its residual over the
            distance to the next eigenvalue.
    """

    values: np.ndarray
    vectors: np.ndarray
    residuals: np.ndarray


def eigenvector_squares(
    matrix: np.ndarray, components: Sequence[int] | None = None, separation: float = SEPARATION
) -> np.ndarray:
    """Squared absolute components of the unit eigenvectors, from eigenvalues alone.

    Denton, Parke, Tao and Zhang 2019 (1908.03795), equation 2. With the eigenvalues λ of A and μ(j) of the minor
    without row and column j, ::

        |v_ij|² = Π_k (λ_i − μ_k(j)) / Π_{k≠i} (λ_i − λ_k)

    Both products overflow or underflow for large n. Here each factor of one is divided by its neighbor of the other:
    λ_1 ≤ μ_1 ≤ λ_2 ≤ μ_2 ≤ … ≤ λ_n (equation 1) puts every such ratio between 0 and 1, so that no partial product
    is above 1, and none is below the result.

    One row takes two spectra, O(n³); all rows take n + 1, O(n⁴). The absolute error of a square is about 1e-15 ‖A‖ over
    the distance of λ_i to the next eigenvalue. The identity is 0/0 where that distance is 0.

    Args:
        matrix: Hermitian A, ``[n, n]``.
        components: the rows j to compute; all by default.
        separation: eigenvalues at most this apart, relative to the largest absolute one, are refused.

    Returns:
        float64 ``[m, n]``, m rows j and a column for each eigenvalue in rising order: ``abs(vectors[components]) ** 2``
        of ``numpy.linalg.eigh``. A full column sums to 1.

    Raises:
        InputError: the matrix is not square, finite and Hermitian, two eigenvalues are too close, or there is no such
            component.
    """
    matrix = _hermitian(matrix)
    return _squares(matrix, _distinct_eigenvalues(matrix, separation), _rows(components, len(matrix)))


def eigenvectors(matrix: np.ndarray, separation: float = SEPARATION) -> Eigenvectors:
    """Eigenvectors whose absolute values come from the eigenvalues, and whose phases come from one linear system each.

    The identity is the diagonal of adj(λ_i − A) = Π_{k≠i} (λ_i − λ_k) v_i v_i*. The phases are in the same matrix: in
    its column r stand the components of v_i times the conjugate of v_ir. By Cramer's rule the column divided by its
    diagonal entry solves ::

        (λ_i − M_r) x = a_r        v_i without component r = v_ir x

    where M_r is the minor and a_r is column r of A without its entry r. For each eigenvector, r is its largest
    component. This makes the system well conditioned: the square of v_ir is at least 1/n and a product of ratios of at
    most 1. So each ratio is at least 1/n: λ_i is at least 1/n as far from the eigenvalues of M_r as from those of A.
    Signs that are carried from one component to the next would instead fail at the first component near 0. The root of
    a square near 0 has half of its digits, so that squared components below 1.5e-8 are those of x.

    It takes n + 1 spectra and n solutions, O(n⁴). The absolute error of a component is that of its square over twice
    the component, at most 4,000 times as much. On random matrices of up to 200 rows it was below 1e-10.

    Args:
        matrix: Hermitian A, ``[n, n]``.
        separation: see ``eigenvector_squares``.

    Raises:
        InputError: the matrix is not square, finite and Hermitian, or two eigenvalues are too close.
    """
    matrix = _hermitian(matrix)
    size = len(matrix)
    values = _distinct_eigenvalues(matrix, separation)
    squares = _squares(matrix, values, np.arange(size))
    vectors = np.empty_like(matrix)
    for i, value in enumerate(values):
        largest = int(squares[:, i].argmax())
        others = np.delete(np.arange(size), largest)
        system = value * np.eye(size - 1) - matrix[np.ix_(others, others)]
        length = np.sqrt(squares[largest, i])
        solved = length * np.linalg.solve(system, matrix[others, largest])
        phases = solved / np.maximum(np.abs(solved), np.finfo(np.float64).tiny)
        exact = squares[others, i] >= SMALLEST_SQUARE
        vectors[largest, i] = length
        vectors[others, i] = np.where(exact, np.sqrt(squares[others, i]) * phases, solved)
    return Eigenvectors(values, vectors / np.linalg.norm(vectors, axis=0))


def power_iteration(
    matrix: np.ndarray, count: int | None = None, iterations: int = 10_000, tolerance: float = 1e-12, seed: int = 0
) -> PowerIteration:
    """The largest eigenvalues and their vectors, one after the other: iterate, remove, repeat.

    A random vector is multiplied by the matrix until it no longer turns (von Mises and Pollaczek-Geiringer 1929); then
    λ v v* is subtracted, and the next one begins (Hotelling 1933). To the matrix, 1.1 times an estimate of ‖A‖ is
    added first: the eigenvalue of the largest absolute value is then the largest one, and λ and −λ are not a tie.

    A step takes O(n²) and shrinks the error by about 1 − d / 2‖A‖, where d is the distance to the next eigenvalue. Of
    random matrices of 200 rows the closest pairs need some 100,000 steps.

    Args:
        matrix: Hermitian A, ``[n, n]``. Repeated eigenvalues are allowed, with any basis of their space as vectors.
        count: k, pairs to compute; all n by default.
        iterations: at most, for each pair.
        tolerance: a pair is done when its residual is at most this, relative to ‖A‖.
        seed: of the first vectors.

    Returns:
        The k largest eigenvalues, in rising order: the last k columns of ``numpy.linalg.eigh``. A pair that did not
        converge is returned as it is, and its residual says so.

    Raises:
        InputError: the matrix is not square, finite and Hermitian, or ``count`` or ``iterations`` is out of range.
    """
    matrix = _hermitian(matrix)
    size = len(matrix)
    count = size if count is None else count
    if not 1 <= count <= size:
        raise InputError(f"count {count}: a matrix of {size} rows has 1 to {size} eigenvectors", "count")
    if iterations < 1:
        raise InputError(f"iterations {iterations}: give 1 or more", "iterations")
    random = np.random.default_rng(seed)
    scale = float(np.abs(matrix).max()) or 1.0  # so that no norm overflows
    norm = _norm(matrix / scale, _start(matrix, random))
    remaining = matrix / scale + norm * np.eye(size)
    vectors = np.empty((size, count), matrix.dtype)
    for i in reversed(range(count)):
        vector = _start(matrix, random)
        for _ in range(iterations):
            image = remaining @ vector
            if np.linalg.norm(image - np.vdot(vector, image).real * vector) <= tolerance * norm:
                break
            vector = image / np.linalg.norm(image)
        vectors[:, i] = vector
        remaining -= np.vdot(vector, remaining @ vector).real * np.outer(vector, vector.conj())
    images = matrix / scale @ vectors
    values = np.sum(vectors.conj() * images, axis=0).real
    residuals = np.linalg.norm(images - vectors * values, axis=0)
    order = values.argsort()  # pairs that did not converge may be out of it
    return PowerIteration(scale * values[order], vectors[:, order], scale * residuals[order])


def _hermitian(matrix: Any) -> np.ndarray:
    """The matrix as float64 or complex128, with the rounding errors of its two halves averaged."""
    matrix = np.asarray(matrix)
    if matrix.dtype.kind not in "biufc":
        raise InputError(f"matrix of type {matrix.dtype}: give real or complex numbers", "matrix")
    if matrix.ndim != 2 or matrix.shape[0] != matrix.shape[1] or not matrix.size:
        raise InputError(
            f"matrix of shape {list(matrix.shape)}: give a square one, [n, n] with n of 1 or more", "matrix"
        )
    matrix = matrix.astype(np.complex128 if matrix.dtype.kind == "c" else np.float64)
    if wrong := np.count_nonzero(~np.isfinite(matrix)):
        raise InputError(f"matrix with {wrong} entries that are NaN or infinite: give finite numbers", "matrix")
    adjoint = matrix.conj().T  # in halves no sum overflows
    deviations = np.abs(matrix / 2 - adjoint / 2)
    if deviations.max() > SYMMETRY * np.abs(matrix / 2).max():
        i, j = (int(index) for index in np.unravel_index(deviations.argmax(), matrix.shape))
        raise InputError(
            f"matrix[{i}, {j}] is {matrix[i, j]:.6g}, and matrix[{j}, {i}] is {matrix[j, i]:.6g}, not its conjugate: "
            "give a Hermitian matrix, such as (matrix + matrix.conj().T) / 2",
            "matrix",
        )
    return matrix / 2 + adjoint / 2


def _rows(components: Sequence[int] | None, size: int) -> np.ndarray:
    rows = np.arange(size) if components is None else np.asarray(components)
    if rows.ndim != 1 or rows.dtype.kind not in "iu" or not rows.size or rows.min() < 0 or rows.max() >= size:
        raise InputError(f"components {components!r}: give a list of rows from 0 to {size - 1}", "components")
    return rows


def _distinct_eigenvalues(matrix: np.ndarray, separation: float) -> np.ndarray:
    values = np.linalg.eigvalsh(matrix)
    distances = np.diff(values)
    if len(distances) and distances.min() <= separation * np.abs(values).max():
        low, high = values[distances.argmin() :][:2]
        raise InputError(
            f"matrix with repeated eigenvalues, {low:.17g} and {high:.17g}, or nearly so: they do not determine "
            "vectors; use numpy.linalg.eigh, which gives a basis of their space",
            "matrix",
        )
    return values


def _squares(matrix: np.ndarray, values: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """Equation 2 for some rows."""
    # In row i and column k stands the neighbor of μ_k that is farther from λ_i.
    others = np.stack([np.delete(values, i) for i in range(len(values))])
    distances = values[:, np.newaxis] - others
    squares = np.empty((len(rows), len(values)))
    for row, j in zip(squares, rows, strict=True):
        of_minor = np.linalg.eigvalsh(np.delete(np.delete(matrix, j, 0), j, 1))
        # Rounding errors put ratios near 0 and 1 a little outside.
        row[:] = np.clip((values[:, np.newaxis] - of_minor) / distances, 0, 1).prod(1)
    return squares


def _start(matrix: np.ndarray, random: np.random.Generator) -> np.ndarray:
    vector = random.standard_normal(len(matrix)).astype(matrix.dtype)
    if matrix.dtype.kind == "c":
        vector += 1j * random.standard_normal(len(matrix))
    return vector / np.linalg.norm(vector)


def _norm(matrix: np.ndarray, vector: np.ndarray) -> float:
    """An estimate of the largest absolute eigenvalue, usually a little above it; 1 of a matrix of zeros."""
    for _ in range(NORM_STEPS):
        image = matrix @ vector
        vector = image / (np.linalg.norm(image) or 1)
    return NORM_MARGIN * float(np.linalg.norm(matrix @ vector)) or 1.0

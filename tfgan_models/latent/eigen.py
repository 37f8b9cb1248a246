"""Eigenvectors of Hermitian matrices from eigenvalues alone, and by power iteration with deflation.

If all eigenvectors are needed, ``numpy.linalg.eigh`` is faster and more exact than both. ``tfgan lab --experiment
eigen`` compares the three.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from tfgan_models.errors import InputError

SYMMETRY = 1e-12  # largest deviation from a Hermitian matrix, relative to the largest entry: rounding errors
SEPARATION = float(np.sqrt(np.finfo(np.float64).eps))  # about 1.5e-8, half of the digits of float64
SMALLEST_SQUARE = SEPARATION  # the root of a smaller square would lose more than half of its digits
NORM_STEPS, NORM_MARGIN = 30, 1.1  # steps of the estimate of a matrix's norm, and the factor on the estimate


class Eigenvectors(NamedTuple):
    """Eigenvalues and unit eigenvectors.

    Attributes:
        values: float64 ``[n]``, ascending, in the unit of the matrix.
        vectors: float64 or complex128 ``[n, n]``; column i belongs to ``values[i]``. The largest component of each
            vector is real and positive.
    """

    values: np.ndarray
    vectors: np.ndarray


class PowerIteration(NamedTuple):
    """Eigenvalues and eigenvectors from power iteration.

    Attributes:
        values: float64 ``[k]``, ascending, in the unit of the matrix.
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
    """Compute the squared absolute components of the unit eigenvectors from eigenvalues alone.

    See Denton, Parke, Tao and Zhang 2019 (1908.03795), equation 2. For the eigenvalues λ of A, and the eigenvalues
    μ(j) of the minor without row and column j ::

        |v_ij|² = Π_k (λ_i − μ_k(j)) / Π_{k≠i} (λ_i − λ_k)

    For large n, both products overflow or underflow. Therefore each factor of the numerator is divided by a neighboring
    factor of the denominator. The eigenvalues interlace, λ_1 ≤ μ_1 ≤ λ_2 ≤ μ_2 ≤ … ≤ λ_n (equation 1), so that each
    such ratio is between 0 and 1. Partial products are then at most 1, and at least the result.

    One row needs the eigenvalues of two matrices, O(n³), all rows those of n + 1 matrices, O(n⁴). The absolute error of
    a square is about 1e-15 ‖A‖ divided by the distance from λ_i to the next eigenvalue; at distance 0 it is undefined.

    Args:
        matrix: Hermitian A, ``[n, n]``.
        components: the rows j to compute; all by default.
        separation: distance of two eigenvalues, relative to the largest absolute one, up to which they raise an error.

    Returns:
        float64 ``[m, n]``: a row for each component, and a column for each eigenvalue in ascending order. It is equal
        to ``abs(vectors[components]) ** 2`` of ``numpy.linalg.eigh``. With all components, columns sum to 1.

    Raises:
        InputError: the matrix is not square, finite and Hermitian, two eigenvalues are too close, or there is no such
            component.
    """
    matrix = _hermitian(matrix)
    return _squares(matrix, _distinct_eigenvalues(matrix, separation), _rows(components, len(matrix)))


def eigenvectors(matrix: np.ndarray, separation: float = SEPARATION) -> Eigenvectors:
    """Compute eigenvectors: their absolute values from eigenvalues, and the phases of each from one linear system.

    The identity of ``eigenvector_squares`` is the diagonal of adj(λ_i − A) = Π_{k≠i} (λ_i − λ_k) v_i v_i*. The same
    matrix contains the phases: its column r is proportional to v_i. By Cramer's rule, the column divided by its
    diagonal entry solves ::

        (λ_i − M_r) x = a_r        v_i without component r = v_ir x

    where M_r is the minor and a_r is column r of A without its entry r. The largest component is chosen as r, which
    makes the system well conditioned: the square of v_ir is at least 1/n, and it is a product of ratios that are at
    most 1. Therefore each ratio is at least 1/n, and the distances from λ_i to the eigenvalues of M_r are at least 1/n
    of those to the eigenvalues of A. The root of a square near 0 has only half of its digits, so components whose
    squares are below 1.5e-8 are taken from v_ir x.

    The function needs the eigenvalues of n + 1 matrices and the solutions of n systems, O(n⁴). The absolute error of a
    component is at most 4,000 times that of its square. On random matrices of up to 200 rows it was below 1e-10.

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
        maximum = np.sqrt(squares[largest, i])
        solution = maximum * np.linalg.solve(system, matrix[others, largest])
        phases = solution / np.maximum(np.abs(solution), np.finfo(np.float64).tiny)
        exact = squares[others, i] >= SMALLEST_SQUARE
        vectors[largest, i] = maximum
        vectors[others, i] = np.where(exact, np.sqrt(squares[others, i]) * phases, solution)
    return Eigenvectors(values, vectors / np.linalg.norm(vectors, axis=0))


def power_iteration(
    matrix: np.ndarray, count: int | None = None, iterations: int = 10_000, tolerance: float = 1e-12, seed: int = 0
) -> PowerIteration:
    """Compute the largest eigenvalues and their vectors one after the other, by power iteration with deflation.

    A random vector is multiplied by the matrix until its direction converges (von Mises and Pollaczek-Geiringer 1929).
    Then λ v v* is subtracted, and the next vector follows (Hotelling 1933). Before that, 1.1 times an estimate of ‖A‖
    is added to the diagonal, so that the largest eigenvalue has the largest absolute value, and λ and −λ do not tie.

    A step takes O(n²) and multiplies the error by about 1 − d / 2‖A‖, where d is the distance to the next eigenvalue.
    In random matrices of 200 rows, the closest eigenvalues need about 100,000 steps.

    Args:
        matrix: Hermitian A, ``[n, n]``. Repeated eigenvalues are allowed; their vectors are some basis of their space.
        count: k, number of eigenvectors to compute; all n by default.
        iterations: maximum number of steps for each vector.
        tolerance: residual, relative to ‖A‖, at which a vector has converged.
        seed: seed of the initial vectors.

    Returns:
        The k largest eigenvalues in ascending order, like the last k columns of ``numpy.linalg.eigh``. A vector that
        did not converge is returned as it is, with a residual above the tolerance.

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
            product = remaining @ vector
            if np.linalg.norm(product - np.vdot(vector, product).real * vector) <= tolerance * norm:
                break
            vector = product / np.linalg.norm(product)
        vectors[:, i] = vector
        remaining -= np.vdot(vector, remaining @ vector).real * np.outer(vector, vector.conj())
    products = matrix / scale @ vectors
    values = np.sum(vectors.conj() * products, axis=0).real
    residuals = np.linalg.norm(products - vectors * values, axis=0)
    order = values.argsort()  # because vectors that did not converge may be out of order
    return PowerIteration(scale * values[order], vectors[:, order], scale * residuals[order])


def _hermitian(matrix: Any) -> np.ndarray:
    """Return the matrix as float64 or complex128, averaged with its adjoint to remove rounding errors."""
    matrix = np.asarray(matrix)
    if matrix.dtype.kind not in "biufc":
        raise InputError(f"matrix of type {matrix.dtype}: give real or complex numbers", "matrix")
    if matrix.ndim != 2 or matrix.shape[0] != matrix.shape[1] or not matrix.size:
        raise InputError(
            f"matrix of shape {list(matrix.shape)}: give a square one, [n, n] with n of 1 or more", "matrix"
        )
    matrix = matrix.astype(np.complex128 if matrix.dtype.kind == "c" else np.float64)
    if count := np.count_nonzero(~np.isfinite(matrix)):
        raise InputError(f"matrix with {count} entries that are NaN or infinite: give finite numbers", "matrix")
    adjoint = matrix.conj().T  # halved below before it is added, so that no sum overflows
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
            f"matrix with equal or nearly repeated eigenvalues {low:.17g} and {high:.17g}, which do not determine "
            "vectors: use numpy.linalg.eigh, which returns a basis of their space",
            "matrix",
        )
    return values


def _squares(matrix: np.ndarray, values: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """Compute equation 2 for some rows."""
    # Row i, column k contains the neighbor of μ_k that is farther from λ_i.
    others = np.stack([np.delete(values, i) for i in range(len(values))])
    distances = values[:, np.newaxis] - others
    squares = np.empty((len(rows), len(values)))
    for row, j in zip(squares, rows, strict=True):
        minor_values = np.linalg.eigvalsh(np.delete(np.delete(matrix, j, 0), j, 1))
        # Rounding errors may move ratios slightly below 0 or above 1.
        row[:] = np.clip((values[:, np.newaxis] - minor_values) / distances, 0, 1).prod(1)
    return squares


def _start(matrix: np.ndarray, random: np.random.Generator) -> np.ndarray:
    vector = random.standard_normal(len(matrix)).astype(matrix.dtype)
    if matrix.dtype.kind == "c":
        vector += 1j * random.standard_normal(len(matrix))
    return vector / np.linalg.norm(vector)


def _norm(matrix: np.ndarray, vector: np.ndarray) -> float:
    """Estimate the largest absolute eigenvalue, usually slightly too high; 1 for a matrix of zeros."""
    for _ in range(NORM_STEPS):
        product = matrix @ vector
        vector = product / (np.linalg.norm(product) or 1)
    return NORM_MARGIN * float(np.linalg.norm(matrix @ vector)) or 1.0

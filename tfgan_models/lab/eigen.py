"""Error and time of three methods for eigenvectors, on random Hermitian matrices of several sizes.

Each matrix A = Q Λ Q* is computed from known eigenvectors Q, so that the error of ``eigh`` can be measured, too. The
distribution is that of Hermitian matrices with independent Gaussian entries: their eigenvectors are uniformly
distributed and independent of the eigenvalues.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

SIZES = (3, 5, 10, 20, 50, 100, 200)
ITERATIONS = 2_000  # maximum number of steps of power iteration for each vector
REPETITIONS, SECONDS = 25, 2.0  # a measurement ends after either of them


class Method(NamedTuple):
    """A method for eigenvectors.

    Attributes:
        description: a few words for the table.
        cost: approximate duration of a run; see ``tasks.Task.cost``.
    """

    description: str
    cost: float


METHODS = {
    "eigh": Method("`numpy.linalg.eigh`: all vectors", 0.1),
    "identity": Method("from eigenvalues, phases from linear systems: all vectors", 1.0),
    "identity_one": Method("from eigenvalues: one component of all vectors, without phases", 0.1),
    "power": Method(f"power iteration with deflation, at most {ITERATIONS:,} steps for each vector: all vectors", 8.0),
    "power_one": Method("power iteration: the vector of the largest eigenvalue", 0.5),
}


def planted(size: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Draw a Hermitian matrix, complex128 ``[n, n]``, and its eigenvectors as columns, by ascending eigenvalues.

    Args:
        size: n.
        seed: the same seed gives the same matrix.
    """
    random = np.random.default_rng((size, seed))
    entries, basis = random.normal(size=(2, size, size)) + 1j * random.normal(size=(2, size, size))
    values = np.linalg.eigvalsh((entries + entries.conj().T) / 2)
    triangle: Any
    vectors, triangle = np.linalg.qr(basis)
    # The phases that the algorithm chooses are replaced, so that the vectors are uniformly distributed (Mezzadri 2007).
    vectors = vectors * (np.diag(triangle) / np.abs(np.diag(triangle)))
    matrix = vectors * values @ vectors.conj().T
    return (matrix + matrix.conj().T) / 2, vectors


def solver(method: str, matrix: np.ndarray) -> Callable[[], np.ndarray]:
    """Return a function that computes the vectors ``[n, k]`` by a method, or absolute components ``[1, n]``."""
    from tfgan_models.latent import eigen

    return {
        "eigh": lambda: np.linalg.eigh(matrix).eigenvectors,
        "identity": lambda: eigen.eigenvectors(matrix).vectors,
        "identity_one": lambda: np.sqrt(eigen.eigenvector_squares(matrix, [0])),
        "power": lambda: eigen.power_iteration(matrix, iterations=ITERATIONS).vectors,
        "power_one": lambda: eigen.power_iteration(matrix, 1, ITERATIONS).vectors,
    }[method]


def error(method: str, computed: np.ndarray, vectors: np.ndarray) -> float:
    """Return the largest absolute error of a component, for the best phase of each vector.

    A method without phases is compared with absolute values.

    Args:
        method: a key of ``METHODS``.
        computed: result of the method's ``solver``.
        vectors: the exact eigenvectors, ``[n, n]``.
    """
    if method == "identity_one":
        return float(np.abs(computed - np.abs(vectors[:1])).max())
    expected = vectors[:, -computed.shape[1] :]
    products = np.sum(expected.conj() * computed, axis=0)
    return float(np.abs(computed - expected * products / np.abs(products)).max())


def run(method: str, seed: int) -> dict[str, list]:
    """Measure a method on matrices of all ``SIZES``. Return the lists sizes, errors and milliseconds as JSON values.

    A time is the median CPU time of this process with one thread of linear algebra, so that other programs on the
    machine hardly change it.
    """
    from threadpoolctl import threadpool_limits

    outcome = {"sizes": list(SIZES), "errors": [], "milliseconds": []}
    with threadpool_limits(1):
        for size in SIZES:
            matrix, vectors = planted(size, seed)
            solve = solver(method, matrix)
            outcome["errors"].append(float(f"{error(method, solve(), vectors):.3g}"))
            outcome["milliseconds"].append(float(f"{1000 * seconds(solve):.3g}"))
    return outcome


def seconds(solve: Callable[[], Any]) -> float:
    """Return the median CPU time of several calls."""
    times = []
    while len(times) < REPETITIONS and sum(times) < SECONDS:
        start = time.process_time()
        solve()
        times.append(time.process_time() - start)
    return float(np.median(times))

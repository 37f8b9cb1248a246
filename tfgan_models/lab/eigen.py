"""Eigenvectors of random Hermitian matrices by three methods: error and time against the number of rows.

Each matrix A = Q Λ Q* is made from planted eigenvectors Q, so that ``eigh`` has an error too. The distribution is that
of Hermitian matrices with independent Gaussian entries: their eigenvectors are uniformly distributed and independent of
the eigenvalues.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

SIZES = (3, 5, 10, 20, 50, 100, 200)
ITERATIONS = 2_000  # of power iteration for each vector, at most
REPETITIONS, SECONDS = 25, 2.0  # of a measurement: at most, and after which none begins


class Method(NamedTuple):
    """A way to eigenvectors.

    Attributes:
        what: in a few words.
        cost: about how long its run takes; see ``tasks.Task.cost``.
    """

    what: str
    cost: float


METHODS = {
    "eigh": Method("`numpy.linalg.eigh`: all vectors", 0.1),
    "identity": Method("from eigenvalues, phases from linear systems: all vectors", 1.0),
    "identity_one": Method("from eigenvalues: one component of all vectors, without phases", 0.1),
    "power": Method(f"power iteration with deflation, at most {ITERATIONS:,} steps for each vector: all vectors", 8.0),
    "power_one": Method("power iteration: the vector of the largest eigenvalue", 0.5),
}


def planted(size: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """A random Hermitian matrix, complex128 ``[n, n]``, and its eigenvectors as columns, by rising eigenvalues.

    Args:
        size: n.
        seed: the same seed gives the same matrix.
    """
    random = np.random.default_rng((size, seed))
    entries, others = random.normal(size=(2, size, size)) + 1j * random.normal(size=(2, size, size))
    values = np.linalg.eigvalsh((entries + entries.conj().T) / 2)
    triangle: Any
    vectors, triangle = np.linalg.qr(others)
    # Only with phases that the algorithm did not choose are the vectors uniformly distributed (Mezzadri 2007).
    vectors = vectors * (np.diag(triangle) / np.abs(np.diag(triangle)))
    matrix = vectors * values @ vectors.conj().T
    return (matrix + matrix.conj().T) / 2, vectors


def solver(method: str, matrix: np.ndarray) -> Callable[[], np.ndarray]:
    """What computes the vectors ``[n, k]`` by one of ``METHODS``, or absolute components ``[1, n]``."""
    from tfgan_models.latent import eigen

    return {
        "eigh": lambda: np.linalg.eigh(matrix).eigenvectors,
        "identity": lambda: eigen.eigenvectors(matrix).vectors,
        "identity_one": lambda: np.sqrt(eigen.eigenvector_squares(matrix, [0])),
        "power": lambda: eigen.power_iteration(matrix, iterations=ITERATIONS).vectors,
        "power_one": lambda: eigen.power_iteration(matrix, 1, ITERATIONS).vectors,
    }[method]


def error(method: str, computed: np.ndarray, vectors: np.ndarray) -> float:
    """The largest error of a component: up to each vector's phase, or of the absolute value where there are no phases.

    Args:
        method: of ``METHODS``.
        computed: of the method's ``solver``.
        vectors: the planted ones, ``[n, n]``.
    """
    if method == "identity_one":
        return float(np.abs(computed - np.abs(vectors[:1])).max())
    expected = vectors[:, -computed.shape[1] :]
    products = np.sum(expected.conj() * computed, axis=0)
    return float(np.abs(computed - expected * products / np.abs(products)).max())


def run(method: str, seed: int) -> dict[str, list]:
    """Measure a method on matrices of all ``SIZES``: ``{"sizes", "errors", "milliseconds"}``, ready for JSON.

    Times are the median of this process's CPU time with one thread of linear algebra: other programs on the machine
    then change them little.
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
    """The median of the CPU times of several calls."""
    times = []
    while len(times) < REPETITIONS and sum(times) < SECONDS:
        began = time.process_time()
        solve()
        times.append(time.process_time() - began)
    return float(np.median(times))

"""The comparison of methods for eigenvectors: planted vectors, errors and times."""

from __future__ import annotations

import numpy as np
import pytest

from tfgan_models.lab import eigen, tasks
from tfgan_models.lab.tasks import Settings


def test_planted_vectors_are_the_matrix_s_in_rising_order():
    matrix, vectors = eigen.planted(12, seed=3)
    np.testing.assert_array_equal(matrix, matrix.conj().T)
    np.testing.assert_allclose(vectors.conj().T @ vectors, np.eye(12), atol=1e-13)
    diagonal = vectors.conj().T @ matrix @ vectors
    values = np.diag(diagonal).real
    np.testing.assert_allclose(diagonal, np.diag(values), atol=1e-12)
    assert (np.diff(values) > 0).all()
    np.testing.assert_array_equal(eigen.planted(12, seed=3)[0], matrix)
    assert np.abs(eigen.planted(12, seed=4)[0] - matrix).max() > 0.1


def test_planted_matrices_have_independent_gaussian_entries():
    """Of variance 1 on the diagonal, and of 1/2 in both parts off it."""
    matrices = np.stack([eigen.planted(3, seed)[0] for seed in range(2000)])
    for entries, variance in (
        (matrices[:, 1, 1].real, 1),
        (matrices[:, 0, 2].real, 0.5),
        (matrices[:, 0, 2].imag, 0.5),
    ):
        assert entries.mean() == pytest.approx(0, abs=0.1)
        assert entries.var() == pytest.approx(variance, rel=0.15)


@pytest.mark.parametrize("method", eigen.METHODS)
def test_every_method_computes_the_planted_vectors(method):
    matrix, vectors = eigen.planted(5, seed=0)
    computed = eigen.solver(method, matrix)()
    assert eigen.error(method, computed, vectors) < (1e-9 if "power" in method else 1e-12)
    assert eigen.error(method, computed, np.roll(vectors, 1, axis=0)) > 0.1


@pytest.mark.parametrize("method", ["eigh", "identity_one"])
def test_a_run_measures_every_size(method, monkeypatch):
    monkeypatch.setattr(eigen, "SIZES", (3, 6))
    outcome = tasks.perform(tasks.Task("eigen", method, 0, Settings()))
    assert outcome["sizes"] == [3, 6]
    assert 0 < max(outcome["errors"]) < 1e-12
    assert 0 < min(outcome["milliseconds"]) <= max(outcome["milliseconds"]) < 1000


def test_the_time_is_the_median_of_cpu_times(monkeypatch):
    clock = iter([0.0, 0.5, 1.0, 1.1, 2.0, 3.0, 4.0, 4.7])
    monkeypatch.setattr(eigen.time, "process_time", lambda: next(clock))
    assert eigen.seconds(lambda: None) == pytest.approx(0.6)  # of 0.5, 0.1, 1 and 0.7, which are 2 in all

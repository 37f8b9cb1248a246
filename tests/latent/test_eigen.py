"""Eigenvectors from eigenvalues and by power iteration, against numbers made by hand and ``numpy.linalg.eigh``."""

from __future__ import annotations

import numpy as np
import pytest

from tfgan_models import InputError
from tfgan_models.latent import eigen

BY_HAND = np.array([[2.0, -1.0, 0.0], [-1.0, 2.0, -1.0], [0.0, -1.0, 2.0]])
ROOT = np.sqrt(2)


def hermitian(size: int, seed: int, kind: str = "complex") -> np.ndarray:
    random = np.random.default_rng(seed)
    matrix = random.normal(size=(size, size)).astype(np.complex128 if kind == "complex" else np.float64)
    if kind == "complex":
        matrix += 1j * random.normal(size=(size, size))
    return matrix + matrix.conj().T


def aligned_error(vectors: np.ndarray, expected: np.ndarray) -> float:
    """The largest difference of a component, with each vector's free phase set by the inner product."""
    products = np.sum(expected.conj() * vectors, axis=0)
    return float(np.abs(vectors - expected * products / np.abs(products)).max())


def test_three_rows_by_hand():
    """Eigenvalues 2 − √2, 2, 2 + √2; minors with 1 and 3, with 2 and 2, and with 1 and 3 again.

    Row 0: (1 − √2)(−1 − √2) / ((−√2)(−2√2)) = 1/4; (1)(−1) / ((√2)(−√2)) = 1/2; 1/4. Row 1: 2/4, 0, 1/2.
    """
    squares = [[1 / 4, 1 / 2, 1 / 4], [1 / 2, 0, 1 / 2], [1 / 4, 1 / 2, 1 / 4]]
    np.testing.assert_allclose(eigen.eigenvector_squares(BY_HAND), squares, atol=1e-15)
    values, vectors = eigen.eigenvectors(BY_HAND)
    np.testing.assert_allclose(values, [2 - ROOT, 2, 2 + ROOT], atol=1e-15)
    expected = np.array([[1, ROOT, -1], [ROOT, 0, ROOT], [1, -ROOT, -1]]) / 2
    np.testing.assert_allclose(vectors * np.sign(vectors[0] * expected[0]), expected, atol=1e-15)


def test_complex_phases_by_hand():
    """The second Pauli matrix: (1, −i)/√2 to −1, and (1, i)/√2 to 1."""
    values, vectors = eigen.eigenvectors(np.array([[0, -1j], [1j, 0]]))
    np.testing.assert_allclose(values, [-1, 1], atol=1e-15)
    np.testing.assert_allclose(vectors[1] / vectors[0], [-1j, 1j], atol=1e-15)
    np.testing.assert_allclose(np.abs(vectors), np.sqrt(0.5), atol=1e-15)


@pytest.mark.parametrize("kind", ["real", "complex"])
@pytest.mark.parametrize("size", [1, 2, 3, 5, 10, 20, 50])
def test_random_matrices_agree_with_eigh(size, kind):
    for seed in range(8 if size < 50 else 4):
        matrix = hermitian(size, seed, kind)
        values, vectors = np.linalg.eigh(matrix)
        computed = eigen.eigenvectors(matrix)
        assert computed.vectors.dtype == matrix.dtype
        np.testing.assert_allclose(computed.values, values, atol=1e-13 * np.abs(values).max())
        assert aligned_error(computed.vectors, vectors) < 1e-8
        np.testing.assert_allclose(eigen.eigenvector_squares(matrix), np.abs(vectors) ** 2, atol=1e-10)
        largest = np.take_along_axis(computed.vectors, np.abs(computed.vectors).argmax(0)[np.newaxis], 0)
        assert (largest.real > 0).all() and not largest.imag.any()


@pytest.mark.parametrize("scale", [1e-150, 1.0, 1e150])
def test_products_of_two_hundred_factors_neither_overflow_nor_underflow(scale):
    """The plain products would be about scale to the power of 199."""
    matrix = hermitian(200, seed=0, kind="real")
    vectors = np.linalg.eigh(matrix)[1]
    squares = eigen.eigenvector_squares(scale * matrix, [0, 7, 199])
    np.testing.assert_allclose(squares, vectors[[0, 7, 199]] ** 2, atol=1e-11)
    assert squares.max() > 0.01


def test_two_hundred_rows_have_phases():
    matrix = hermitian(200, seed=1, kind="real")
    assert aligned_error(eigen.eigenvectors(matrix).vectors, np.linalg.eigh(matrix)[1]) < 1e-8


@pytest.mark.parametrize("diagonal", [[3.0, -1.0, 0.0, 1e-3], [5.0]])
def test_the_vectors_of_a_diagonal_matrix_are_axes(diagonal):
    values, vectors = eigen.eigenvectors(np.diag(diagonal))
    np.testing.assert_array_equal(values, np.sort(diagonal))
    np.testing.assert_allclose(vectors, np.eye(len(diagonal))[:, np.argsort(diagonal)], atol=1e-15)


@pytest.mark.parametrize("kind", ["real", "complex"])
def test_the_vectors_of_a_block_are_zero_in_the_other(kind):
    matrix = np.zeros((30, 30), np.complex128 if kind == "complex" else np.float64)
    matrix[:12, :12], matrix[12:, 12:] = hermitian(12, 3, kind), hermitian(18, 4, kind)
    order = np.random.default_rng(5).permutation(30)
    matrix = matrix[np.ix_(order, order)]
    expected = np.linalg.eigh(matrix)[1]
    vectors = eigen.eigenvectors(matrix).vectors
    assert aligned_error(vectors, expected) < 1e-11
    in_first = np.abs(vectors[order < 12]).max(0) > 0.1
    assert in_first.sum() == 12
    assert np.abs(vectors[order >= 12][:, in_first]).max() < 1e-12


@pytest.mark.parametrize("kind", ["real", "complex"])
def test_zeros_by_symmetry_have_all_digits(kind):
    """A matrix that does not change if its rows and columns are reversed has antisymmetric vectors, 0 in the middle.

    Rounding leaves squares of about 1e-15 there, and their roots would be 3e-8.
    """
    matrix = hermitian(21, 6, kind)
    matrix += matrix[::-1, ::-1]
    computed = eigen.eigenvectors(matrix)
    antisymmetric = np.abs(computed.vectors + computed.vectors[::-1]).max(0) < 1e-10
    assert antisymmetric.sum() == 10
    assert np.abs(computed.vectors[10, antisymmetric]).max() < 1e-13
    assert aligned_error(computed.vectors, np.linalg.eigh(matrix)[1]) < 1e-11


@pytest.mark.parametrize(
    "matrix",
    [
        np.eye(4),
        np.zeros((2, 2)),
        np.diag([1.0, 2.0, 2.0 + 1e-9]),
        np.ones((3, 3)),
        np.kron(np.eye(2), BY_HAND),
    ],
    ids=["identity", "zeros", "nearly repeated", "rank one", "equal blocks"],
)
def test_repeated_eigenvalues_are_refused(matrix):
    for function in (eigen.eigenvectors, eigen.eigenvector_squares):
        with pytest.raises(InputError, match="repeated eigenvalues") as refusal:
            function(matrix)
        assert refusal.value.argument == "matrix"
        assert "\n" not in str(refusal.value)


def test_close_eigenvalues_are_accepted_on_demand():
    matrix = np.diag([1.0, 2.0, 2.0 + 1e-9])
    np.testing.assert_allclose(eigen.eigenvectors(matrix, separation=1e-12).vectors, np.eye(3), atol=1e-12)


@pytest.mark.parametrize(
    ("matrix", "message"),
    [
        (np.ones((2, 3)), r"shape \[2, 3\]: give a square one"),
        (np.ones(4), r"shape \[4\]"),
        (np.ones((0, 0)), r"shape \[0, 0\]"),
        (np.ones((2, 2, 2)), r"shape \[2, 2, 2\]"),
        (np.array([[1.0, np.nan], [np.nan, 2.0]]), "2 entries that are NaN or infinite"),
        (np.array([[np.inf, 0.0], [0.0, 2.0]]), "1 entries that are NaN or infinite"),
        (np.array([[1.0, 2.0], [2.5, 3.0]]), r"matrix\[0, 1\] is 2, and matrix\[1, 0\] is 2.5"),
        (np.array([[0, 1j], [1j, 0]]), r"matrix\[0, 1\] is 0\+1j"),
        (np.array([[1j, 0], [0, 2]]), r"matrix\[0, 0\] is 0\+1j"),
        (np.array([["a", "b"], ["b", "c"]]), "type <U1: give real or complex numbers"),
    ],
)
def test_other_matrices_are_refused_in_one_line(matrix, message):
    for function in (eigen.eigenvectors, eigen.eigenvector_squares, eigen.power_iteration):
        with pytest.raises(InputError, match=message) as refusal:
            function(matrix)
        assert refusal.value.argument == "matrix"
        assert "\n" not in str(refusal.value)


@pytest.mark.parametrize("components", [[3], [-1], [], [0.5], 1])
def test_components_that_there_are_not(components):
    with pytest.raises(InputError, match="give a list of rows from 0 to 2") as refusal:
        eigen.eigenvector_squares(BY_HAND, components)
    assert refusal.value.argument == "components"


@pytest.mark.parametrize("kind", ["real", "complex"])
def test_power_iteration_finds_separate_eigenvalues(kind):
    vectors = np.linalg.qr(hermitian(12, 0, kind))[0]
    values = np.array([-9.0, -8, -6, -4, -3, -1, 0, 2, 4, 5, 7, 9])  # of both signs, with ties of absolute values
    computed = eigen.power_iteration(vectors * values @ vectors.conj().T)
    np.testing.assert_allclose(computed.values, values, atol=1e-10)
    assert aligned_error(computed.vectors, vectors) < 1e-9
    assert computed.residuals.max() < 1e-9


def test_power_iteration_begins_with_the_largest():
    matrix = np.diag([1.0, -8.0, 5.0, 3.0])
    values, vectors, _ = eigen.power_iteration(matrix, count=2)
    np.testing.assert_allclose(values, [3, 5], atol=1e-10)
    np.testing.assert_allclose(np.abs(vectors), np.eye(4)[:, [3, 2]], atol=1e-10)


@pytest.mark.parametrize("scale", [1e-200, 1e200])
def test_power_iteration_does_not_overflow(scale):
    values = eigen.power_iteration(scale * BY_HAND).values
    np.testing.assert_allclose(values / scale, [2 - ROOT, 2, 2 + ROOT], atol=1e-10)


def test_power_iteration_takes_repeated_eigenvalues():
    for matrix, expected in ((np.eye(3), [1, 1, 1]), (np.zeros((2, 2)), [0, 0])):
        values, vectors, residuals = eigen.power_iteration(matrix)
        np.testing.assert_allclose(values, expected, atol=1e-12)
        np.testing.assert_allclose(vectors.T @ vectors, np.eye(len(matrix)), atol=1e-10)
        assert residuals.max() < 1e-10


def test_the_residual_says_that_a_pair_did_not_converge():
    matrix = np.diag([1.0, 1.99, 2.0])
    short, long = (eigen.power_iteration(matrix, iterations=iterations) for iterations in (50, 100_000))
    assert short.residuals.max() > 1e-5
    assert long.residuals.max() < 1e-11


@pytest.mark.parametrize(("argument", "value"), [("count", 0), ("count", 4), ("iterations", 0)])
def test_numbers_out_of_range(argument, value):
    with pytest.raises(InputError, match=f"{argument} {value}") as refusal:
        eigen.power_iteration(BY_HAND, **{argument: value})
    assert refusal.value.argument == argument

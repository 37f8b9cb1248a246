"""Distances in blocks, and the measures of manifolds against references that loop over pairs."""

from __future__ import annotations

import functools
import tracemalloc

import numpy as np
import pytest

from tests.tiers import tiered
from tfgan_models.errors import InputError
from tfgan_models.metrics import neighbors
from tfgan_models.metrics.density_coverage import density_coverage
from tfgan_models.metrics.neighbors import distance_blocks, nearest, radii, tolerant_squared_radii
from tfgan_models.metrics.precision_recall import precision_recall

GENERATOR = np.random.default_rng(0)
REAL, FAKE = GENERATOR.normal(size=(60, 3)), GENERATOR.normal(0.5, 1.3, size=(45, 3))


@pytest.fixture(params=[(1, 2**24), (100, 2**24), (2**22, 2**24), (2**22, 20)], ids=lambda sizes: f"blocks of {sizes}")
def block(request, monkeypatch):
    """Blocks of one row, of a few rows with a short last one, one block for all, and copies of a few columns."""
    monkeypatch.setattr(neighbors, "BLOCK", request.param[0])
    monkeypatch.setattr(neighbors, "COPY", request.param[1])


def distance(x: np.ndarray, y: np.ndarray) -> float:
    return float(np.sqrt(np.sum((x - y) ** 2)))


def radius(features: np.ndarray, index: int, k: int) -> float:
    return sorted(distance(features[index], other) for j, other in enumerate(features) if j != index)[k - 1]


def inside(x: np.ndarray, features: np.ndarray, k: int) -> list[bool]:
    return [distance(x, other) <= radius(features, i, k) for i, other in enumerate(features)]


@functools.lru_cache
def balls(of: str, k: int) -> np.ndarray:
    """By the loops: whether each fake is in the ball of each real example, or the other way round."""
    centers, alternatives = (REAL, FAKE) if of == "real" else (FAKE, REAL)
    return np.array([inside(x, centers, k) for x in alternatives])


def test_blocks_are_the_squared_distances_in_order(block):
    squared = np.concatenate([values for _, values in distance_blocks(REAL, FAKE)])
    expected = np.sum((REAL[:, None] - FAKE[None]) ** 2, -1)
    np.testing.assert_allclose(squared, expected, rtol=1e-11)


def test_blocks_are_bounded(monkeypatch):
    monkeypatch.setattr(neighbors, "BLOCK", 200)
    shapes = [values.shape for _, values in distance_blocks(REAL, FAKE)]
    assert {rows for rows, _ in shapes} == {4}
    assert sum(rows for rows, _ in shapes) == len(REAL)


def test_memory_is_bounded_for_wide_examples(monkeypatch):
    """As of images: beside the examples, and a mean of them, no more than a block and two copies of a bounded size."""
    monkeypatch.setattr(neighbors, "BLOCK", 2**14)
    monkeypatch.setattr(neighbors, "COPY", 2**16)
    wide = np.random.default_rng(1).integers(0, 256, (400, 2**12)).astype(np.uint8)
    tracemalloc.start()
    try:
        squared = np.concatenate([values[:, :3].copy() for _, values in distance_blocks(wide, wide)])
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 8 * (2**14 + 4 * 2**16)
    whole = wide.astype(np.float64)
    np.testing.assert_array_equal(np.round(squared), np.square(whole[:, None] - whole[None, :3]).sum(-1))


def test_equal_points_far_from_the_origin_are_at_zero_and_near_ones_are_not():
    features = np.repeat(REAL[:5], 2, axis=0) + 1e4
    features[1] += 1e-3
    _, squared = next(distance_blocks(features, features))
    assert squared[0, 1] == pytest.approx(3e-6, rel=1e-3)
    np.testing.assert_array_equal(squared[[2, 4, 6], [3, 5, 7]], 0)
    assert squared.min() == 0


@pytest.mark.parametrize("k", [1, 3, 59])
def test_radii_leave_the_example_itself_out(block, k):
    np.testing.assert_allclose(radii(REAL, k), [radius(REAL, i, k) for i in range(60)], rtol=1e-11)


def test_radii_of_repeated_examples_are_zero():
    np.testing.assert_array_equal(radii(np.repeat(REAL, 4, axis=0), 3), 0)
    assert radii(np.repeat(REAL, 3, axis=0), 3).min() > 0


@pytest.mark.parametrize("k", [1, 4, 60])
def test_nearest_are_sorted_and_right(block, k):
    actual = nearest(FAKE, REAL, k)
    distances = np.array([[distance(x, y) for y in REAL] for x in FAKE])
    np.testing.assert_array_equal(actual.indices, np.argsort(distances, axis=1)[:, :k])
    np.testing.assert_allclose(actual.distances, np.sort(distances, axis=1)[:, :k], rtol=1e-11)


@pytest.mark.parametrize("k", tiered([1, 3, 10], [3]))
def test_precision_and_recall_agree_with_the_loops(block, k):
    result = precision_recall(REAL, FAKE, k)
    assert result.precision == balls("real", k).any(1).mean()
    assert result.recall == balls("fake", k).any(1).mean()
    assert 0 < result.precision < 1


@pytest.mark.parametrize("k", tiered([1, 5, 10], [5]))
def test_density_and_coverage_agree_with_the_loops(block, k):
    result = density_coverage(REAL, FAKE, k)
    inside_of = balls("real", k)
    assert result.density == pytest.approx(inside_of.sum() / (k * len(FAKE)), rel=1e-12)
    assert result.coverage == inside_of.any(axis=0).mean()
    assert 0 < result.coverage < 1


def test_the_edge_of_a_ball_belongs_to_it():
    real, fake = np.array([[0.0], [2], [4], [6]]), np.full((4, 1), -2.0)
    assert precision_recall(real, fake, k=1) == (1, 0)
    assert density_coverage(real, fake, k=1) == (1, 1 / 4)


@pytest.mark.parametrize("seed", tiered(range(20), range(3)))
def test_an_image_on_the_edge_is_inside_whatever_the_rounding(seed, block):
    """The k-th neighbor itself is on the edge: each ball holds its center and k others, and strangers far away."""
    random = np.random.default_rng(seed)
    real = (random.normal(size=(40, 7)) * 10.0 ** random.integers(-3, 4) + random.normal()).astype(np.float32)
    strangers = 1000 * np.abs(real[:9]).max() + real[:9]
    fake = np.concatenate([real[random.permutation(40)], strangers])
    assert density_coverage(real, fake, k=3).density == pytest.approx(40 * 4 / (3 * 49), rel=1e-12)
    # Half of the examples is generated once more: whose k-th neighbor is among it has that one on its own edge.
    half = real[::2]
    holds = [any(j % 2 == 0 for j in np.argsort(np.linalg.norm(real - x, axis=1))[:4]) for x in real]
    assert density_coverage(real, half, k=3).coverage == np.mean(holds)


def test_equal_sets_cover_each_other():
    assert precision_recall(REAL, REAL[::-1]) == (1, 1)
    assert density_coverage(REAL, REAL[::-1]).coverage == 1


def test_equal_distributions_have_the_expected_density_and_coverage():
    """Naeem et al.: coverage 1 − (n−1)⋯(n−k) / ((n+m−1)⋯(n+m−k)), whatever the distribution."""
    draws = [density_coverage(*np.random.default_rng(i).normal(size=(2, 80, 3)), k=2) for i in range(200)]
    density, coverage = np.mean(draws, axis=0)
    assert density == pytest.approx(1, abs=0.03)
    assert coverage == pytest.approx(1 - 79 * 78 / (159 * 158), abs=0.01)


def test_sets_far_apart_share_nothing():
    assert precision_recall(REAL, REAL + 100) == (0, 0)
    assert density_coverage(REAL, REAL + 100) == (0, 0)


def test_one_outlier_inflates_precision_but_hardly_density():
    real, far = np.concatenate([REAL, [[40.0, 0, 0]]]), FAKE + np.array([20.0, 0, 0])
    assert precision_recall(real, far).precision > 0.9
    assert density_coverage(real, far).density < 0.25


def test_a_collapsed_set_is_precise_and_covers_little():
    collapsed = np.repeat(REAL[:1], 45, axis=0)
    assert precision_recall(REAL, collapsed) == (1, 1 / 60)
    assert density_coverage(REAL, collapsed).coverage < 0.25


def test_no_measure_copies_a_whole_set_to_double_precision(monkeypatch):
    features = np.random.default_rng(0).normal(size=(600, 2048)).astype(np.float32)
    expected = tolerant_squared_radii(features, 3)
    for name in ("BLOCK", "COPY"):
        monkeypatch.setattr(f"tfgan_models.metrics.neighbors.{name}", 2**16)
    tracemalloc.start()
    try:
        actual = tolerant_squared_radii(features, 3)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    np.testing.assert_allclose(actual, expected, rtol=1e-9)
    assert peak < 0.6 * 8 * features.size  # bytes: some blocks, and for each value whether it is finite


def test_what_cannot_be_used_is_refused():
    with pytest.raises(InputError, match="k = 60 nearest of 59"):
        radii(REAL, 60)
    with pytest.raises(InputError, match="k = 0"):
        nearest(FAKE, REAL, 0)
    with pytest.raises(InputError, match="fake features of 2 dimensions, expected 3"):
        precision_recall(REAL, FAKE[:, :2])
    with pytest.raises(InputError, match=r"real features .* not finite"):
        density_coverage(np.where(REAL > 2, np.inf, REAL), FAKE)

"""The three facts of the xy game."""

from __future__ import annotations

import numpy as np
import pytest

from tfgan_models.lab import xy_game


def radii(path: np.ndarray) -> np.ndarray:
    return np.linalg.norm(path, axis=1)


def test_the_continuous_flow_is_an_orbit():
    path = xy_game.orbit((0.6, -0.8), rate=0.05, steps=300)
    np.testing.assert_allclose(radii(path), 1, rtol=1e-12)
    # Each point moves as the players' gradients say: dx/dt = −y, dy/dt = x, by central differences.
    shift = (path[2:] - path[:-2]) / 0.1
    np.testing.assert_allclose(shift, np.stack([-path[1:-1, 1], path[1:-1, 0]], 1), atol=1e-3)


@pytest.mark.parametrize("rate", [0.02, 0.3])
def test_descent_by_both_spirals_outwards(rate):
    path = xy_game.descend((0.6, -0.8), rate, steps=50)
    np.testing.assert_allclose(radii(path), (1 + rate**2) ** (np.arange(51) / 2), rtol=1e-5)
    assert np.all(path[1:, 0] * path[:-1, 1] - path[1:, 1] * path[:-1, 0] < 0)  # always turning the same way


def test_historical_averaging_converges():
    averaged, plain = (radii(xy_game.descend(rate=0.1, steps=400, weight=weight)) for weight in (0.1, 0.0))
    # Its largest distance falls in each hundred steps, while plain descent's rises.
    assert np.all(np.diff(averaged[1:].reshape(4, 100).max(1)) < 0)
    assert np.all(np.diff(plain[1:].reshape(4, 100).max(1)) > 0)
    assert averaged[-1] < 0.02 < 1 < plain[-1]


def test_too_little_averaging_for_the_learning_rate_does_not():
    """Rate / 4 is the limit, below which each step lengthens more than averaging shortens."""
    path = radii(xy_game.descend(rate=0.3, steps=300, weight=0.02))
    assert path[-1] > 10


def test_each_way_has_its_path():
    ends = {way: radii(xy_game.play(way))[-1] for way in xy_game.METHODS}
    assert ends["continuous"] == pytest.approx(1)
    assert ends["simultaneous"] == pytest.approx((1 + xy_game.RATE**2) ** (xy_game.STEPS / 2), rel=1e-4)
    assert ends["historical_averaging"] < 0.02

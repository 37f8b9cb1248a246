"""Walks through latent space."""

from __future__ import annotations

import numpy as np
import pytest

from tfgan_models import latent

START, END = np.random.default_rng(0).normal(size=(2, 5, 64)).astype(np.float32)


@pytest.mark.parametrize("spherical", [False, True])
@pytest.mark.parametrize("steps", [2, 7])
def test_walks_have_exact_ends(spherical, steps):
    ways = latent.interpolate(START, END, steps, spherical)
    assert (ways.shape, ways.dtype) == ((5, steps, 64), np.float32)
    np.testing.assert_array_equal(ways[:, 0], START)
    np.testing.assert_array_equal(ways[:, -1], END)


def test_straight_walks_take_even_steps():
    steps = np.diff(latent.interpolate(START, END, 5), axis=1)
    np.testing.assert_allclose(steps, np.repeat((END - START)[:, None] / 4, 4, 1), atol=1e-6)


def test_spherical_walks_keep_the_norm_and_take_even_angles():
    start, end = (3 * x / np.linalg.norm(x, axis=-1, keepdims=True) for x in (START, END))
    ways = latent.interpolate(start, end, 9, spherical=True)
    np.testing.assert_allclose(np.linalg.norm(ways, axis=-1), np.full((5, 9), 3), rtol=1e-5)
    cosines = np.sum(ways[:, 1:] * ways[:, :-1], -1) / 9
    np.testing.assert_allclose(cosines, np.repeat(cosines[:, :1], 8, 1), atol=1e-5)


@pytest.mark.parametrize("factor", [1.0, 2.5, -1.0, 1 + 1e-6], ids=str)
def test_spherical_walks_on_one_line_are_finite(factor):
    ways = latent.interpolate(START, np.float32(factor) * START, 5, spherical=True)
    assert np.isfinite(ways).all()
    assert np.abs(ways).max() <= np.float32(abs(factor) + 1e-3) * np.abs(START).max()


def test_spherical_walks_from_the_origin_are_finite():
    assert np.isfinite(latent.interpolate(np.zeros_like(END), END, 5, spherical=True)).all()

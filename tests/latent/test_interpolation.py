"""Walks through latent space."""

from __future__ import annotations

import numpy as np
import pytest

from tfgan_models import latent
from tfgan_models.objectives import priors

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


def test_a_gaussian_s_manifold_has_as_much_of_it_between_all_lines():
    codes = latent.manifold(priors.standard_gaussian(2), rows=4, columns=5)
    assert (codes.shape, codes.dtype) == ((4, 5, 2), np.float32)
    below = [(np.random.default_rng(0).normal(size=100_000) < x).mean() for x in codes[0, :, 0]]
    np.testing.assert_allclose(below, [0.1, 0.3, 0.5, 0.7, 0.9], atol=0.01)
    assert (np.diff(codes[:, 0, 1]) < 0).all()  # upwards in the picture
    np.testing.assert_array_equal(codes[..., 0], np.tile(codes[0, :, 0], (4, 1)))
    even = latent.manifold(priors.uniform(2), rows=2, columns=2)
    np.testing.assert_allclose(np.sort(even.ravel()), np.repeat([0.25, 0.75], 4))


def test_a_ring_s_manifold_has_a_row_for_each_petal_along_its_longer_axis():
    prior = priors.ring_of_gaussians(modes=6)
    codes = latent.manifold(prior, columns=5)
    assert codes.shape == (6, 5, 2)
    centers = prior.components_distribution.mean().numpy()
    np.testing.assert_allclose(codes[:, 2], centers, atol=1e-6)
    lengths = np.sort(np.linalg.norm(codes, axis=-1))
    np.testing.assert_allclose(lengths, [[1, 1.5, 2, 2.5, 3]] * 6, rtol=1e-4)  # outwards or inwards


def test_a_roll_s_manifold_goes_along_it_from_its_middle_to_its_end():
    codes = latent.manifold(priors.swiss_roll(), rows=3, columns=4).reshape(-1, 2)
    assert (np.diff(np.linalg.norm(codes, axis=1)) > 0).all()
    centers = priors.swiss_roll().components_distribution.mean().numpy()
    np.testing.assert_allclose(codes[[0, -1]], centers[[0, -1]], rtol=1e-6)
    many = latent.manifold(priors.swiss_roll(), rows=20, columns=20)
    assert (many.shape, many.dtype) == ((20, 20, 2), np.float32)
    steps = np.linalg.norm(np.diff(many.reshape(-1, 2), axis=0), axis=1)
    assert steps.max() < 0.2 and np.linalg.norm(many, axis=-1).max() < 3.01


@pytest.mark.parametrize("prior", [priors.standard_gaussian(3), priors.categorical(2)])
def test_other_priors_have_no_manifold(prior):
    assert latent.manifold(prior) is None

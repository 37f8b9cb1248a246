"""Truncation moves latents to their mean, and leaves classes as they are."""

from __future__ import annotations

import numpy as np

from tfgan_models.latent.truncation import truncate

RANDOM = np.random.default_rng(0)
STYLES = RANDOM.normal(3, 2, (500, 4)).astype(np.float32)


def test_the_distance_from_the_mean_is_scaled():
    latents = RANDOM.normal(size=(5, 4)).astype(np.float32)
    center = STYLES.mean(0)
    truncated = truncate(latents, 0.25, STYLES)
    np.testing.assert_allclose(truncated - center, 0.25 * (latents - center), atol=1e-5)
    assert truncated.dtype == np.float32
    np.testing.assert_allclose(truncate(latents, 1, STYLES), latents, atol=1e-5)
    np.testing.assert_allclose(truncate(latents, 0, STYLES), np.tile(center, (5, 1)), atol=1e-5)


def test_classes_do_not_change():
    reference = np.concatenate([np.eye(3, dtype=np.float32)[RANDOM.integers(0, 3, 500)], STYLES], 1)
    truncated = truncate(reference[:9], 0.5, reference)
    np.testing.assert_array_equal(truncated[:, :3], reference[:9, :3])
    assert (truncated[:, 3:] != reference[:9, 3:]).all()

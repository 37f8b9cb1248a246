"""Sets of images whose order anybody sees: real, repeated, tinted, blurred, checkered, noisy, ruined."""

from __future__ import annotations

import numpy as np
import scipy.ndimage

from tfgan_models.data.sources import ImageSet
from tfgan_models.export import Exported
from tfgan_models.metrics.summary import to_float

MODES, MIXTURE_CODES, BATCH = 10, 16_000, 200

# Written down after a look at the sheets: each set looks plainly better than those after it. What is a matter of taste,
# such as blur against a cast, is left out. Repeats are clean, but a sheet of them shows that they are few.
BETTER_THAN = {
    "real": ("few modes", "cast", "blur", "checkerboard", "noise", "ruined", "mixture", "prior"),
    "memorized": ("few modes", "cast", "blur", "checkerboard", "noise", "ruined", "mixture", "prior"),
    "few modes": ("ruined",),
    "cast": ("noise", "ruined", "prior"),
    "blur": ("noise", "ruined", "prior"),
    "checkerboard": ("ruined",),
    "noise": ("ruined",),
    "mixture": ("prior", "noise", "ruined"),
    "prior": ("ruined",),
}
PAIRS = [(better, worse) for better, those in BETTER_THAN.items() for worse in those]


def fixed_cases(train: ImageSet, test: ImageSet, count: int) -> dict[str, np.ndarray]:
    """Sets of ``count`` images in [-1, 1], made of held-out images that are not among the first ``count``.

    Memorized ones are training images. The deviation of the blur is 0.75 pixels at 32 pixels and 1.5 at 64.
    """
    real = to_float(test.images[count : 2 * count])
    side, channels = real.shape[2:]
    random, scale = np.random.default_rng(0), side / 32
    rows, columns = np.mgrid[:side, :side]
    # Both marks of a stride of two: single pixels, and columns.
    checkers = ((-1.0) ** (rows + columns) + (-1.0) ** columns)[..., None] / 2
    tint = np.array([0.15, -0.05, -0.15]) if channels == 3 else 0.1
    # Half of the noise on a black background is cut off, and as much again makes up for it.
    noise_level = 0.35 if channels == 3 else 0.7
    ruined = scipy.ndimage.gaussian_filter(real, (0, 2 * scale, 2 * scale, 0))
    cases = {
        "real": real,
        "memorized": to_float(train.images[:count]),
        "few modes": real[np.arange(count) % MODES],
        "cast": 0.85 * real + tint,
        "blur": scipy.ndimage.gaussian_filter(real, (0, 0.75 * scale, 0.75 * scale, 0)),
        "checkerboard": real + 0.4 * checkers,
        "noise": real + noise_level * random.normal(size=real.shape),
        "ruined": ruined + 0.6 * random.normal(size=real.shape),
    }
    return {name: np.clip(images, -1, 1).astype(np.float32) for name, images in cases.items()}


def sampler_cases(model: Exported, train: ImageSet, count: int) -> dict[str, np.ndarray]:
    """Samples of one model, of its prior and of a mixture of ten Gaussians fitted to its codes of training images."""
    from sklearn.mixture import GaussianMixture

    images = train.images[:MIXTURE_CODES]
    codes = np.concatenate(
        [
            model("encode", image=to_float(images[start : start + BATCH]), seed=start)["latent"]
            for start in range(0, len(images), BATCH)
        ]
    )
    mixture = GaussianMixture(10, covariance_type="full", reg_covar=1e-4, random_state=0).fit(codes)
    latents = np.random.default_rng(0).permutation(mixture.sample(count)[0]).astype(np.float32)
    starts = range(0, count, BATCH)
    drawn = [model("generate", latent=latents[start : start + BATCH])["image"] for start in starts]
    prior = [model("sample", count=min(BATCH, count - start), seed=start)["image"] for start in starts]
    return {"mixture": np.concatenate(drawn), "prior": np.concatenate(prior)}

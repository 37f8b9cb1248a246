"""Sets of images with an obvious ranking: real, repeated, tinted, blurred, checkered, noisy and ruined images."""

from __future__ import annotations

import numpy as np
import scipy.ndimage

from tfgan_models.data.pixels import to_float
from tfgan_models.data.sources import ImageSet
from tfgan_models.export import ExportedModel
from tfgan_models.latent import code_prior

MODES, BATCH = 10, 200

# By looking at the sheets: each set looks clearly better than those listed for it. All pairs with samplers, except the
# mixture before the prior, were added after the figures of earlier extractors had been computed. Matters of taste, such
# as blur against a cast, are left out. Repeated images are clean, but a sheet of them shows that they are few.
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
PAIRS = [(better, worse) for better, worse_cases in BETTER_THAN.items() for worse in worse_cases]


def fixed_cases(train: ImageSet, test: ImageSet, count: int) -> dict[str, np.ndarray]:
    """Create sets of ``count`` images in [-1, 1] from held-out images that are not among the first ``count``.

    The memorized images are training images. The deviation of the blur is 0.75 pixels at 32 pixels and 1.5 at 64.
    """
    real = to_float(test.images[count : 2 * count])
    side, channels = real.shape[2:]
    random, scale = np.random.default_rng(0), side / 32
    rows, columns = np.mgrid[:side, :side]
    # The two artifacts of a stride of two: a checkerboard of pixels, and columns.
    checkers = ((-1.0) ** (rows + columns) + (-1.0) ** columns)[..., None] / 2
    tint = np.array([0.15, -0.05, -0.15]) if channels == 3 else 0.1
    # Clipping removes half of the noise on a black background, so it gets twice the deviation.
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


def sampler_cases(model: ExportedModel, train: ImageSet, count: int) -> dict[str, np.ndarray]:
    """Sample a model with latents of a mixture of Gaussians fitted to its codes, and of its prior p(z).

    For exports of earlier versions, which do not have both signatures, the mixture is fitted here.
    """
    starts = range(0, count, BATCH)

    def draw(signature: str) -> np.ndarray:
        parts = [model(signature, count=min(BATCH, count - start), seed=start)["image"] for start in starts]
        return np.concatenate(parts)

    if "sample_prior" in model.manifest["signatures"]:
        return {"mixture": draw("sample"), "prior": draw("sample_prior")}
    rows = np.linspace(0, len(train.images) - 1, min(code_prior.CODES, len(train.images))).round().astype(int)
    batches = [to_float(train.images[rows[start : start + BATCH]]) for start in range(0, len(rows), BATCH)]
    codes = np.concatenate([model("encode", image=images, seed=i)["latent"] for i, images in enumerate(batches)])
    latents = code_prior.fit_mixture(codes).distribution().sample(count, seed=(0, 0)).numpy()
    mixture = [model("generate", latent=latents[start : start + BATCH])["image"] for start in starts]
    return {"mixture": np.concatenate(mixture), "prior": draw("sample")}

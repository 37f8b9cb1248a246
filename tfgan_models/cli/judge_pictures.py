"""The pictures of a human test of an exported model: held-out images of its data, and samples."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tfgan_models.cli import training_data
from tfgan_models.errors import InputError

if TYPE_CHECKING:
    from tfgan_models.export import ExportedModel
    from tfgan_models.judge.trials import PicturePool


def load_pool(
    model: ExportedModel, count: int, seed: int, data_dir: str | None = None, cache_dir: str | None = None
) -> PicturePool:
    """Draw ``count`` samples, and as many held-out images as there are, at most ``count``.

    Raises:
        InputError: the export does not name its data, or no samples can be drawn.
    """
    import numpy as np

    from tfgan_models.data import sources
    from tfgan_models.judge.trials import PicturePool

    dataset = training_data.name(model.manifest)
    if not dataset:
        raise InputError(f"{model.path} does not name its training data, whose held-out images the test needs")
    options = training_data.options_of_training(model.manifest)
    test = sources.load(dataset, "test", **options, data_dir=data_dir, cache_dir=cache_dir)
    rows = np.sort(np.random.default_rng(seed).permutation(len(test.images))[:count])
    fakes = np.concatenate([part["image"] for part in model.samples(count, seed)])
    return PicturePool(np.asarray(test.images[rows]), fakes, weights_of(model))


def weights_of(model: ExportedModel) -> str:
    """The digest of a model's weights; its path for exports of versions that did not record it."""
    return str(model.manifest.get("weights") or model.path.resolve())

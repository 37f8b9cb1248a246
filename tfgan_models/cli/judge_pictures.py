"""The pictures of a human test of an exported model, whose data are read by the name in its manifest."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tfgan_models.cli import training_data

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
    from tfgan_models.judge.pool import draw_pool

    missing = f"{model.path} has no training data to read, and the test needs their held-out images"
    test = training_data.load(model.manifest, "test", missing, data_dir, cache_dir)
    return draw_pool(model, test.images, count, seed)

"""The pictures of a human test of an exported model: held-out images of its data, and samples."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from tfgan_models.judge.trials import PicturePool


class Sampled(Protocol):
    """What a test needs of a model; ``export.ExportedModel`` has it."""

    @property
    def path(self) -> Path:
        """Folder of the export."""
        ...

    @property
    def manifest(self) -> Mapping[str, Any]:
        """The export's description of itself."""
        ...

    def samples(self, count: int, seed: int) -> Iterable[Mapping[str, np.ndarray]]:
        """Draw samples in parts, each with ``image``."""
        ...


def draw_pool(model: Sampled, held_out: np.ndarray, count: int, seed: int) -> PicturePool:
    """Draw ``count`` samples, and as many held-out images as there are, at most ``count``.

    Args:
        model: the export.
        held_out: images ``[n, h, w, c]`` that the model was not trained on.
        count: number of samples.
        seed: seed of the samples and of the choice of images.

    Raises:
        InputError: no samples can be drawn.
    """
    rows = np.sort(np.random.default_rng(seed).permutation(len(held_out))[:count])
    fakes = np.concatenate([part["image"] for part in model.samples(count, seed)])
    return PicturePool(np.asarray(held_out[rows]), fakes, weights_of(model))


def weights_of(model: Sampled) -> str:
    """The digest of a model's weights; its path for exports of versions that did not record it."""
    return str(model.manifest.get("weights") or model.path.resolve())

"""Directions without labels at the end of a run, and the figure of images that move along them."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from tfgan_models.errors import NotFinite
from tfgan_models.files import atomic_write, read_json_or_empty

if TYPE_CHECKING:
    import numpy as np

    from tfgan_models.data.sources import ImageSet
    from tfgan_models.latent.model_directions import ModelDirections
    from tfgan_models.models.base import GenerativeModel

PICTURE, FIGURES = "directions.png", "directions.json"
ROWS = 8  # of the figure, for each method
STRENGTHS = (-3, -2, -1, 0, 1, 2, 3)

Fitted = Callable[[], "ModelDirections | None"]


def directions_of(model: GenerativeModel, train: ImageSet) -> Fitted:
    """Return a function that computes the directions of a trained model when it is first called.

    They are computed with averaged weights if the model has them. The model and its noise do not change. Without
    directions the run goes on.
    """

    @functools.cache
    def fitted() -> ModelDirections | None:
        import tensorflow as tf

        from tfgan_models.latent.model_directions import fit_to_model
        from tfgan_models.training.ema import ema_model

        try:
            return fit_to_model(ema_model(model), train)
        except NotFinite as error:
            print(f"directions:  none, because {error}")
        except (MemoryError, tf.errors.ResourceExhaustedError):
            print("directions:  none, because there is not enough memory to encode images; give a lower --batch_size")
        return None

    return fitted


def draw(folder: Path, model: GenerativeModel, train: ImageSet, test: ImageSet) -> Fitted:
    """Write ``directions.png`` and ``directions.json``, unless they are of the model's weights already.

    Args:
        folder: the run's folder.
        model: the trained model; averaged weights are used if it has them.
        train: training images.
        test: held-out images, the first of which moves if the model encodes; else it is a sample.

    Returns:
        The result of ``directions_of``.
    """
    from tfgan_models.plots import image_grid
    from tfgan_models.training import checkpoint
    from tfgan_models.training.ema import ema_model

    fitted, weights = directions_of(model, train), checkpoint.digest(model)
    if (folder / PICTURE).exists() and read_json_or_empty(folder / FIGURES).get("weights") == weights:
        return fitted
    found = fitted()
    if found is None:
        return fitted
    image_grid.save(figure(ema_model(model), test, found), folder / PICTURE)
    with atomic_write(folder / FIGURES) as file:
        json.dump({"weights": weights, **found.about()}, file, indent=2)
        file.write("\n")
    return fitted


def figure(model: GenerativeModel, test: ImageSet, found: ModelDirections) -> np.ndarray:
    """Draw a row for each of the first directions of each method, from three deviations below to three above.

    Returns:
        uint8 ``[height, width, c]``.
    """
    import numpy as np

    from tfgan_models.latent.attribute_codes import mean_codes
    from tfgan_models.latent.codes import conditions_of, mean_styles
    from tfgan_models.latent.parts import generate_bytes
    from tfgan_models.plots.captions import captioned_grid
    from tfgan_models.protocols import SupportsEncode, SupportsEncodeAs

    methods = dict.fromkeys(name.rpartition("_")[0] for name in found.names)
    of_method = ([i for i, name in enumerate(found.names) if name.startswith(f"{method}_")] for method in methods)
    rows = [i for indices in of_method for i in indices[:ROWS]]
    if isinstance(model, SupportsEncode):
        start = mean_codes(model, test.images, np.array([0]))[0]
    elif isinstance(model, SupportsEncodeAs):
        start = np.concatenate([conditions_of(model, test, 1), mean_styles(model, test, 1)], 1)[0]
    else:
        start = np.asarray(model.prior.sample(1, seed=(0, 0)))[0]
    steps = np.array(STRENGTHS, np.float32)[:, np.newaxis]
    latents = np.stack([start + steps * found.vectors[i] for i in rows]).astype(np.float32)
    images = generate_bytes(model, latents.reshape(-1, latents.shape[-1]))
    images = images.reshape(*latents.shape[:2], *images.shape[1:])
    captions = [f"{found.names[i]} {found.shares[i]:.0%}" for i in rows]
    return captioned_grid(images, captions, [f"{strength:+d}" if strength else "0" for strength in STRENGTHS])

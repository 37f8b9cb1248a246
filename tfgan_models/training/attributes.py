"""Vectors of attributes at the end of a run, and the figure of held-out images with edited attributes."""

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
    from tfgan_models.latent.attribute_vectors import AttributeVectors
    from tfgan_models.models.base import GenerativeModel

PICTURE, FIGURES = "attributes.png", "attributes.json"
FACES, COLUMNS = 8, 40  # of the figure: held-out images and attributes
STRENGTH = 1.5  # of the figure; with 1 an attribute that is hard to see can be overlooked
MAX_LISTED = 5  # names in a printed line

Vectors = Callable[[], "AttributeVectors | None"]


def vectors_of(model: GenerativeModel, train: ImageSet, test: ImageSet) -> Vectors:
    """Return a function that computes the vectors of a trained model when it is first called, and prints a line.

    They are computed with averaged weights if the model has them. The model and its noise do not change. Without
    vectors the run goes on.
    """

    @functools.cache
    def vectors() -> AttributeVectors | None:
        import tensorflow as tf

        from tfgan_models.latent.attribute_vectors import fit_to_model
        from tfgan_models.training.ema import ema_model

        try:
            fitted = fit_to_model(ema_model(model), train, test)
        except NotFinite as error:
            print(f"attributes:  none, because {error}")
            return None
        except (MemoryError, tf.errors.ResourceExhaustedError):
            print("attributes:  none, because there is not enough memory to encode images; give a lower --batch_size")
            return None
        if fitted is not None:
            print(f"attributes:  {describe(fitted)}")
        return fitted

    return vectors


def describe(vectors: AttributeVectors) -> str:
    """Say in one line how well attributes can be read from codes, and what was left out."""
    best = [i for i in vectors.by_auc() if vectors.auc[i] == vectors.auc[i]]  # not NaN
    texts = [f"{vectors.names[i]} {vectors.auc[i]:.3f}" for i in best]
    if len(texts) > MAX_LISTED + 1:
        texts = [*texts[:MAX_LISTED], f"… {texts[-1]}"]
    read = f"; area under the curve of reading them from codes: {', '.join(texts)}" if texts else ""
    names = list(vectors.left_out[:MAX_LISTED]) + ["…"] * (len(vectors.left_out) > MAX_LISTED)
    left_out = f"; left out, as too few images have or lack them: {', '.join(names)}" if names else ""
    return f"{len(vectors.names)} vectors of {vectors.images} images{read}{left_out}"


def draw(folder: Path, model: GenerativeModel, train: ImageSet, test: ImageSet) -> Vectors:
    """Write ``attributes.png`` and ``attributes.json``, unless they are of the model's weights already.

    Args:
        folder: the run's folder.
        model: the trained model; averaged weights are used if it has them.
        train: training images.
        test: held-out images; the first eight are edited.

    Returns:
        The result of ``vectors_of``.
    """
    from tfgan_models.plots import image_grid
    from tfgan_models.training import checkpoint
    from tfgan_models.training.ema import ema_model

    vectors, weights = vectors_of(model, train, test), checkpoint.digest(model)
    if (folder / PICTURE).exists() and read_json_or_empty(folder / FIGURES).get("weights") == weights:
        return vectors
    fitted = vectors()
    if fitted is None:
        return vectors
    image_grid.save(figure(ema_model(model), test, fitted), folder / PICTURE)
    with atomic_write(folder / FIGURES) as file:
        json.dump({"weights": weights, **fitted.about()}, file, indent=2)
        file.write("\n")
    return vectors


def figure(model: GenerativeModel, test: ImageSet, vectors: AttributeVectors) -> np.ndarray:
    """Draw held-out images, their reconstructions, and a column for each attribute (Larsen et al. 2015, figure 5).

    An image that has the attribute loses it, and any other image gets it; of classes every image gets each. If there
    are more than 40 attributes, those that can be read best from codes are drawn.

    Returns:
        uint8 ``[height, width, c]``.
    """
    import numpy as np

    from tfgan_models.latent.attribute_codes import mean_codes
    from tfgan_models.latent.parts import generate_bytes
    from tfgan_models.plots.captions import captioned_grid

    rows = np.arange(min(FACES, len(test.images)))
    columns = sorted(vectors.by_auc()[:COLUMNS])
    names = [vectors.names[i] for i in columns]
    signs = np.ones((len(rows), len(columns)))
    if test.attributes is not None and set(names) <= set(test.attribute_names):
        places = [test.attribute_names.index(name) for name in names]
        signs = 1 - 2.0 * np.asarray(test.attributes[rows])[:, places]
    codes = mean_codes(model, test.images, rows)[:, np.newaxis]
    edited = codes + STRENGTH * signs[..., np.newaxis] * vectors.vectors[columns]
    latents = np.concatenate([codes, edited], 1).astype(np.float32)
    images = generate_bytes(model, latents.reshape(-1, latents.shape[-1]))
    images = images.reshape(*latents.shape[:2], *images.shape[1:])
    images = np.concatenate([np.asarray(test.images[rows])[:, np.newaxis], images], 1)
    values = ("" if np.isnan(vectors.auc[i]) else f" {vectors.auc[i]:.2f}" for i in columns)
    captions = [f"{name}{value}" for name, value in zip(names, values, strict=True)]
    titles = ["image", "reconstruction", *captions]
    return captioned_grid(images, [""] * len(rows), titles, vectors.names)

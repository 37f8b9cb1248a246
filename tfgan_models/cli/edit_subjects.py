"""The pictures that ``tfgan edit`` edits, with their latents."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from tfgan_models.cli import training_data
from tfgan_models.cli.refining import refined
from tfgan_models.files import DAMAGED
from tfgan_models.training.flag_rules import refusal

if TYPE_CHECKING:
    import numpy as np

    from tfgan_models.cli.edit import EditFlags
    from tfgan_models.export import ExportedModel


def pictures(flags: EditFlags, model: ExportedModel) -> tuple[np.ndarray, np.ndarray]:
    """The pictures to edit and their codes; samples and their latents, if the model has no encoder.

    Raises:
        InputError: there are pictures and the model does not encode them, or the file of latents is not of this model.
    """
    if flags.latents:
        latents = _latents(flags.latents, model)
        return model("generate", latent=latents)["image"], latents
    if flags.image or model.encodes:
        model.check_encodes()
        images = _images(flags, model)
        return images, refined(model, images, model.codes(images), flags.refine)
    if flags.refine:
        raise refusal("refine", flags.refine, f"samples of {model.path} are edited, whose latents are exact: remove it")
    samples = model(model.sampler(), count=flags.count, seed=flags.seed)
    return samples["image"], samples["latent"]


def _images(flags: EditFlags, model: ExportedModel) -> np.ndarray:
    """The pictures to edit, float32 ``[n, h, w, c]`` in [-1, 1].

    Raises:
        InputError: they cannot be read, or the export does not name its data.
    """
    import numpy as np

    from tfgan_models.data.pixels import to_float

    if flags.image:
        return read_pictures(flags.image, model)
    missing = f"{model.path} has no training data to read: give --image"
    test = training_data.load(model.manifest, "test", missing, flags.data_dir, flags.cache_dir)
    rows = np.random.default_rng(flags.seed).permutation(len(test.images))[: flags.count]
    return to_float(np.asarray(test.images[np.sort(rows)]))


def read_pictures(paths: tuple[str, ...], model: ExportedModel) -> np.ndarray:
    """Read pictures as the training's were, without a progress line for each few of them."""
    from tfgan_models.data.own_pictures import read_like_training
    from tfgan_models.data.utils import quiet

    with quiet():
        return read_like_training(paths, model.manifest)


def mean_code(paths: tuple[str, ...], model: ExportedModel) -> np.ndarray:
    """The mean code ``[latent_dim]`` of pictures and folders of pictures, whose unreadable files are skipped.

    Raises:
        InputError: there are no pictures, or a file that is named itself is not a picture.
    """
    import numpy as np

    from tfgan_models.data.own_pictures import OwnPictures
    from tfgan_models.data.utils import quiet
    from tfgan_models.export.parts import BLOCK

    with quiet():
        own = OwnPictures(paths, model.manifest)
        codes = [model.codes(images) for images in own.batches(BLOCK)]
    if not codes:
        raise own.no_pictures(paths)
    if own.unreadable:
        print(own.skipped(), file=sys.stderr)
    return np.concatenate(codes).mean(0)


def _latents(path: str, model: ExportedModel) -> np.ndarray:
    """The latents of a file, ``[n, latent_dim]``.

    Raises:
        InputError: the file cannot be read, or is of another model.
    """
    import numpy as np

    from tfgan_models.data.utils import user_path

    try:
        with np.load(user_path(path)) as file:
            latents, weights = np.asarray(file["latents"], np.float32), str(file["weights"])
    except DAMAGED as error:
        reason = getattr(error, "strerror", None) or "it is not a file that tfgan project has written"
        raise refusal("latents", path, f"{reason}; give such a file") from error
    if latents.ndim != 2 or latents.shape[1] != model.manifest["latent_dim"] or not len(latents):
        raise refusal("latents", path, f"it has latents {list(latents.shape)}, which {model.path} does not take")
    if weights != str(model.manifest.get("weights", "")):
        raise refusal("latents", path, f"it is of other weights than {model.path}; project the pictures again")
    return latents

"""The pictures that ``tfgan edit`` edits, with their latents."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from tfgan_models.cli import sample_condition, training_data
from tfgan_models.cli.refining import refined
from tfgan_models.errors import InputError
from tfgan_models.files import DAMAGED
from tfgan_models.training.flag_rules import refusal

if TYPE_CHECKING:
    import numpy as np

    from tfgan_models.cli.edit import EditFlags
    from tfgan_models.export import ExportedModel


def pictures(flags: EditFlags, model: ExportedModel, classes: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """The pictures to edit and their codes; samples and their latents, if the model has no encoder.

    Args:
        flags: the flags.
        model: the model.
        classes: number of classes at the start of latents. An encoder that reads the class gives each a probability,
            and the most probable one becomes 1.

    Raises:
        InputError: there are pictures and the model does not encode them, or the file of latents is not of this model.
    """
    if flags.latents:
        latents = _latents(flags.latents, model)
        return model("generate", latent=latents)["image"], latents
    import numpy as np

    from tfgan_models.export import own_conditions

    if flags.image or own_conditions.encodes(model):
        if not own_conditions.encodes(model):
            model.check_encodes()  # says what does
        images, conditions = _given(flags, model) if flags.image else _held_out(flags, model)
        codes = own_conditions.codes(model, images, conditions)
        if classes:
            codes[:, :classes] = np.eye(classes)[codes[:, :classes].argmax(1)]
        return images, refined(model, images, codes, flags.refine, flags.refine_blur)
    if flags.refine:
        raise refusal("refine", flags.refine, f"samples of {model.path} are edited, whose latents are exact: remove it")
    samples = model(model.sampler(), count=flags.count, seed=flags.seed)
    return samples["image"], samples["latent"]


def check_sheet(
    flags: EditFlags, model: ExportedModel, images: int, shape: tuple[int, int], edits: str, fewer: str
) -> None:
    """Refuse a sheet that would be larger than programs that show pictures open.

    Args:
        flags: the flags.
        model: the model.
        images: number of pictures that are edited.
        shape: rows and columns of edits of each.
        edits: the edits of a picture in words.
        fewer: advice that reduces them.
    """
    from tfgan_models.plots.captions import captioned_size
    from tfgan_models.plots.image_grid import MAX_PIXELS

    height, width = captioned_size(images * shape[0], shape[1] + 1, *model.manifest["image_shape"][:2])
    if height * width > MAX_PIXELS:
        raise InputError(
            f"the sheet of {images} pictures, {edits} would have {height * width / 1e6:.0f} million pixels, and a PNG "
            f"file can have {MAX_PIXELS // 10**6} million: give fewer "
            f"{'pictures' if flags.image or flags.latents else '--count'}, or {fewer}"
        )


def _given(flags: EditFlags, model: ExportedModel) -> tuple[np.ndarray, np.ndarray | None]:
    """The pictures of ``--image``, float32 ``[n, h, w, c]`` in [-1, 1], and their conditions ``[n, k]``.

    Raises:
        InputError: they cannot be read, or their classes or attributes are missing.
    """
    condition = sample_condition.of_pictures(flags, model, "image", len(flags.image))
    images = read_pictures(flags.image, model)
    return images, sample_condition.of_each(condition, len(images))


def _held_out(flags: EditFlags, model: ExportedModel) -> tuple[np.ndarray, np.ndarray | None]:
    """Held-out pictures of the model's data, float32 ``[n, h, w, c]`` in [-1, 1], and their conditions ``[n, k]``.

    Raises:
        InputError: the export does not name its data, or they do not have what the model is told.
    """
    import numpy as np

    from tfgan_models.data.pixels import to_float
    from tfgan_models.export import own_conditions

    missing = f"{model.path} has no training data to read: give --image"
    test = training_data.load(model.manifest, "test", missing, flags.data_dir, flags.cache_dir)
    test = own_conditions.with_known_classes(test, model.manifest)
    rows = np.sort(np.random.default_rng(flags.seed).permutation(len(test.images))[: flags.count])
    images = to_float(np.asarray(test.images[rows]))
    unknown = f"{model.path} is told classes or attributes that some held-out pictures do not have: give --image"
    conditions = own_conditions.needed_conditions(model, test, unknown)
    return images, None if conditions is None else conditions[rows]


def row(model: ExportedModel, image: np.ndarray, latents: np.ndarray) -> np.ndarray:
    """A row of the sheet, ``[1 + n, h, w, c]``: a picture, and the images of n latents."""
    import numpy as np

    return np.concatenate([image[np.newaxis], model("generate", latent=latents)["image"]])


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

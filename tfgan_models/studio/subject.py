"""A picture with its latent, which the tabs *Edit*, *Walk* and *Neighbors* start from."""

from __future__ import annotations

import dataclasses
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from tfgan_models.data.own_pictures import read_like_training
from tfgan_models.data.pixels import to_bytes, to_float
from tfgan_models.data.utils import quiet
from tfgan_models.errors import InputError
from tfgan_models.export import own_conditions
from tfgan_models.export.latent_classes import latents_of
from tfgan_models.studio import html, sampling
from tfgan_models.studio.workspace import Workspace

if TYPE_CHECKING:
    from tfgan_models.export import ExportedModel

HELD_OUT, SAMPLE, OWN = "Held-out", "Sample", "Your own"
MAX_BYTES = 20_000_000  # of an uploaded file


@dataclasses.dataclass(frozen=True)
class Subject:
    """A picture and its latent.

    Attributes:
        model: name of the model.
        image: uint8 ``[h, w, c]``.
        latent: float32 ``[latent_dim]``: its mean code, which may be refined and may begin with a condition, or what a
            sample was generated from.
        text: description.
        spherical: whether walks from it follow a great circle, because its latent is from a Gaussian prior.
    """

    model: str
    image: np.ndarray
    latent: np.ndarray
    text: str
    spherical: bool = False


def sources(model: ExportedModel) -> list[str]:
    """Where pictures with latents can come from, the default first."""
    drawn = [SAMPLE] if sampling.samplers(model) else []
    if model.encodes:
        return [HELD_OUT, *drawn, OWN]
    # Nobody has said which class or attributes a visitor's own picture has.
    return [*drawn, HELD_OUT] if own_conditions.encodes(model) else drawn


def choose(
    workspace: Workspace, name: str, source: str, number: Any, upload: str | None, closer: bool = False
) -> Subject:
    """The picture that a visitor has chosen.

    Args:
        workspace: models and pictures.
        name: name of the model.
        source: one of ``sources``.
        number: number of the held-out picture, or seed of the sample.
        upload: file of the visitor's own picture.
        closer: whether gradient descent brings the code of a picture nearer to it.

    Raises:
        InputError: the model cannot do it, or the number or the file cannot be used.
    """
    model = workspace.model(name)
    if source == SAMPLE:
        return of_sample(workspace, name, number)
    if source == HELD_OUT and own_conditions.encodes(model):
        return _closer(workspace, of_held_out(workspace, name, number), closer)
    model.check_encodes()
    if source != OWN:
        raise InputError(f"there is no source {source!r}, choose one of {', '.join(sources(model))}")
    if not upload:
        raise InputError("choose a file with your picture first")
    return _closer(workspace, of_file(workspace, name, upload), closer)


def _closer(workspace: Workspace, chosen: Subject, closer: bool) -> Subject:
    """The picture with a code that is refined, if a visitor wants that."""
    if not closer:
        return chosen
    code = workspace.refined(chosen.model, to_float(chosen.image), chosen.latent)
    return dataclasses.replace(chosen, latent=code)


def of_sample(workspace: Workspace, name: str, seed: int) -> Subject:
    """The first sample of a seed."""
    drawn = sampling.draw(workspace, name, seed, 1)
    model = workspace.model(name)
    gaussian = sampling.samplers(model)[0] == "prior" and model.manifest.get("prior") == "standard_gaussian"
    return Subject(name, drawn["image"][0], latents_of(drawn)[0], f"sample of seed {seed}", gaussian)


def of_held_out(workspace: Workspace, name: str, number: int) -> Subject:
    """A picture of the data that the model was not trained on, counted from 1.

    Raises:
        InputError: the number is not that of a picture, or pictures lack the class or attributes that the model needs.
    """
    model, data = workspace.model(name), workspace.images(name, "test")
    row = sampling.check_number("number of the picture", number, 1, len(data.images)) - 1
    image = np.asarray(data.images[row])
    missing = "some held-out pictures do not have the class or the attributes that the model is told: choose a sample"
    conditions = own_conditions.needed_conditions(model, data, missing)
    told = None if conditions is None else conditions[row : row + 1]
    code = own_conditions.codes(model, to_float(image[np.newaxis]), told)[0]
    return Subject(name, image, code, f"held-out picture {number}")


def of_file(workspace: Workspace, name: str, path: str | os.PathLike) -> Subject:
    """A picture in a file, read as the model's training pictures were.

    Raises:
        InputError: the file is too large, or cannot be read as a picture. The message names it without its folder.
    """
    model, file_name = workspace.model(name), Path(path).name
    try:
        size = os.path.getsize(path)
    except OSError:
        raise InputError(f"{file_name!r} is not on this machine any more, choose it again") from None
    if size > MAX_BYTES:
        raise InputError(f"{file_name!r} has {size / 1e6:.0f} MB, choose a file of at most {MAX_BYTES // 10**6} MB")
    try:
        with quiet():
            images = read_like_training([path], model.manifest)
    except InputError as error:
        raise InputError(str(error).replace(os.fspath(path), file_name)) from error  # the folder is of this program
    return Subject(name, to_bytes(images)[0], model.codes(images)[0], file_name)


def show(subject: Subject, caption: str = "") -> str:
    """The picture as HTML."""
    return html.picture(subject.image, subject.text, caption=caption or subject.text)

"""Codes and reconstructions by models that are told the class or the attributes of each image."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from tfgan_models.data import labelled
from tfgan_models.errors import InputError
from tfgan_models.export.exported_model import ExportedModel
from tfgan_models.export.latent_classes import condition_of
from tfgan_models.export.parts import BLOCK

if TYPE_CHECKING:
    from tfgan_models.data.image_set import ImageSet

Refine = Callable[[np.ndarray, np.ndarray], np.ndarray]  # of images [n, h, w, c] and codes [n, latent_dim] to codes


def reconstructs(model: ExportedModel) -> bool:
    """Return True if the model reconstructs images, alone or with their conditions."""
    return "reconstruct" in model.manifest["signatures"]


def takes_conditions(model: ExportedModel) -> bool:
    """Return True if the model reconstructs images only with their conditions."""
    return reconstructs(model) and set(model.inputs("reconstruct")) != {"image"}


def encodes(model: ExportedModel) -> bool:
    """Return True if the model encodes images, alone or with their conditions."""
    return model.encodes or ("encode" in model.manifest["signatures"] and takes_conditions(model))


def conditions_of(model: ExportedModel, data: ImageSet) -> np.ndarray | None:
    """The conditions of a data set's images, as the model was told them in training.

    Args:
        model: a model that ``takes_conditions``.
        data: n images. Classes and attributes are recognized by their names; classes by their numbers if the export
            does not name them.

    Returns:
        float32 ``[n, k]``; None if an image has no class, or a class or an attribute that the model does not know.
    """
    condition = condition_of(model) or {"kind": "labels", "names": []}
    names = condition["names"]
    if condition["kind"] == "attributes":
        if data.attributes is None or not set(names) <= set(data.attribute_names):
            return None
        return data.attributes[:, [data.attribute_names.index(name) for name in names]].astype(np.float32)
    made_of = labelled.attributes_of(names)
    if made_of and tuple(data.label_names) != tuple(names) and set(made_of) <= set(data.attribute_names):
        data = labelled.by_attributes(data, made_of)
    if data.labels is None or len(data.labels) == 0 or min(data.labels) < 0:
        return None
    if "condition" not in model.manifest and tuple(model.manifest.get("label_names") or ()) != tuple(names):
        places = list(range(len(names))) if len(data.label_names) == len(names) else []
    else:
        places = [names.index(name) if name in names else -1 for name in data.label_names]
    if not places or any(places[label] < 0 for label in np.unique(data.labels)):
        return None
    return np.eye(len(names), dtype=np.float32)[np.array(places)[data.labels]]


def needed_conditions(model: ExportedModel, data: ImageSet, missing: str) -> np.ndarray | None:
    """The ``conditions_of`` a data set's images; None for a model that needs none.

    Raises:
        InputError: an image lacks what the model is told; ``missing`` is the message.
    """
    if not takes_conditions(model):
        return None
    conditions = conditions_of(model, data)
    if conditions is None:
        raise InputError(missing)
    return conditions


def with_known_classes(data: ImageSet, manifest: dict[str, Any]) -> ImageSet:
    """Leave out the pictures without a class, if the training did and there are others."""
    if data.labels is None or max(data.labels, default=-1) < 0 or not leaves_out_unlabeled(manifest):
        return data
    return labelled.with_labels(data)


def leaves_out_unlabeled(manifest: dict[str, Any]) -> bool:
    """Return True if the training left out the pictures without a class. Classes made of attributes all have one."""
    if manifest.get("algorithm") == "SupervisedAAE":
        return not labelled.attributes_of(manifest.get("label_names") or ())
    return (manifest.get("condition") or {}).get("kind") == "labels"


def codes(model: ExportedModel, images: np.ndarray, conditions: np.ndarray | None = None) -> np.ndarray:
    """Encode images to latents that the model decodes to their reconstructions.

    Args:
        model: a model that ``encodes``.
        images: any number of them, float32 ``[n, h, w, c]`` in [-1, 1].
        conditions: float32 ``[n, k]``, for a model that ``takes_conditions``; they are the first k of the latents.

    Returns:
        mean codes, float32 ``[n, latent_dim]``.
    """
    if conditions is None:
        return model.codes(images)
    parts = []
    for start in range(0, len(images), BLOCK):
        image, condition = images[start : start + BLOCK], conditions[start : start + BLOCK]
        if "condition" in model.inputs("encode"):
            style = model("encode", image=image, condition=condition, seed=0)["mean"]
        else:  # an adversarial autoencoder's style does not depend on the class
            style = model("encode", image=image)["style"]
        parts.append(np.concatenate([condition, style], 1))
    return np.concatenate(parts)


def reconstruct(
    model: ExportedModel, images: np.ndarray, conditions: np.ndarray | None = None, refiner: Refine | None = None
) -> np.ndarray:
    """Reconstruct images.

    Args:
        model: a model that ``reconstructs``.
        images: float32 ``[n, h, w, c]`` in [-1, 1].
        conditions: float32 ``[n, k]``, for a model that ``takes_conditions``.
        refiner: brings codes nearer to the images before they are decoded.

    Returns:
        float32 ``[n, h, w, c]`` in [-1, 1].
    """
    if refiner is not None:
        return model("generate", latent=refiner(images, codes(model, images, conditions)))["image"]
    told: dict[str, np.ndarray] = {}
    if conditions is not None:
        of_class = "label" in model.inputs("reconstruct")
        told = {"label": conditions.argmax(1).astype(np.int32)} if of_class else {"condition": conditions}
    return model("reconstruct", image=images, **told)["image"]

"""Latents of conditional models whose class or attributes change while their style stays."""

from __future__ import annotations

import numpy as np

from tfgan_models.errors import InputError
from tfgan_models.export.exported_model import ExportedModel
from tfgan_models.export.latent_classes import condition_of
from tfgan_models.latent.attribute_vectors import index_of


def with_classes(model: ExportedModel, latents: np.ndarray, names: tuple[str, ...]) -> np.ndarray:
    """Give each latent each of some classes: the analogies of Kingma et al. 2014 (1406.5298), section 4.2.

    Where styles depend on the class, they move by what the change of the class says about them.

    Args:
        model: a model whose latents begin with a class.
        latents: ``[n, latent_dim]``.
        names: names of the c classes.

    Returns:
        float32 ``[n, c, latent_dim]``.

    Raises:
        InputError: a class is unknown, or latents do not begin with one, or have another size.
    """
    known = _names(model, "labels", latents)
    chosen = np.zeros((len(names), len(known)), np.float32)
    chosen[range(len(names)), [_index(name, known) for name in names]] = 1
    changed = model.with_conditions(np.repeat(latents, len(names), 0), np.tile(chosen, (len(latents), 1)))
    return changed.reshape(len(latents), len(names), latents.shape[1])


def with_attribute(model: ExportedModel, latents: np.ndarray, name: str, values: np.ndarray) -> np.ndarray:
    """Give each latent some values of an attribute, while its other attributes stay.

    Where styles depend on the attributes, they move by what the change says about them.

    Args:
        model: a model whose latents begin with attributes.
        latents: ``[n, latent_dim]``.
        name: name of the attribute.
        values: ``[s]``: 0 for pictures without the attribute, 1 for pictures with it; what is beyond exaggerates.

    Returns:
        float32 ``[n, s, latent_dim]``.

    Raises:
        InputError: the attribute is unknown, or latents do not begin with attributes, or have another size.
    """
    known = _names(model, "attributes", latents)
    conditions = np.repeat(latents[:, : len(known)], len(values), 0)
    conditions[:, _index(name, known)] = np.tile(values, len(latents))
    changed = model.with_conditions(np.repeat(latents, len(values), 0), conditions)
    return changed.reshape(len(latents), len(values), latents.shape[1])


def attribute_effects(model: ExportedModel) -> np.ndarray:
    """What a change of each attribute by 1 adds to a latent: float32 ``[k, latent_dim]``.

    Args:
        model: a model whose latents begin with k attributes.

    Raises:
        InputError: they do not.
    """
    latents = np.zeros((1, model.manifest["latent_dim"]), np.float32)
    count = len(_names(model, "attributes", latents))
    return model.with_conditions(latents.repeat(count, 0), np.eye(count, dtype=np.float32))


def _names(model: ExportedModel, kind: str, latents: np.ndarray) -> tuple[str, ...]:
    """The names of the classes or attributes that latents begin with, after a check of the latents."""
    condition = condition_of(model)
    if condition is None or condition["kind"] != kind:
        raise InputError(f"{model.path} is not conditioned on {kind}: give a model trained with --condition {kind}")
    if np.ndim(latents) != 2 or latents.shape[1] != model.manifest["latent_dim"]:
        raise InputError(f"latents of shape {list(np.shape(latents))}: give [n, {model.manifest['latent_dim']}]")
    return tuple(condition["names"])


def _index(name: str, known: tuple[str, ...]) -> int:
    return index_of(name, known, "attributes", "The model knows")

"""Vectors in latent space that give images an attribute or a class (Larsen et al. 2015, 1512.09300, section 4.1.1).

A vector has the length of its attribute. For a class it is the difference of the mean codes of images with and without
it; for an attribute it is the effect on the code while the other attributes stay the same. Moved by -1 times the
vector, an image loses the attribute.
"""

from __future__ import annotations

import dataclasses
import difflib
from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
from threadpoolctl import threadpool_limits

from tfgan_models.data.image_set import ImageSet
from tfgan_models.errors import InputError
from tfgan_models.latent.attribute_codes import attributes_of, mean_codes
from tfgan_models.latent.attribute_reading import reading_auc
from tfgan_models.models.base import GenerativeModel
from tfgan_models.protocols import SupportsEncode

IMAGES, HELD_OUT_IMAGES = 10_000, 2_000
MIN_EXAMPLES = 10  # images with an attribute, and images without it
MAX_ATTRIBUTES = 1_000  # so that vectors take little of an export
MIN_EXPECTED = 20.0  # images with two independent attributes; if none has both, the attributes exclude each other

Method = Literal["regression", "difference"]


@dataclasses.dataclass(frozen=True)
class AttributeVectors:
    """Vectors of attributes, or of classes.

    Attributes:
        names: names of the k attributes.
        vectors: float32 ``[k, latent_dim]``.
        auc: for each attribute, how well it can be read from codes of held-out images, float64 ``[k]``: see
            ``attribute_reading.reading_auc``. NaN if it was not measured.
        examples: number of images with each attribute among those that the vectors were computed from, int64 ``[k]``.
        images: number of images that the vectors were computed from.
        held_out_images: number of images that ``auc`` was measured on.
        method: ``regression`` or ``difference``.
        left_out: names of attributes without a vector, because too few images have them or lack them, or because they
            come after the first 1,000 that have one.
    """

    names: tuple[str, ...]
    vectors: np.ndarray
    auc: np.ndarray
    examples: np.ndarray
    images: int
    held_out_images: int
    method: Method
    left_out: tuple[str, ...] = ()

    def about(self) -> dict[str, Any]:
        """Return everything but the vectors, as JSON values."""
        return {
            "names": list(self.names),
            "auc": [None if np.isnan(auc) else round(float(auc), 4) for auc in self.auc],
            "examples": self.examples.tolist(),
            "method": self.method,
            "images": self.images,
            "held_out_images": self.held_out_images,
            "left_out": list(self.left_out),
        }

    def by_auc(self) -> list[int]:
        """List the indices of the attributes, those that can be read best from codes first."""
        return np.argsort(-np.nan_to_num(self.auc, nan=-1.0), kind="stable").tolist()


def fit_to_model(model: GenerativeModel, train: ImageSet, test: ImageSet | None = None) -> AttributeVectors | None:
    """Compute the vectors of a model from the codes of at most 10,000 training images.

    The codes are the means of the posteriors. Attributes that fewer than ten of these images have or lack are left out.
    Of a set with labels for some rows only, no other row is used.

    Args:
        model: a model with ``encode``.
        train: training images. Their attributes are used; without attributes, their classes.
        test: held-out images, of which at most 2,000 are encoded to measure ``auc``.

    Returns:
        The vectors; None if the model has no ``encode``, or the set has no attributes and no classes, or all of them
        are left out.

    Raises:
        NotFinite: some codes are NaN or infinite, for example after a diverged training.
    """
    if not isinstance(model, SupportsEncode) or (table := attributes_of(train, IMAGES)) is None:
        return None
    counts = table.values.sum(0, dtype=np.int64)
    usable = np.minimum(counts, len(table.rows) - counts) >= MIN_EXAMPLES
    usable[np.flatnonzero(usable)[MAX_ATTRIBUTES:]] = False
    if not usable.any():
        return None
    held_out = None
    if test is not None and (others := attributes_of(test, HELD_OUT_IMAGES)) and others.names == table.names:
        held_out = mean_codes(model, test.images, others.rows), others.values[:, usable]
    vectors = fit(
        mean_codes(model, train.images, table.rows),
        table.values[:, usable],
        [name for name, is_usable in zip(table.names, usable, strict=True) if is_usable],
        # Classes are collinear, so a regression has no unique solution.
        method="difference" if table.exclusive else "regression",
        held_out=held_out,
    )
    left_out = (name for name, is_usable in zip(table.names, usable, strict=True) if not is_usable)
    return dataclasses.replace(vectors, left_out=tuple(left_out))


def fit(
    codes: np.ndarray,
    attributes: np.ndarray,
    names: Sequence[str],
    method: Method = "regression",
    held_out: tuple[np.ndarray, np.ndarray] | None = None,
) -> AttributeVectors:
    """Compute the vectors of attributes from codes.

    Args:
        codes: ``[n, latent_dim]``.
        attributes: ``[n, k]`` in {0, 1}. Some images have each attribute, and some lack it.
        names: names of the k attributes.
        method: ``difference``: mean code with the attribute minus mean code without it, as in the paper. If two
            attributes often occur together, the vector of one then contains a part of the other. ``regression``: one
            least-squares fit of the codes to all attributes, so that each vector is the effect of its attribute alone.
        held_out: codes and attributes of other images, to measure ``auc``.

    Raises:
        InputError: the arrays do not fit each other, or all images have the same value of an attribute.
    """
    codes, attributes = _checked(codes, attributes, names)
    with threadpool_limits(1):  # so that the same codes give the same bits
        vectors = (regression if method == "regression" else difference)(codes, attributes)
    auc = np.full(len(names), np.nan)
    if held_out is not None and len(held_out[0]):
        auc = reading_auc(codes, attributes, *held_out)
    examples, number = attributes.sum(0).astype(np.int64), 0 if held_out is None else len(held_out[0])
    return AttributeVectors(tuple(names), vectors.astype(np.float32), auc, examples, len(codes), number, method)


def difference(codes: np.ndarray, attributes: np.ndarray) -> np.ndarray:
    """Mean code with each attribute minus mean code without it, ``[k, latent_dim]`` (Larsen et al. 2015)."""
    with_it = attributes / attributes.sum(0)
    without_it = (1 - attributes) / (1 - attributes).sum(0)
    return (with_it - without_it).T @ codes


def regression(codes: np.ndarray, attributes: np.ndarray) -> np.ndarray:
    """Effect of each attribute on codes while the others stay the same, by least squares, ``[k, latent_dim]``.

    Attributes that exclude each other, such as colors of hair, cannot stay the same. An image that gets one of them
    loses the others, in the proportions in which images without the first one have them.
    """
    effects = np.linalg.lstsq(attributes - attributes.mean(0), codes - codes.mean(0), rcond=None)[0]
    counts = attributes.sum(0)
    both = attributes.T @ attributes
    exclusive = (both == 0) & (np.outer(counts, counts) / len(codes) >= MIN_EXPECTED)
    share_without = (counts - both) / (len(codes) - counts)[:, np.newaxis]  # [i, j]: of j among those without i
    return effects - np.where(exclusive, share_without, 0) @ effects


def index_of(
    name: str, names: Sequence[str], argument: str = "attribute", there_are: str = "There are vectors of"
) -> int:
    """Index of an attribute's name.

    Raises:
        InputError: there is no such attribute. The error suggests the nearest name and lists all.
    """
    if name in names:
        return list(names).index(name)
    lower = {other.lower(): other for other in reversed(names)}
    nearest = difflib.get_close_matches(name.lower(), lower, 1, 0.5)
    suggestion = f"did you mean {lower[nearest[0]]}? " if nearest else ""
    raise InputError(f"{argument} {name}: unknown, {suggestion}{there_are} {', '.join(names)}", argument)


def _checked(codes: np.ndarray, attributes: np.ndarray, names: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
    """Codes and attributes as float64, after checks."""
    codes, attributes = np.asarray(codes, np.float64), np.asarray(attributes, np.float64)
    if codes.ndim != 2 or not codes.size or not np.isfinite(codes).all():
        raise InputError(f"codes of shape {list(codes.shape)}: give finite ones [n, latent_dim], at least one", "codes")
    if attributes.shape != (len(codes), len(names)):
        expected = f"give [{len(codes)}, {len(names)}], one row for each code and one column for each name"
        raise InputError(f"attributes of shape {list(attributes.shape)}: {expected}", "attributes")
    if not np.isin(attributes, (0, 1)).all():
        raise InputError("attributes: give 0 and 1 alone", "attributes")
    for name, value in zip(names, attributes.mean(0), strict=True):
        if value in (0, 1):
            having = "have" if value else "lack"
            raise InputError(f"attributes: all {len(codes)} images {having} {name!r}, leave it out", "attributes")
    return codes, attributes

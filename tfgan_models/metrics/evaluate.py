"""A model by every measure at once: its samples, its reconstructions, and real images as the yardstick."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Literal

import numpy as np

from tfgan_models.data.sources import ImageSet
from tfgan_models.errors import InputError
from tfgan_models.metrics.comparison import (
    LEADING,
    Figures,
    compare,
    images_used,
    inception_splits,
    likelihood,
    resemblance,
)
from tfgan_models.metrics.extractor import Extractor
from tfgan_models.metrics.memorised import Memorised, memorised
from tfgan_models.metrics.sampling import Sample, images_of, rows, samples_of
from tfgan_models.metrics.summary import KEPT, Summary

Reconstruct = Callable[[np.ndarray], np.ndarray]
Progress = Callable[[Iterable[np.ndarray], int, str], Iterable[np.ndarray]]

SMALLEST, VALIDATION = 20, 1_000
FURTHER = "-- further figures: each misleads about some damage, read none of them alone"


@dataclasses.dataclass(frozen=True)
class Evaluation:
    """Figures, and what they were measured with.

    Attributes:
        figures: by what was measured (``samples``, ``samples_prior``, ``reconstructions``, ``data``) and the figure's
            name. ``data`` is real images of the other split, measured as if they were samples: what a perfect model
            would get that drew as many as there are. Most figures depend on the number, see ``images_used`` in the
            conditions.
        conditions: the extractor, the reference split, the numbers of images (``images``), how many of them each
            figure was measured on (``images_used``) and in how many parts the inception score
            (``inception_score_splits``, where there is one): JSON values. Compare only figures whose conditions are
            equal.
        memorised: neighbours of samples in the training set; None without samples.
    """

    figures: dict[str, Figures]
    conditions: dict[str, Any]
    memorised: Memorised | None


def evaluate(
    sample: Sample | None,
    reconstruct: Reconstruct | None,
    train: ImageSet,
    test: ImageSet,
    extractor: Extractor,
    *,
    samples: int = KEPT,
    split: Literal["train", "test"] = "test",
    seed: int = 0,
    progress: Progress = lambda batches, total, what: batches,
    prior_sample: Sample | None = None,
) -> Evaluation:
    """Measure a model. The same arguments give the same figures.

    Args:
        sample: ``sample(count, seed)`` gives images ``[count, h, w, c]`` in [-1, 1]; None for a model without samples.
        reconstruct: images to images; None for a model without an encoder.
        train: what the model was trained on.
        test: what it has not seen.
        extractor: what features are measured with.
        samples: how many to draw. Memory does not grow with it.
        split: the reference: figures say how near the model comes to this split.
        seed: of the samples and of every random choice.
        progress: wraps batches: ``progress(batches, images, what)``.
        prior_sample: the same as ``sample``, of the prior, where that draws from codes: the column ``samples_prior``.

    Raises:
        InputError: too few samples or images.
    """
    if samples < SMALLEST:
        raise InputError(f"samples {samples}: give at least {SMALLEST}", "samples")
    for data in (train, test):
        check_size(data)

    # Images that choose the Parzen window stand apart from those that are measured with it.
    others = rows(train, "data", seed)
    validation, others = np.split(others, [min(VALIDATION, len(others) // 10)])
    sides = {"train": (train, others[:samples]), "test": (test, rows(test, "data", seed)[:samples])}
    (chosen, chosen_rows), (other, other_rows) = sides[split], sides["test" if split == "train" else "train"]

    def gather(batches: Iterator[np.ndarray], count: int, what: str) -> Summary:
        return Summary(progress(batches, count, what), extractor)

    reference = gather(images_of(chosen, chosen_rows), len(chosen_rows), f"{split} images")
    subjects = {"data": gather(images_of(other, other_rows), len(other_rows), "other images")}
    found = None
    held_out = reference if split == "test" else subjects["data"]
    ratios = {}
    for name, draw in {"samples": sample, "samples_prior": prior_sample}.items():
        if draw is not None:
            subjects[name] = gather(samples_of(draw, samples, seed), samples, name.replace("_", " of the "))
            nearest = memorised(subjects[name], held_out, train, extractor)
            ratios[name], found = nearest.ratio, found or nearest
    if reconstruct is not None:
        images = (np.asarray(reconstruct(batch)) for batch in images_of(chosen, chosen_rows))
        subjects["reconstructions"] = gather(images, len(chosen_rows), "reconstructions")

    figures = _figures(subjects, reference, train.images[np.sort(validation)], extractor, seed)
    for name, ratio in ratios.items():
        figures[name]["nearest_training_image"] = ratio
    figures = {name: leading_first(values) for name, values in figures.items()}
    conditions = _conditions(figures, subjects, reference, extractor)
    conditions |= {"reference": split, "image_shape": list(train.images.shape[1:]), "seed": seed}
    return Evaluation(figures, conditions, found)


def _figures(
    subjects: dict[str, Summary], reference: Summary, validation: np.ndarray, extractor: Extractor, seed: int
) -> dict[str, Figures]:
    """Every figure of each subject that needs no search of the training set."""
    figures = {}
    for name, subject in subjects.items():
        figures[name] = compare(subject, reference, extractor, seed)
        if name == "reconstructions":
            figures[name] |= resemblance(subject, reference, extractor)
        else:
            figures[name] |= likelihood(subject, validation, reference)
    return figures


def _conditions(
    figures: dict[str, Figures], subjects: dict[str, Summary], reference: Summary, extractor: Extractor
) -> dict[str, Any]:
    """The extractor and the numbers of images, as JSON values."""
    conditions = {
        "extractor": extractor.about(),
        "images": {"reference": reference.moments.count, **{name: s.moments.count for name, s in subjects.items()}},
        "images_used": {name: images_used(figures[name], s, reference) for name, s in subjects.items()},
    }
    if splits := {name: parts for name, s in subjects.items() if (parts := inception_splits(s, extractor))}:
        conditions["inception_score_splits"] = splits
    return conditions


def check_size(data: ImageSet) -> None:
    """Refuse sets that are too small to measure anything with.

    Raises:
        InputError: it has fewer than 20 images.
    """
    if len(data.images) < SMALLEST:
        raise InputError(
            f"{data.name}: a split of {len(data.images)} images is too small to measure with, {SMALLEST} are the least"
        )


def leading_first(figures: Figures) -> Figures:
    """Figures in another order: first those that order images as people do, then all others."""
    return {name: figures[name] for name in _in_order(figures)}


def _in_order(names: Iterable[str]) -> list[str]:
    names = list(names)
    return [*(name for name in LEADING if name in names), *(name for name in names if name not in LEADING)]


def table(figures: dict[str, Figures]) -> str:
    """Figures as lines of text: a row each, a column for everything that was measured.

    Those that order images as people do come first; the others stand below a line that says so.
    """
    columns = [name for name in ("samples", "samples_prior", "reconstructions", "data") if name in figures]
    names = _in_order(dict.fromkeys(name for column in columns for name in figures[column]))
    lines = [f"{'':28}" + "".join(f"{column:>17}" for column in columns)]
    for number, name in enumerate(names):
        if name not in LEADING and (number == 0 or names[number - 1] in LEADING):
            lines.append(FURTHER)
        values = [figures[column].get(name) for column in columns]
        lines.append(f"{name:28}" + "".join(f"{'' if value is None else f'{value:.4g}':>17}" for value in values))
    return "\n".join(lines)

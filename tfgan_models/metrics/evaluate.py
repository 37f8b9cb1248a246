"""Evaluate a model's samples and reconstructions by all metrics, with real images as the baseline."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Literal

import numpy as np

from tfgan_models.data.image_set import ImageSet
from tfgan_models.data.pixels import to_float
from tfgan_models.errors import InputError
from tfgan_models.metrics.comparison import (
    Figures,
    compare,
    images_used,
    inception_splits,
    likelihood,
    resemblance,
)
from tfgan_models.metrics.direction import LEADING
from tfgan_models.metrics.extractor import Extractor
from tfgan_models.metrics.memorization import Memorization, memorization
from tfgan_models.metrics.sampling import Sample, batches_of, images_of, rows, samples_of
from tfgan_models.metrics.summary import MAX_IMAGES, Summary

Reconstruct = Callable[[np.ndarray, np.ndarray], np.ndarray]
Progress = Callable[[Iterable[np.ndarray], int, str], Iterable[np.ndarray]]

MIN_IMAGES, VALIDATION = 20, 1_000
FURTHER = "-- further figures: each misleads about some damage, read none of them alone"


@dataclasses.dataclass(frozen=True)
class EvaluationResult:
    """Figures, and the conditions under which they were measured.

    Attributes:
        figures: values by subject (``samples``, ``samples_prior``, ``reconstructions``, ``data``) and name of metric.
            ``data`` is real images of the other split, measured like samples: the figures of a perfect model with as
            many samples. Most figures depend on the number of images, see ``images_used`` in the conditions.
        conditions: the extractor, the reference split, the numbers of images (``images``), how many of them each
            figure was measured on (``images_used``) and the splits of the inception score (``inception_score_splits``,
            if there is one), as JSON values. Compare only figures under equal conditions.
        memorization: neighbors of samples in the training set; None without samples.
    """

    figures: dict[str, Figures]
    conditions: dict[str, Any]
    memorization: Memorization | None


def evaluate(
    sample: Sample | None,
    reconstruct: Reconstruct | None,
    train: ImageSet,
    test: ImageSet,
    extractor: Extractor,
    *,
    samples: int = MAX_IMAGES,
    split: Literal["train", "test"] = "test",
    seed: int = 0,
    progress: Progress = lambda batches, total, description: batches,
    prior_sample: Sample | None = None,
) -> EvaluationResult:
    """Evaluate a model. The same arguments give the same figures.

    Args:
        sample: ``sample(count, seed)`` returns images ``[count, h, w, c]`` in [-1, 1]; None for a model without
            samples.
        reconstruct: ``reconstruct(images, rows)`` returns the reconstructions of images ``[n, h, w, c]``, which are
            these rows ``[n]`` of the reference split; None for a model without an encoder.
        train: the model's training images.
        test: held-out images.
        extractor: network that computes the features.
        samples: number of samples. Memory does not grow with it.
        split: the reference split, to which figures compare the model.
        seed: seed of the samples and of all random choices.
        progress: wraps batches: ``progress(batches, images, description)``.
        prior_sample: like ``sample``, from the prior, if ``sample`` draws from codes; column ``samples_prior``.

    Raises:
        InputError: there are too few samples or images.
    """
    if samples < MIN_IMAGES:
        raise InputError(f"samples {samples}: give at least {MIN_IMAGES}", "samples")
    check_size(train, "train")
    check_size(test)

    # Images that select the Parzen window must not be measured with it.
    train_rows = rows(train, "data", seed)
    validation, train_rows = np.split(train_rows, [min(VALIDATION, len(train_rows) // 10)])
    sets = {"train": (train, train_rows[:samples]), "test": (test, rows(test, "data", seed)[:samples])}
    reference_set, reference_rows = sets[split]
    baseline_set, baseline_rows = sets["test" if split == "train" else "train"]

    def gather(batches: Iterator[np.ndarray], count: int, description: str) -> Summary:
        return Summary(progress(batches, count, description), extractor)

    reference = gather(images_of(reference_set, reference_rows), len(reference_rows), f"{split} images")
    subjects = {"data": gather(images_of(baseline_set, baseline_rows), len(baseline_rows), "other images")}
    shown_neighbors = None
    held_out = reference if split == "test" else subjects["data"]
    ratios = {}
    for name, draw in {"samples": sample, "samples_prior": prior_sample}.items():
        if draw is not None:
            subjects[name] = gather(samples_of(draw, samples, seed), samples, name.replace("_", " of the "))
            nearest = memorization(subjects[name], held_out, train, extractor)
            ratios[name], shown_neighbors = nearest.ratio, shown_neighbors or nearest
    if reconstruct is not None:
        images = _reconstructions(reconstruct, reference_set, reference_rows)
        subjects["reconstructions"] = gather(images, len(reference_rows), "reconstructions")

    figures = _figures(subjects, reference, train.images[np.sort(validation)], extractor, seed)
    for name, ratio in ratios.items():
        figures[name]["nearest_training_image"] = ratio
    figures = {name: leading_first(values) for name, values in figures.items()}
    conditions = _conditions(figures, subjects, reference, extractor)
    conditions |= {"reference": split, "image_shape": list(train.images.shape[1:]), "seed": seed}
    return EvaluationResult(figures, conditions, shown_neighbors)


def _reconstructions(reconstruct: Reconstruct, data: ImageSet, selected: np.ndarray) -> Iterator[np.ndarray]:
    for part in batches_of(selected):
        yield np.asarray(reconstruct(to_float(data.images[part]), part))


def _figures(
    subjects: dict[str, Summary], reference: Summary, validation: np.ndarray, extractor: Extractor, seed: int
) -> dict[str, Figures]:
    """All figures of each subject except those that search the training set."""
    figures = {}
    for name, subject in subjects.items():
        figures[name] = compare(subject, reference, extractor, seed, paired=name == "reconstructions")
        if name == "reconstructions":
            figures[name] |= resemblance(subject, reference, extractor)
        else:
            figures[name] |= likelihood(subject, validation, reference)
    return figures


def _conditions(
    figures: dict[str, Figures], subjects: dict[str, Summary], reference: Summary, extractor: Extractor
) -> dict[str, Any]:
    """Extractor and numbers of images, as JSON values."""
    conditions = {
        "extractor": extractor.about(),
        "images": {"reference": reference.moments.count, **{name: s.moments.count for name, s in subjects.items()}},
        "images_used": {name: images_used(figures[name], s, reference) for name, s in subjects.items()},
    }
    if splits := {name: parts for name, s in subjects.items() if (parts := inception_splits(s, extractor))}:
        conditions["inception_score_splits"] = splits
    return conditions


def check_size(data: ImageSet, split: str = "test") -> None:
    """Refuse sets that are too small for the metrics.

    Raises:
        InputError: the set has fewer than 20 images. The error names its split.
    """
    if len(data.images) < MIN_IMAGES:
        raise InputError(
            f"{data.name}: its {split} split has {len(data.images)} image{'s' * (len(data.images) != 1)}, too small to "
            f"measure with: add images until it has {MIN_IMAGES}"
            + (" (a tenth of a folder without splits is its test split)" * (split == "test"))
        )


def leading_first(figures: Figures) -> Figures:
    """Sort figures: first those that rank images as people do, then all others."""
    return {name: figures[name] for name in _in_order(figures)}


def _in_order(names: Iterable[str]) -> list[str]:
    names = list(names)
    return [*(name for name in LEADING if name in names), *(name for name in names if name not in LEADING)]


def table(figures: dict[str, Figures]) -> str:
    """Format figures as lines of text: a row for each figure, a column for each subject.

    Those that rank images as people do come first; the others follow below a line that warns about them.
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

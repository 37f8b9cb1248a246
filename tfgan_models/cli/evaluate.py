"""Measure an exported model: ``tfgan evaluate --model saved_models/vaegan/1 --samples 10000``.

Or pictures of any origin: ``tfgan evaluate --images FOLDER --dataset faces``.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from tfgan_models.cli.command_line import read
from tfgan_models.cli.exits import end_on_signals, one_line_errors
from tfgan_models.cli.quiet_tensorflow import import_tensorflow
from tfgan_models.cli.subjects import of_export, of_pictures
from tfgan_models.errors import InputError
from tfgan_models.training import flag_rules
from tfgan_models.training.flag_rules import AtLeast

if TYPE_CHECKING:
    import numpy as np

    from tfgan_models.data.sources import ImageSet
    from tfgan_models.metrics.evaluate import EvaluationResult
    from tfgan_models.metrics.extractor import Extractor


@dataclasses.dataclass(kw_only=True)
class EvaluateFlags:
    """Measure an exported model by its samples and reconstructions, or a folder of pictures, with real images as the
    yardstick."""

    model: str | None = None
    """Folder of the export, saved_models/vaegan/1; of saved_models/vaegan the newest version. Loading a SavedModel
    runs code that it contains: load only what you trust."""
    images: str | None = None
    """Folder of square pictures of one size to measure in place of a model's samples; give --dataset too."""
    originals: str | None = None
    """Folder of pictures named like those in --images, which are measured as their reconstructions."""
    dataset: str | None = None
    """What to compare with: faces, digits, a tensorflow-datasets name, folder:PATH; what the model was trained on
    unless told."""
    data_dir: str | None = None
    """Folder of prepared tensorflow-datasets, instead of its default."""
    crop: Annotated[int | None, AtLeast(1, "give a number of pixels from 1 on, or leave it out")] = None
    """Cut this many pixels out of the centre first; what the model was trained with unless told."""
    attributes: str | None = None
    """File of attributes for folder:PATH; what the model was trained with unless told."""
    cache_dir: str | None = None
    """Where decoded images and the extractor are kept; ~/.cache/tfgan_models unless told."""
    samples: Annotated[int, AtLeast(20, "give at least 20")] = 10_000
    """Images to draw. Papers mostly report 10,000 or 50,000; figures of different numbers do not compare."""
    sampler: Literal["codes", "prior"] | None = None
    """Which samples to measure: of latents from codes, a mixture fitted to those of training images, or from the prior;
    both where the model has both unless set."""
    split: Literal["test", "train"] = "test"
    """Which images of the data set are the reference."""
    seed: Annotated[int, AtLeast(0, "give a number from 0 on")] = 0
    """The same seed gives the same figures."""
    extractor: Literal["in_domain", "inception_v3"] = "in_domain"
    """in_domain: a small network trained once on the data set; inception_v3: Keras' network with ImageNet weights."""
    inception_weights: str | None = None
    """File of InceptionV3's weights; downloaded unless told."""
    output_dir: str | None = None
    """Where evaluation.json and neighbours.png go; the model's own folder unless told. Those of another evaluation that
    are there already are kept under other names."""


def main(asked: EvaluateFlags) -> None:
    """Measure, write evaluation.json and neighbours.png, and print a table."""
    check(asked)
    import_tensorflow()
    from tfgan_models.data import sources
    from tfgan_models.files import check_writable
    from tfgan_models.metrics.evaluate import evaluate
    from tfgan_models.metrics.report import write

    subject = of_pictures(asked) if asked.images else of_export(asked)
    output_dir = Path(asked.output_dir or subject.path)
    check_writable(output_dir)
    train, held_out = (sources.load(subject.dataset, split, **subject.source) for split in ("train", "test"))
    test = held_out if subject.originals is None else subject.originals
    if (channels := train.images.shape[-1]) != subject.channels:
        raise InputError(
            f"--dataset {subject.dataset}: its images have {channels} channels, "
            f"those of {subject.path} {subject.channels}",
            "dataset",
        )
    extractor = _extractor(asked, train, held_out)
    result = evaluate(
        subject.samplers.get("samples"),
        subject.reconstruct,
        train,
        test,
        extractor,
        samples=min(asked.samples, subject.count or asked.samples),
        split=asked.split,
        seed=asked.seed,
        progress=progress,
        prior_sample=subject.samplers.get("samples_prior"),
    )
    report = {
        **subject.about,
        "dataset": subject.dataset,
        "crop": subject.source["crop"],
        "pictures": {"train": train.digest(), "test": test.digest()},
        **result.conditions,
        "samplers": subject.samplers_of,
        "figures": result.figures,
    }
    say(result, extractor, asked.originals or f"{asked.split} images of {subject.dataset}")
    # After the figures are printed: no full disk shall cost them.
    kept = write(report, result.memorization and result.memorization.picture, output_dir)
    if kept:
        print(f"kept:       {', '.join(map(str, kept))}, of another evaluation")
    print(f"written:    {output_dir / 'evaluation.json'}" + (", neighbours.png" if result.memorization else ""))


def _extractor(asked: EvaluateFlags, train: ImageSet, test: ImageSet) -> Extractor:
    """The extractor that ``--extractor`` names."""
    from tfgan_models.metrics.in_domain_extractor import in_domain
    from tfgan_models.metrics.inception import inception_v3

    if asked.extractor == "in_domain":
        return in_domain(train, test, asked.cache_dir)
    return inception_v3(asked.inception_weights)


def say(result: EvaluationResult, extractor: Extractor, reference: str) -> None:
    """Print the figures, and what they were measured with."""
    from tfgan_models.metrics.evaluate import table

    about = extractor.about()
    print(table(result.figures))
    print(f"\nextractor:  {about['name']} {about['digest']}{accuracy_of(extractor)}")
    print(f"reference:  {result.conditions['images']['reference']} {reference}")
    if notes := numbers_used(result.conditions):
        print(f"numbers:    {notes}")


def check(asked: EvaluateFlags) -> None:
    """Refuse what needs no TensorFlow to be refused, with an ``InputError``."""
    if (asked.model is None) == (asked.images is None):
        both = f"--model {asked.model} and --images {asked.images}: give one of them"
        raise InputError(both if asked.model else "nothing to measure: give --model or --images")
    if asked.images and not asked.dataset:
        raise InputError(f"--images {asked.images}: give --dataset, the real images to compare with", "images")
    if asked.originals and not asked.images:
        raise InputError(f"--originals {asked.originals}: give --images, their reconstructions", "originals")
    if asked.originals and asked.split != "test":
        raise InputError(f"--split {asked.split}: leave it out, as --originals are the reference", "split")
    if asked.sampler and asked.images:
        raise InputError(f"--sampler {asked.sampler}: leave it out, as --images are samples already", "sampler")
    flag_rules.check(asked)
    if asked.inception_weights and asked.extractor != "inception_v3":
        raise InputError(
            f"--inception_weights {asked.inception_weights}: add --extractor inception_v3", "inception_weights"
        )


def progress(batches: Iterable[np.ndarray], total: int, what: str) -> Iterator[np.ndarray]:
    """The batches, with a bar of the images among them."""
    from tfgan_models.data.utils import with_progress

    bar = with_progress(range(total), total, what)
    for batch in batches:
        for _ in batch:
            next(bar)
        yield batch
    next(bar, None)


def accuracy_of(extractor) -> str:
    """How far an extractor can be trusted, where that is known."""
    if extractor.accuracy is None:
        return ""
    baseline = "" if extractor.baseline is None else f" (the commonest answer in {extractor.baseline:.1%})"
    return f", right in {extractor.accuracy:.1%} of held-out cases{baseline}"


def numbers_used(conditions: dict) -> str:
    """Which figures of samples were measured on fewer of them than were drawn."""
    drawn, names = conditions["images"].get("samples"), {}
    for name, number in conditions["images_used"].get("samples", {}).items():
        if number < drawn:
            names.setdefault(number, []).append(name)
    return "; ".join(f"{', '.join(these)} on {number} of {drawn} samples" for number, these in names.items())


def command() -> None:
    """Read the command line, and end as all commands do."""
    end_on_signals("nothing was written")
    with one_line_errors():
        main(read(EvaluateFlags))

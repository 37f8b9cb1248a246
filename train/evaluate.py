"""Measure an exported model: ``python train/evaluate.py --model saved_models/vaegan/1 --samples 10000``."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import common  # noqa: F401  makes the package importable from here
import flags as common_flags
from stopping import end_on_signals, one_line_errors
from tensorflow_start import import_tensorflow

from tfgan_models.errors import InputError

if TYPE_CHECKING:
    import numpy as np

    from tfgan_models.export import Exported


@dataclasses.dataclass(kw_only=True)
class EvaluateFlags:
    """Measure an exported model by its samples and reconstructions, beside real images as the yardstick."""

    model: str
    """Folder of the export, saved_models/vaegan/1; of saved_models/vaegan the newest version. Loading a SavedModel
    runs code that it contains: load only what you trust."""
    dataset: str | None = None
    """What to compare with: faces, digits, a tensorflow-datasets name, folder:PATH; what the model was trained on
    unless told."""
    data_dir: str | None = None
    """Folder of prepared tensorflow-datasets, instead of its default."""
    crop: int | None = None
    """Cut this many pixels out of the centre first; what the model was trained with unless told."""
    attributes: str | None = None
    """File of attributes for folder:PATH; what the model was trained with unless told."""
    cache_dir: str | None = None
    """Where decoded images and the extractor are kept; ~/.cache/tfgan_models unless told."""
    samples: int = 10_000
    """Images to draw. Papers mostly report 10,000 or 50,000; figures of different numbers do not compare."""
    sampler: Literal["codes", "prior"] | None = None
    """Which samples to measure: of latents from codes, a mixture fitted to those of training images, or from the prior;
    both where the model has both unless set."""
    split: Literal["test", "train"] = "test"
    """Which images of the data set are the reference."""
    seed: int = 0
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
    from tfgan_models import export
    from tfgan_models.data import sources
    from tfgan_models.files import check_writable
    from tfgan_models.metrics.evaluation import evaluate, table
    from tfgan_models.metrics.in_domain import in_domain
    from tfgan_models.metrics.inception import inception_v3
    from tfgan_models.metrics.report import write

    model = export.load(asked.model)
    samplers = columns(asked, model)
    output_dir = Path(asked.output_dir or model.path)
    check_writable(output_dir)
    dataset, given = pictures(asked, model)
    train, test = (sources.load(dataset, split, **given) for split in ("train", "test"))
    channels = model.manifest["image_shape"][-1]
    if train.images.shape[-1] != channels:
        raise InputError(
            f"--dataset {dataset}: its images have {train.images.shape[-1]} channels, the model's {channels}"
        )
    if asked.extractor == "in_domain":
        extractor = in_domain(train, test, asked.cache_dir)
    else:
        extractor = inception_v3(asked.inception_weights)

    has, source = model.manifest["signatures"], model.manifest.get("sampler", "prior")
    takes_images_alone = "reconstruct" in has and set(model.inputs("reconstruct")) == {"image"}
    drawn = {
        column: lambda count, seed, signature=signature: model(signature, count=count, seed=seed)["image"]
        for column, signature in samplers.items()
    }
    result = evaluate(
        drawn.get("samples"),
        (lambda images: model("reconstruct", image=images)["image"]) if takes_images_alone else None,
        train,
        test,
        extractor,
        samples=asked.samples,
        split=asked.split,
        seed=asked.seed,
        progress=progress,
        prior_sample=drawn.get("samples_prior"),
    )
    report = {
        "model": str(model.path.resolve()),
        "weights": model.manifest.get("weights"),
        "algorithm": model.manifest["algorithm"],
        "dataset": dataset,
        "crop": given["crop"],
        "pictures": {"train": sources.digest(train), "test": sources.digest(test)},
        **result.conditions,
        "samplers": {column: "prior" if column == "samples_prior" else source for column in samplers},
        "figures": result.figures,
    }
    about = extractor.about()
    print(table(result.figures))  # before anything is written: no full disk shall cost the figures
    print(f"\nextractor:  {about['name']} {about['digest']}{accuracy_of(extractor)}")
    print(f"reference:  {result.conditions['images']['reference']} {asked.split} images of {dataset}")
    if notes := numbers_used(result.conditions):
        print(f"numbers:    {notes}")
    kept = write(report, result.memorised and result.memorised.picture, output_dir)
    if kept:
        print(f"kept:       {', '.join(map(str, kept))}, of another evaluation")
    print(f"written:    {output_dir / 'evaluation.json'}" + (", neighbours.png" if result.memorised else ""))


def check(asked: EvaluateFlags) -> None:
    """Refuse what needs no TensorFlow to be refused, with an ``InputError``."""
    if asked.samples < 20:
        raise InputError(f"--samples {asked.samples}: give at least 20")
    if asked.crop is not None and asked.crop < 1:
        raise InputError(f"--crop {asked.crop}: give a number of pixels from 1 on, or leave it out")
    if asked.seed < 0:
        raise InputError(f"--seed {asked.seed}: give a number from 0 on")
    if asked.inception_weights and asked.extractor != "inception_v3":
        raise InputError(f"--inception_weights {asked.inception_weights}: add --extractor inception_v3")


def columns(asked: EvaluateFlags, model: Exported) -> dict[str, str]:
    """The signature that each column of samples is drawn with: ``samples`` by default, and ``samples_prior``.

    Raises:
        InputError: the export cannot draw from what ``--sampler`` names.
    """
    of_codes = model.manifest.get("sampler") == "codes"
    if asked.sampler:
        column = "samples_prior" if of_codes and asked.sampler == "prior" else "samples"
        return {column: model.sampler(asked.sampler)}
    names = {"samples": "sample"} | ({"samples_prior": "sample_prior"} if of_codes else {})
    return {column: name for column, name in names.items() if name in model.manifest["signatures"]}


def pictures(asked: EvaluateFlags, model: Exported) -> tuple[str, dict]:
    """The data set to compare with, and how it is to be read: as for the training, where it was trained on this one.

    Raises:
        InputError: neither the flags nor the export name one.
    """
    trained_on = model.manifest.get("dataset")
    dataset = asked.dataset or trained_on
    if not dataset:
        raise InputError(f"{model.path} does not say what it was trained on: give --dataset")
    height, _, channels = model.manifest["image_shape"]
    known = model.manifest if dataset == trained_on else {"channels": channels}
    return dataset, {
        "image_size": height,
        "channels": known.get("channels"),
        "crop": known.get("crop") if asked.crop is None else asked.crop,
        "attributes": asked.attributes or known.get("attributes"),
        "data_dir": asked.data_dir,
        "cache_dir": asked.cache_dir,
    }


def progress(batches: Iterable[np.ndarray], total: int, what: str) -> Iterator[np.ndarray]:
    """The batches, with a bar of the images among them."""
    from tfgan_models.data.plan import with_progress

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


if __name__ == "__main__":
    end_on_signals("nothing was written")
    with one_line_errors():
        main(common_flags.read(EvaluateFlags))

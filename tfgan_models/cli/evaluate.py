"""Compute metrics of an exported model: ``tfgan evaluate --model saved_models/vaegan/1 --samples 10000``.

With ``--images``, compute them for pictures from any source: ``tfgan evaluate --images FOLDER --dataset faces``.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from tfgan_models.cli import human_figures
from tfgan_models.cli.command_line import read
from tfgan_models.cli.evaluation_text import print_result, print_settings
from tfgan_models.cli.exits import end_on_signals, one_line_errors
from tfgan_models.cli.preparation import check_output_dir, load_data
from tfgan_models.cli.quiet_tensorflow import import_tensorflow
from tfgan_models.cli.subjects import load_export, load_pictures
from tfgan_models.data.utils import FILES
from tfgan_models.errors import InputError
from tfgan_models.training import flag_rules
from tfgan_models.training.flag_rules import AtLeast, Between, Needs
from tfgan_models.training.flags import Seed, check_reading
from tfgan_models.training.path_flags import IsPath

if TYPE_CHECKING:
    import numpy as np

    from tfgan_models.cli.subjects import Subject
    from tfgan_models.data.sources import ImageSet
    from tfgan_models.metrics.extractor import Extractor


@dataclasses.dataclass(kw_only=True)
class EvaluateFlags:
    """Compare an exported model's samples and reconstructions, or a folder of pictures, with real images."""

    model: Annotated[str | None, IsPath()] = None
    """Folder of an export: saved_models/vaegan/1, or saved_models/vaegan for its newest version. A SavedModel can run
    any code, so load only models that you trust."""
    images: Annotated[str | None, IsPath()] = None
    """Folder of square pictures of one size, instead of a model's samples. It needs --dataset."""
    originals: Annotated[str | None, IsPath()] = None
    """Folder of original pictures. The files in --images with the same names are their reconstructions."""
    dataset: Annotated[str | None, IsPath(FILES[0], FILES[1:])] = None
    """Real images to compare with: faces, digits, a tensorflow-datasets name, folder:PATH, zip:PATH or tar:PATTERN. By
    default the data set that the model was trained on."""
    data_dir: Annotated[str | None, IsPath()] = None
    """Folder of tensorflow-datasets; by default the one that tensorflow-datasets itself uses."""
    crop: Annotated[int | None, AtLeast(1, "give a number of pixels from 1 on, or remove the flag")] = None
    """Cut a square of this side out of the center before resizing; by default as in the model's training."""
    fit: Literal["crop", "pad", "squeeze"] | None = None
    """Method that makes pictures square: crop keeps the middle, pad adds bars, squeeze changes the proportions. By
    default as in the model's training, or crop."""
    background: str | None = None
    """Background of transparent pictures: white, black, checker, or a color such as 255,128,0. By default as in the
    model's training, or one that makes the pictures visible."""
    range: tuple[float, float] | Literal["auto"] | None = None
    """Pixel values that become black and white, such as 0 4095; auto: chosen by the pictures. By default as in the
    model's training, or auto."""
    attributes: Annotated[str | None, IsPath()] = None
    """File of attributes for your own pictures; by default the file that the model was trained with."""
    layout: Literal["auto", "classes"] | None = None
    """Layout of your own pictures; by default as in the model's training."""
    cache_dir: Annotated[str | None, IsPath()] = None
    """Folder for decoded images and the extractor; ~/.cache/tfgan_models by default."""
    samples: Annotated[int, AtLeast(20, "give at least 20")] = 10_000
    """Number of samples. Papers mostly use 10,000 or 50,000. Metrics of different numbers of samples are not
    comparable."""
    sampler: Literal["codes", "prior"] | None = None
    """Source of the latents. codes: a Gaussian mixture fitted to the codes of training images; prior: p(z). By default
    metrics are computed for each source that the model has."""
    truncation: Annotated[float, Between(0, 1)] = 1.0
    """Factor on the distance of latents from their mean. Below 1, samples have fewer faults and less variety, so that
    precision rises and recall falls."""
    refine: Annotated[int, AtLeast(0)] = 0
    """Steps of gradient descent that bring the codes of reconstructed images nearer to them after the encoder."""
    refine_blur: Annotated[float | None, Between(0, 10), Needs("refine")] = None
    """Blur in pixels of what the steps of --refine compare. By default it grows with the images: 0.5 at 32 pixels, 1 at
    64. 0 compares the pixels themselves: images are then closer in pixels and softer."""
    split: Literal["test", "train"] = "test"
    """Split of the data set that is the reference."""
    seed: Seed = 0
    """Seed of the samples."""
    extractor: Literal["in_domain", "inception_v3"] = "in_domain"
    """Network that computes features of images. in_domain: a small network that is trained once on the data set;
    inception_v3: Keras' InceptionV3 with ImageNet weights."""
    inception_weights: Annotated[str | None, IsPath()] = None
    """File of InceptionV3's weights; they are downloaded by default."""
    human: Annotated[str | None, IsPath()] = None
    """File of answers of tfgan judge. Error rates of people about this model are added to the report."""
    output_dir: Annotated[str | None, IsPath()] = None
    """Folder for evaluation.json and neighbours.png; by default the folder of --model, or a new folder next to that of
    --images: samples-evaluation for samples. Files of an evaluation of something else there are renamed."""


def main(flags: EvaluateFlags) -> None:
    """Compute the metrics, write evaluation.json and neighbours.png, and print a table."""
    check(flags)
    import_tensorflow()
    from tfgan_models.metrics.evaluate import evaluate
    from tfgan_models.metrics.report import write

    subject = load_pictures(flags) if flags.images else load_export(flags)
    output_dir = Path(flags.output_dir or subject.output_dir)
    check_output_dir(flags, output_dir)
    human = human_figures.load(flags.human, subject.about["weights"] or subject.about["model"])
    train, held_out = load_data(flags, subject)
    test = held_out if subject.originals is None else subject.originals
    extractor = _extractor(flags, train, held_out)
    reference = train if flags.split == "train" else test
    result = evaluate(
        subject.samplers.get("samples"),
        subject.reconstruct and subject.reconstruct(reference),
        train,
        test,
        extractor,
        samples=min(flags.samples, subject.count or flags.samples),
        split=flags.split,
        seed=flags.seed,
        progress=progress,
        prior_sample=subject.samplers.get("samples_prior"),
    )
    if subject.condition_agreement is not None:
        subject.condition_agreement(result, extractor, held_out)
    report = {
        **subject.about,
        "dataset": subject.dataset,
        "crop": subject.source["crop"],
        "pictures": {"train": train.digest(), "test": test.digest()},
        **result.conditions,
        "samplers": subject.latent_sources,
        "figures": result.figures,
    }
    if human:
        report["human"] = human.to_json()
    print_result(result, extractor, flags.originals or f"{flags.split} images of {subject.dataset}")
    print_settings(flags)
    if human:
        human_figures.show(human)
    # Printing comes first, so that the metrics are not lost if the disk is full.
    renamed_files = write(report, result.memorization and result.memorization.picture, output_dir)
    if renamed_files:
        print(f"renamed:    {', '.join(map(str, renamed_files))}, of an earlier evaluation")
    also_written = (", neighbours.png" if result.memorization else "") + _updated_card(subject, report, output_dir)
    print(f"written:    {output_dir / 'evaluation.json'}{also_written}")


def _updated_card(subject: Subject, report: dict[str, Any], output_dir: Path) -> str:
    """Add the figures to the model's card, if the report lies next to it; return the card's name for the last line."""
    from tfgan_models.export import card_files

    if subject.manifest is None or output_dir.resolve() != subject.path.resolve():
        return ""
    return f", {card_files.CARD}" if card_files.update(subject.path, report) else ""


def _extractor(flags: EvaluateFlags, train: ImageSet, test: ImageSet) -> Extractor:
    """Make the extractor that ``--extractor`` names."""
    from tfgan_models.metrics.in_domain_extractor import in_domain
    from tfgan_models.metrics.inception import inception_v3

    if flags.extractor == "in_domain":
        return in_domain(train, test, flags.cache_dir)
    return inception_v3(flags.inception_weights)


def check(flags: EvaluateFlags) -> None:
    """Check the flags without TensorFlow.

    Raises:
        InputError: flags are missing or contradict each other.
    """
    if (flags.model is None) == (flags.images is None):
        both = f"--model {flags.model} and --images {flags.images}: give one of them"
        raise InputError(both if flags.model else "give --model or --images")
    if flags.images and not flags.dataset:
        raise InputError(
            f"--images {flags.images}: give --dataset, which names the real images to compare with", "images"
        )
    if flags.originals and not flags.images:
        raise InputError(
            f"--originals {flags.originals}: give --images, the folder of their reconstructions", "originals"
        )
    if flags.originals and flags.split != "test":
        raise InputError(f"--split {flags.split}: remove it, because --originals are the reference", "split")
    if flags.sampler and flags.images:
        raise InputError(f"--sampler {flags.sampler}: remove it, because --images are the samples", "sampler")
    if flags.truncation != 1 and flags.images:
        raise flag_rules.refusal("truncation", flags.truncation, "remove it, because --images are the samples")
    if flags.refine and flags.images:
        raise flag_rules.refusal("refine", flags.refine, "remove it, because --images are no codes")
    if flags.truncation != 1 and flags.human:
        advice = "remove one of it and --human, because people have judged samples without truncation"
        raise flag_rules.refusal("truncation", flags.truncation, advice)
    flag_rules.check(flags)
    check_reading(flags)
    if flags.crop is not None and flags.fit in ("pad", "squeeze"):
        raise InputError(f"--crop {flags.crop}: with --fit {flags.fit} nothing is cut, leave one of them out", "crop")
    if flags.inception_weights and flags.extractor != "inception_v3":
        raise InputError(
            f"--inception_weights {flags.inception_weights}: add --extractor inception_v3", "inception_weights"
        )


def progress(batches: Iterable[np.ndarray], total: int, what: str) -> Iterator[np.ndarray]:
    """Yield batches, with a progress bar that counts images."""
    from tfgan_models.data.utils import with_progress

    bar = with_progress(range(total), total, what)
    for batch in batches:
        for _ in batch:
            next(bar)
        yield batch
    next(bar, None)


def command() -> None:
    """Read the command line and run the command, with exit codes and one-line errors."""
    end_on_signals("nothing was written")
    with one_line_errors():
        main(read(EvaluateFlags))

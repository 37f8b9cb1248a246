"""Subjects of an evaluation: an exported model, or a folder of pictures."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tfgan_models.cli import training_data
from tfgan_models.errors import InputError
from tfgan_models.training.flag_rules import refusal

if TYPE_CHECKING:
    import numpy as np

    from tfgan_models.cli.evaluate import EvaluateFlags
    from tfgan_models.data.sources import ImageSet
    from tfgan_models.export import ExportedModel
    from tfgan_models.metrics.evaluate import EvaluationResult, Reconstruct
    from tfgan_models.metrics.extractor import Extractor
    from tfgan_models.metrics.sampling import Sample


@dataclasses.dataclass(kw_only=True)
class Subject:
    """A model or a folder of pictures to evaluate.

    Attributes:
        path: its folder.
        output_dir: the folder of the report, unless ``--output_dir`` names another.
        about: entries of the report that identify it.
        channels: number of channels of its images.
        dataset: name of the real images to compare with.
        source: arguments of ``sources.load`` for the real images.
        samplers: functions that draw images; the keys are columns of the printed table.
        latent_sources: source of the latents of each sampler.
        reconstruct: function from the reference split to ``reconstruct`` of ``metrics.evaluate``, or to None if its
            images cannot be reconstructed; None if there are no reconstructions.
        originals: images to reconstruct; None for held-out images of the data set.
        count: number of samples; None if any number can be drawn.
        manifest: manifest of the model; None for pictures.
        condition_agreement: adds the figure ``condition_agreement`` to a result, measured by an extractor and held-out
            images; None for pictures.
    """

    path: Path
    output_dir: Path
    about: dict[str, Any]
    channels: int
    dataset: str
    source: dict[str, Any]
    samplers: dict[str, Sample]
    latent_sources: dict[str, str]
    reconstruct: Callable[[ImageSet], Reconstruct | None] | None
    originals: ImageSet | None = None
    count: int | None = None
    manifest: dict[str, Any] | None = None
    condition_agreement: Callable[[EvaluationResult, Extractor, ImageSet], None] | None = None


def load_export(flags: EvaluateFlags) -> Subject:
    """Load the exported model that ``--model`` names.

    Raises:
        InputError: the folder is not an export, or the model does not support the flags.
    """
    from tfgan_models import export
    from tfgan_models.cli import condition_figures
    from tfgan_models.export import own_conditions, truncated_samples
    from tfgan_models.export.refinement import blur_of

    model = export.load(str(flags.model))
    columns = _columns(flags, model)
    if flags.truncation != 1 and not columns:
        raise refusal("truncation", flags.truncation, f"no samples of {model.path} can be drawn, remove it")
    reconstructs = own_conditions.reconstructs(model)
    if flags.refine and not (reconstructs and own_conditions.encodes(model)):
        raise refusal("refine", flags.refine, f"{model.path} has no encoder, whose codes it could refine: remove it")
    dataset, source = _data(flags, model)
    sampler = model.manifest.get("sampler", "prior")
    return Subject(
        path=model.path,
        output_dir=model.path,
        about={
            "model": str(model.path.resolve()),
            "weights": model.manifest.get("weights"),
            "algorithm": model.manifest["algorithm"],
            "truncation": flags.truncation,
            "refine": flags.refine,
            "refine_blur": blur_of(model, flags.refine_blur) if flags.refine else 0.0,
        },
        channels=model.manifest["image_shape"][-1],
        dataset=dataset,
        source=source,
        samplers={
            column: truncated_samples.sampler(model, signature, flags.truncation)
            for column, signature in columns.items()
        },
        latent_sources={column: "prior" if column == "samples_prior" else sampler for column in columns},
        reconstruct=(lambda data: _reconstruct(model, data, flags.refine, flags.refine_blur)) if reconstructs else None,
        manifest=model.manifest,
        condition_agreement=lambda result, extractor, held_out: condition_figures.add(
            result, model, columns, extractor, held_out, flags
        ),
    )


def _reconstruct(
    model: ExportedModel, data: ImageSet, refine: int = 0, blur: float | None = None
) -> Reconstruct | None:
    """Reconstruct images of a data set, with their classes or attributes if the model is told them."""
    from tfgan_models.export import own_conditions
    from tfgan_models.export.refinement import Refiner

    refiner = Refiner(model, refine, blur) if refine else None
    if not own_conditions.takes_conditions(model):
        return lambda images, _: own_conditions.reconstruct(model, images, refiner=refiner)
    conditions = own_conditions.conditions_of(model, data)
    if conditions is None:
        print("reconstructions: left out, because the model is told classes or attributes that some images do not have")
        return None
    return lambda images, rows: own_conditions.reconstruct(model, images, conditions[rows], refiner)


def load_pictures(flags: EvaluateFlags) -> Subject:
    """Read the pictures in ``--images``, which are samples, or reconstructions of the pictures in ``--originals``.

    Raises:
        InputError: pictures cannot be read or differ in size, or an original has no reconstruction.
    """
    import numpy as np

    from tfgan_models.data.picture_folder import all_gray, choose_reading, list_pictures, read_pictures
    from tfgan_models.data.pixels import to_float
    from tfgan_models.data.sources import ImageSet
    from tfgan_models.metrics.report import written_files
    from tfgan_models.metrics.sampling import rows

    def as_set(pictures: dict[str, np.ndarray], name: str) -> ImageSet:
        return ImageSet(np.stack(list(pictures.values())), None, None, (), (), name)

    folder = str(flags.images)
    folders = [folder, flags.originals] if flags.originals else [folder]
    names = {path: list_pictures(path, written_files(path)) for path in folders}
    channels = 1 if all_gray(folder, names[folder]) else 3
    reading = choose_reading(names, flags.background, flags.range)
    targets = read_pictures(flags.originals, channels, names[flags.originals], reading) if flags.originals else {}
    images = as_set(read_pictures(folder, channels, list(targets) or names[folder], reading), "images")
    originals = as_set(targets, "originals") if targets else None
    if originals is not None and originals.images.shape != images.images.shape:
        sizes = f"{originals.images.shape[1]} and {images.images.shape[1]}"
        raise InputError(
            f"--originals {flags.originals}: they and --images have {sizes} pixels, give pictures of one size",
            "originals",
        )
    # Files may be sorted by class, and many metrics take the first ones.
    samples = iter(rows(images, "samples", flags.seed))

    def take(which: Iterator[int], count: int) -> np.ndarray:
        return to_float(images.images[list(itertools.islice(which, count))])

    return Subject(
        path=Path(folder),
        output_dir=_next_to(Path(folder)),
        about={"model": str(Path(folder).resolve()), "weights": images.digest(), "algorithm": None},
        channels=channels,
        dataset=str(flags.dataset),
        source=_source(flags, {"image_size": images.images.shape[1], "channels": channels}),
        samplers={} if flags.originals else {"samples": lambda count, seed: take(samples, count)},
        latent_sources={},
        reconstruct=(lambda _: lambda _, selected: to_float(images.images[selected])) if flags.originals else None,
        originals=originals,
        count=len(images.images),
    )


def _next_to(folder: Path) -> Path:
    """The folder of the report on a folder of pictures. A report among the pictures would be taken for some of them."""
    folder = folder.resolve() if folder.name in ("", "..") else folder
    return folder.with_name(f"{folder.name}-evaluation")


def _columns(flags: EvaluateFlags, model: ExportedModel) -> dict[str, str]:
    """The signature of the export for each column of samples, ``samples`` and ``samples_prior``.

    Raises:
        InputError: the export does not have the ``--sampler``.
    """
    of_codes = model.manifest.get("sampler") == "codes"
    if flags.sampler:
        column = "samples_prior" if of_codes and flags.sampler == "prior" else "samples"
        return {column: model.sampler(flags.sampler)}
    names = {"samples": "sample"} | ({"samples_prior": "sample_prior"} if of_codes else {})
    return {column: name for column, name in names.items() if name in model.manifest["signatures"]}


def _data(flags: EvaluateFlags, model: ExportedModel) -> tuple[str, dict]:
    """The name of the data set to compare with, and the arguments to load it.

    For the training data of the model, the defaults are the arguments of the training.

    Raises:
        InputError: neither the flags nor the export name a data set.
    """
    dataset = flags.dataset or training_data.name(model.manifest)
    if not dataset or (not flags.dataset and training_data.is_hidden(dataset)):
        raise InputError(f"{model.path} does not name its training data: give --dataset")
    return dataset, _source(flags, training_data.options(flags, model.manifest))


def _source(flags: EvaluateFlags, defaults: dict[str, Any]) -> dict[str, Any]:
    """The arguments to load the real images: those of the flags, else the defaults."""
    return {
        "image_size": defaults["image_size"],
        "channels": defaults.get("channels"),
        **_reading(flags, defaults),
        "attributes": flags.attributes or defaults.get("attributes"),
        "label_column": None if flags.attributes else defaults.get("label_column"),
        "attribute_columns": () if flags.attributes else tuple(defaults.get("attribute_columns") or ()),
        "layout": flags.layout or defaults.get("layout", "auto"),
        "data_dir": flags.data_dir,
        "cache_dir": flags.cache_dir,
    }


def _reading(flags: EvaluateFlags, defaults: dict[str, Any]) -> dict[str, Any]:
    """The arguments to load the real images that say how pictures are read."""
    reading = {name: defaults.get(name) for name in ("crop", "fit", "background", "range")}
    given = {name: value for name in reading if (value := getattr(flags, name)) is not None}
    if "fit" in given and given["fit"] != "crop" and "crop" not in given:
        reading["crop"] = None  # Nothing is cut then.
    if "crop" in given and "fit" not in given:
        reading["fit"] = "crop"
    reading |= given
    return reading | {"fit": reading["fit"] or "crop"}

"""What ``evaluate.py`` measures: an exported model, or a folder of pictures."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tfgan_models.errors import InputError

if TYPE_CHECKING:
    import numpy as np

    from tfgan_models.cli.evaluate import EvaluateFlags
    from tfgan_models.data.sources import ImageSet
    from tfgan_models.export import ExportedModel
    from tfgan_models.metrics.sampling import Sample


@dataclasses.dataclass(kw_only=True)
class Subject:
    """Something to measure.

    Attributes:
        path: its folder.
        about: what the report says of it.
        channels: of its images.
        dataset: name of the real images to compare with.
        source: how these are read, arguments of ``sources.load``.
        samplers: functions that draw images, by the column of their figures.
        samplers_of: what each of them draws its latents from.
        reconstruct: images to reconstructions; None where there are none.
        originals: the images to reconstruct; None for held-out images of the data set.
        count: how many samples there are; None where they are drawn.
    """

    path: Path
    about: dict[str, Any]
    channels: int
    dataset: str
    source: dict[str, Any]
    samplers: dict[str, Sample]
    samplers_of: dict[str, str]
    reconstruct: Callable[[np.ndarray], np.ndarray] | None
    originals: ImageSet | None = None
    count: int | None = None


def of_export(asked: EvaluateFlags) -> Subject:
    """The exported model that ``--model`` names.

    Raises:
        InputError: it is not an export, or does not have what the flags ask for.
    """
    from tfgan_models import export

    model = export.load(str(asked.model))
    columns = _columns(asked, model)
    dataset, source = _data(asked, model)
    takes_images_alone = "reconstruct" in model.manifest["signatures"] and set(model.inputs("reconstruct")) == {"image"}
    sampler = model.manifest.get("sampler", "prior")
    return Subject(
        path=model.path,
        about={
            "model": str(model.path.resolve()),
            "weights": model.manifest.get("weights"),
            "algorithm": model.manifest["algorithm"],
        },
        channels=model.manifest["image_shape"][-1],
        dataset=dataset,
        source=source,
        samplers={
            column: lambda count, seed, signature=signature: model(signature, count=count, seed=seed)["image"]
            for column, signature in columns.items()
        },
        samplers_of={column: "prior" if column == "samples_prior" else sampler for column in columns},
        reconstruct=(lambda images: model("reconstruct", image=images)["image"]) if takes_images_alone else None,
    )


def of_pictures(asked: EvaluateFlags) -> Subject:
    """The pictures in the folder ``--images``: samples, or reconstructions of those in ``--originals``.

    Raises:
        InputError: they cannot be read, or differ in size, or an original lacks its reconstruction.
    """
    import numpy as np

    from tfgan_models.data.picture_folder import all_gray, read_pictures
    from tfgan_models.data.pixels import to_float
    from tfgan_models.data.sources import ImageSet
    from tfgan_models.metrics.sampling import rows

    def as_set(pictures: dict[str, np.ndarray], name: str) -> ImageSet:
        return ImageSet(np.stack(list(pictures.values())), None, None, (), (), name)

    folder = str(asked.images)
    channels = 1 if all_gray(folder) else 3
    targets = read_pictures(asked.originals, channels) if asked.originals else {}
    images = as_set(read_pictures(folder, channels, list(targets) or None), "images")
    originals = as_set(targets, "originals") if targets else None
    if originals is not None and originals.images.shape != images.images.shape:
        sizes = f"{originals.images.shape[1]} and {images.images.shape[1]}"
        raise InputError(
            f"--originals {asked.originals}: they and --images have {sizes} pixels: give pictures of one size",
            "originals",
        )
    # Reconstructions are asked for in the order in which the evaluation goes through the originals.
    reconstructions = iter(rows(originals, "data", asked.seed)) if originals is not None else iter(())
    samples = iter(range(len(images.images)))

    def take(which: Iterator[int], count: int) -> np.ndarray:
        return to_float(images.images[list(itertools.islice(which, count))])

    return Subject(
        path=Path(folder),
        about={"model": str(Path(folder).resolve()), "weights": images.digest(), "algorithm": None},
        channels=channels,
        dataset=str(asked.dataset),
        source=_source(asked, {"image_size": images.images.shape[1], "channels": channels}),
        samplers={} if asked.originals else {"samples": lambda count, seed: take(samples, count)},
        samplers_of={},
        reconstruct=(lambda batch: take(reconstructions, len(batch))) if asked.originals else None,
        originals=originals,
        count=len(images.images),
    )


def _columns(asked: EvaluateFlags, model: ExportedModel) -> dict[str, str]:
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


def _data(asked: EvaluateFlags, model: ExportedModel) -> tuple[str, dict]:
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
    return dataset, _source(asked, known | {"image_size": height})


def _source(asked: EvaluateFlags, known: dict[str, Any]) -> dict[str, Any]:
    """How to read the real images: as known, unless the flags say otherwise."""
    return {
        "image_size": known["image_size"],
        "channels": known.get("channels"),
        "crop": known.get("crop") if asked.crop is None else asked.crop,
        "attributes": asked.attributes or known.get("attributes"),
        "data_dir": asked.data_dir,
        "cache_dir": asked.cache_dir,
    }

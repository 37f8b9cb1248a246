"""Preparation of an evaluation: the folder of its report and the real images, which are checked before long work."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from tfgan_models.cli import outputs, training_data
from tfgan_models.errors import InputError
from tfgan_models.training.flag_rules import refusal

if TYPE_CHECKING:
    from tfgan_models.cli.evaluate import EvaluateFlags
    from tfgan_models.cli.subjects import Subject
    from tfgan_models.data.sources import ImageSet


def check_output_dir(flags: EvaluateFlags, output_dir: Path) -> None:
    """Test that the report can be written.

    Raises:
        InputError: its folder cannot be written.
    """
    if flags.output_dir:
        outputs.check_folder("output_dir", flags.output_dir)
    elif reason := outputs.unwritable(output_dir):
        name = "model" if flags.model else "images"
        advice = f"the report is written to {output_dir}, which cannot be written ({reason}): give --output_dir"
        raise refusal(name, getattr(flags, name), advice)


def load_data(flags: EvaluateFlags, subject: Subject) -> tuple[ImageSet, ImageSet]:
    """Load both splits of the real images, and check them before the extractor is trained.

    Raises:
        InputError: the images have other channels than the subject, or there are too few images.
    """
    from tfgan_models.data import sources
    from tfgan_models.export.own_conditions import with_known_classes
    from tfgan_models.metrics.evaluate import MIN_IMAGES, check_size

    train, test = (sources.load(subject.dataset, split, **subject.source) for split in ("train", "test"))
    if (channels := train.images.shape[-1]) != subject.channels:
        raise InputError(
            f"--dataset {subject.dataset}: its images have {channels} channels, "
            f"those of {subject.path} {subject.channels}",
            "dataset",
        )
    if subject.count is not None and subject.count < MIN_IMAGES:
        raise refusal(
            "images",
            flags.images,
            f"it has {subject.count} pictures{' with originals' * bool(flags.originals)}, give at least {MIN_IMAGES}",
        )
    if subject.manifest is not None:
        training_data.report_change(flags, subject.manifest, train)
        train, test = (with_known_classes(data, subject.manifest) for data in (train, test))
    check_size(train, "train")
    if subject.originals is None:
        check_size(test)
    return train, test

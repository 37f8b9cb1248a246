"""The flags that all algorithms share.

The annotation of a flag holds its limits, and says whether the flag may change when a run resumes. This module does not
import TensorFlow.
"""

from __future__ import annotations

import dataclasses
from typing import Annotated, Any, Literal

from tfgan_models.data.reading import check_background, check_range
from tfgan_models.data.utils import COLUMNS, FILES
from tfgan_models.errors import InputError
from tfgan_models.training import flag_rules, start_flags
from tfgan_models.training.flag_rules import (
    Above,
    AtLeast,
    AtMost,
    Before,
    Below,
    Between,
    MayChange,
    Needs,
    OneOf,
    Was,
)
from tfgan_models.training.output_flags import Output
from tfgan_models.training.path_flags import ComparedByContent, IsPath
from tfgan_models.training.start_flags import Best, Start

AVERAGING = "give a momentum between 0 and 1, such as 0.999"
CUT = "with --fit {} nothing is cut, leave one of them out"
OF_FILES = "it cannot be used with --dataset {}, give folder:PATH, zip:PATH or tar:PATTERN"
TABLE = "it needs a table, add --attributes"
MOMENTUM = "give a number of 0 or more, and less than 1"
Seed = Annotated[int, Between(0, 2**31 - 1)]  # the range of TensorFlow Probability's seeds
Width = Annotated[float, Above(0), AtMost(16, "give a factor of at most 16")]


def _is_of_files(dataset: str) -> bool:
    """Return True if a data set is files of pictures."""
    return dataset.startswith(FILES)


def _has_columns(data: Data) -> bool:
    """Return True if the data may have columns without a table."""
    return data.dataset.startswith(COLUMNS)


@dataclasses.dataclass(kw_only=True)
class Data:
    """The data set and its preprocessing."""

    dataset: Annotated[str, IsPath(FILES[0], FILES[1:]), ComparedByContent()] = "faces"
    """faces or digits, which need no download; a tensorflow-datasets name, such as mnist or celeb_a; or your own
    pictures: folder:PATH or zip:PATH with sub-folders as labels, or tar:PATTERN with key.jpg, key.cls and key.json; or
    hf:owner/name of the Hugging Face hub. stl10+unlabelled adds a split without labels to the training pictures."""
    data_dir: Annotated[str | None, IsPath(), MayChange()] = None
    """Folder of tensorflow-datasets; by default the one that tensorflow-datasets itself uses."""
    image_size: Annotated[int | None, Between(8, 1024, "choose 8 to 1024 pixels")] = 32
    """Width and height of the square images, in pixels; if None, those of the pictures, at most 32."""
    channels: Annotated[
        int | None, OneOf((1, 3, 4), "give 1 for gray, 3 for color or 4 for color with transparency")
    ] = None
    """1 for gray, 3 for color, 4 for color with transparency; by default 1 or 3, as the pictures are."""
    crop: Annotated[int | None, Above(0), Needs("fit", CUT, lambda fit: fit == "crop")] = None
    """Cut a square of this side out of the center before resizing; 140 and 178 are common for celeb_a."""
    fit: Annotated[Literal["crop", "pad", "squeeze"], Before("crop")] = "crop"
    """Method that makes pictures square: crop keeps the middle, pad adds bars, squeeze changes the proportions."""
    background: Annotated[str | None, ComparedByContent()] = None
    """Background of transparent pictures and of the bars of --fit pad: white, black, checker, or a color such as
    255,128,0; none ignores the transparency. By default white, or another one if the pictures cannot be seen on it."""
    range: Annotated[tuple[float, float] | Literal["auto"], ComparedByContent()] = "auto"
    """Pixel values that become black and white, such as 0 4095. auto: the range of 8 or 16 bits, or the range of the
    whole folder if its pictures use a small part of it."""
    attributes: Annotated[str | None, IsPath(), ComparedByContent(), Needs("dataset", OF_FILES, _is_of_files)] = None
    """File of attributes or classes for your own pictures: CelebA's list_attr_celeba.txt, or a table with a header,
    separated by commas, semicolons or tabs, such as list_attr_celeba.csv."""
    label_column: Annotated[str | None, Needs("attributes", TABLE, unless=_has_columns)] = None
    """Column of --attributes, of hf:owner/name or in key.json of tar:PATTERN with the classes, if several could be."""
    attribute_columns: Annotated[tuple[str, ...], Needs("attributes", TABLE, unless=_has_columns)] = ()
    """Columns of --attributes, or of hf: or tar:, with attributes; by default all of 0 and 1, or -1 and 1."""
    layout: Annotated[
        Literal["auto", "classes"], MayChange(), Before("classes"), Needs("dataset", OF_FILES, _is_of_files)
    ] = "auto"
    """Layout of your own pictures. auto: train/, test/, val/ and the like are splits, and pictures in unlabeled/ or
    next to class folders have no label; classes: every sub-folder is a class."""
    horizontal_flip: Annotated[bool, Was("flip")] = False
    """Mirror each training image left to right with probability 0.5."""
    cache_dir: Annotated[str | None, IsPath(), MayChange()] = None
    """Folder for decoded images; ~/.cache/tfgan_models by default."""
    cache_format: Annotated[Literal["array", "encoded"], MayChange()] = "array"
    """encoded keeps pictures as PNG files, which are decoded in each step: less disk, and the same weights."""


@dataclasses.dataclass(kw_only=True)
class Training:
    """Length of the training, optimization and devices."""

    epochs: Annotated[int, Above(0), MayChange()] = 10
    """Total number of epochs. Raise it to continue a finished run; after a --cooldown the learning rate stays low."""
    steps_per_epoch: Annotated[int | None, Above(0)] = None
    """Steps in an epoch, which ends with a checkpoint; by default one pass over the images, which many steps repeat and
    few steps cut short."""
    batch_size: Annotated[int, Above(0), AtLeast(2, "batch normalization needs at least 2 images in a step")] = 64
    """Images in a step, summed over all devices."""
    learning_rate: Annotated[float, Above(0)] = 3e-4
    """Initial learning rate of all optimizers."""
    learning_rate_decay: Annotated[float, Above(0)] = 1.0
    """Factor on the learning rate after each epoch."""
    schedule: Literal["constant", "exponential", "cosine", "linear"] = "constant"
    """Also let the learning rate fall from epoch to epoch: exponential to 1/100, cosine and linear to nearly 0."""
    warmup: Annotated[int, AtLeast(0)] = 0
    """Epochs in which the learning rate rises step by step from nearly 0. The schedule begins after them."""
    decay_power: Annotated[float, AtLeast(0, "give a number from 0 on"), Before(0.0)] = 0.0
    """Also multiply the learning rate by 1 - (epoch / epochs) ** decay_power. Larsen et al. use 0.75; 0 disables it."""
    cooldown: Annotated[float, Between(0, 1, "give a fraction of the epochs, from 0 to 1"), Before(0.0)] = 0.0
    """Final fraction of the epochs, in which the learning rate falls to nearly 0 along half a cosine."""
    gradient_clip: Annotated[float | None, Above(0)] = None
    """Clip each element of a gradient to this absolute value; no clipping by default."""
    seed: Seed = 0
    """Seed of the initial weights, the order of the images and all noise."""
    precision: Literal["auto", "float32", "bfloat16", "float16"] = "auto"
    """Precision of the computation; weights and losses are float32. auto: bfloat16 if the hardware computes it fast.
    float16: with a dynamic loss scale for each player, for GPUs without bfloat16."""
    jit: Annotated[
        bool,
        Needs(
            "strategy",
            "XLA cannot compile the steps of --strategy {}, leave one of them out",
            lambda name: name == "default",
        ),
        MayChange(),
    ] = False
    """Compile the training step by XLA. It starts slowly, and trains the same weights except for rounding."""
    deterministic: bool = False
    """Use TensorFlow's deterministic operations only, so that a GPU repeats a run bit for bit. It can be slower."""
    strategy: Annotated[Literal["default", "mirrored", "multi_worker"], MayChange()] = "default"
    """mirrored: all devices of this machine; multi_worker: the machines in TF_CONFIG."""
    virtual_devices: Annotated[
        int,
        Above(0),
        Needs(
            "strategy",
            "--strategy {} does not use virtual devices: add --strategy mirrored",
            lambda name: name == "mirrored",
        ),
        MayChange(),
    ] = 1
    """Number of devices to split the processor into, to test --strategy mirrored without GPUs."""
    ema: Annotated[float | None, Above(0, AVERAGING), Below(1, AVERAGING), Before(None)] = None
    """Momentum of an exponential moving average of the weights, such as 0.999. Samples and exports use the average."""


class HasModelGroup:
    """Type of the group ``model``, which each recipe adds. It is not a dataclass, so it does not make a flag."""

    model: Any


@dataclasses.dataclass(kw_only=True)
class Flags(HasModelGroup):
    """The common flags. Each recipe adds a group ``model`` with the flags of its algorithm."""

    data: Data = dataclasses.field(default_factory=Data)
    training: Training = dataclasses.field(default_factory=Training)
    start: Start = dataclasses.field(default_factory=Start)
    best: Best = dataclasses.field(default_factory=Best)
    output: Output = dataclasses.field(default_factory=Output)


def check(flags: Any) -> None:
    """Refuse flags as ``flag_rules.check`` does, and values of the other groups that cannot be.

    Args:
        flags: a dataclass of flags.

    Raises:
        InputError: a flag breaks one of its rules. The error's ``argument`` is the flag's name.
    """
    flag_rules.check(flags)
    check_reading(flags.data)
    start_flags.check(flags)
    training = flags.training
    if training.schedule != "constant" and training.warmup >= training.epochs:
        raise flag_rules.refusal(
            "schedule",
            training.schedule,
            f"it would begin after --warmup {training.warmup} and --epochs {training.epochs}, change one of the three",
        )


def check_reading(group: Any) -> None:
    """Refuse a ``range`` and a ``background`` that cannot be.

    Args:
        group: a dataclass that has these flags.

    Raises:
        InputError: one of them cannot be.
    """
    try:
        check_range(group.range)
        if group.background is not None:
            check_background(group.background)
    except InputError as error:
        raise InputError(f"--{error}", error.argument) from None  # The library begins with the argument's name.

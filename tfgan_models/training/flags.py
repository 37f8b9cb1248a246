"""The flags that all algorithms share. Each has its limits, and whether it may change when a run goes on, beside it.

Nothing here waits for TensorFlow.
"""

from __future__ import annotations

import dataclasses
from typing import Annotated, Any, Literal

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
from tfgan_models.training.flag_rules import check as check

AVERAGING = "give a momentum between 0 and 1, such as 0.999"
MOMENTUM = "give a number of 0 or more, and less than 1"  # of optimizers
Seed = Annotated[int, Between(0, 2**31 - 1)]  # as TensorFlow Probability takes them
Width = Annotated[float, Above(0), AtMost(16, "give a factor of at most 16")]


@dataclasses.dataclass(kw_only=True)
class Data:
    """Where the pictures come from."""

    dataset: str = "faces"
    """faces and digits are embedded; any tensorflow-datasets name (mnist, celeb_a, …); or folder:PATH for your own
    pictures, with sub-folders as labels."""
    data_dir: Annotated[str | None, MayChange()] = None
    """Folder of prepared tensorflow-datasets, instead of its default."""
    image_size: int = 32
    """Side of the square images, in pixels."""
    channels: Annotated[int | None, OneOf((1, 3), "give 1 for grey or 3 for colour")] = None
    """1 for grey, 3 for colour; what the pictures have unless told."""
    crop: Annotated[int | None, Above(0)] = None
    """Cut this many pixels out of the centre first; 140 and 178 are usual for celeb_a."""
    attributes: str | None = None
    """File of attributes for folder:PATH, in the format of CelebA's list_attr_celeba.txt."""
    horizontal_flip: Annotated[bool, Was("flip")] = False
    """Mirror images left to right, each with a chance of one half."""
    cache_dir: Annotated[str | None, MayChange()] = None
    """Where decoded images are kept; ~/.cache/tfgan_models unless told."""


@dataclasses.dataclass(kw_only=True)
class Training:
    """How long and on what to train."""

    epochs: Annotated[int, Above(0), MayChange()] = 10
    """Epochs in all; a run that has finished goes on if this grows, at the rate where a --cooldown left it."""
    steps_per_epoch: Annotated[int | None, Above(0)] = None
    """Steps between two checkpoints; once through the data unless told."""
    batch_size: Annotated[int, Above(0), AtLeast(2, "batch normalization needs at least 2 images in a step")] = 64
    """Images in a step, over all devices together."""
    learning_rate: Annotated[float, Above(0)] = 3e-4
    """Of every player's optimizer, at the start."""
    learning_rate_decay: Annotated[float, Above(0)] = 1.0
    """Factor on the learning rate for each epoch."""
    decay_power: Annotated[float, AtLeast(0, "give a number from 0 on"), Before(0.0)] = 0.0
    """Let the learning rate also fall as 1 - (epoch / epochs) ** decay_power; 0.75 is that of Larsen et al., 0 does
    without."""
    cooldown: Annotated[float, Between(0, 1, "give a share of the epochs, from 0 to 1"), Before(0.0)] = 0.0
    """Share of the epochs, the last ones, over which the learning rate falls to nearly 0 along half a cosine."""
    gradient_clip: Annotated[float | None, Above(0)] = None
    """Limit on the absolute value of each element of a gradient."""
    seed: Seed = 0
    """Decides the initial weights, the order of the images and all noise."""
    precision: Literal["auto", "float32", "bfloat16"] = "auto"
    """Of the computation; weights and losses stay float32. auto takes bfloat16 where the processor is fast at it."""
    strategy: Annotated[Literal["default", "mirrored", "multi_worker"], MayChange()] = "default"
    """mirrored: all local devices; multi_worker: the hosts that TF_CONFIG names."""
    virtual_devices: Annotated[
        int,
        Above(0),
        Needs("strategy", "--strategy {} does not use them: add --strategy mirrored", lambda name: name == "mirrored"),
        MayChange(),
    ] = 1
    """Split the processor into so many devices, to try --strategy mirrored without GPUs."""
    ema: Annotated[float | None, Above(0, AVERAGING), Below(1, AVERAGING), Before(None)] = None
    """Keep an exponential average of the weights with this momentum, 0.999 say; samples and exports use it."""


@dataclasses.dataclass(kw_only=True)
class Output:
    """What a run leaves behind."""

    run_dir: Annotated[str | None, MayChange()] = None
    """Metrics, pictures, checkpoints and TensorBoard's logs; runs/<algorithm>-<dataset> unless told."""
    export_dir: Annotated[
        str | None,
        Needs("export", "with --no-export nothing is exported, leave one of them out"),
        MayChange(),
    ] = None
    """The SavedModel's versions; saved_models/<algorithm> unless told."""
    export: Annotated[bool, MayChange()] = True
    """Write a SavedModel at the end. With --no-export the run ends with its checkpoints; the same command without it
    exports later."""
    resume: Annotated[bool, MayChange()] = True
    """Go on with the run in run_dir. --no-resume starts over and keeps the old run aside."""
    keep_checkpoints: Annotated[int, Above(0), MayChange()] = 3
    """How many checkpoints to keep."""
    health: Annotated[bool, MayChange()] = True
    """Warn when samples become alike, the discriminator always wins, or gradients explode or vanish."""
    stop_on_collapse: Annotated[
        bool,
        Needs("health", "it needs the health monitor, leave out --no-health"),
        MayChange(),
    ] = False
    """End the run, with exit code 1, when samples have become alike."""
    sampler: Annotated[Literal["codes", "prior"] | None, MayChange()] = None
    """Where the samples of pictures, health checks and figures come from. codes, the default of models that encode: a
    mixture of Gaussians fitted to the codes of training images; prior: p(z), the default of the others."""
    evaluate_every: Annotated[int | None, Above(0), MayChange()] = None
    """Measure samples and reconstructions after every so many epochs; tfgan evaluate does it afterwards."""
    evaluation_samples: Annotated[
        int,
        AtLeast(20, "give at least 20"),
        Needs("evaluate_every", "nothing is measured, add --evaluate_every"),
        MayChange(),
    ] = 2_000
    """Samples to draw for that."""
    histograms: Annotated[bool, MayChange()] = False
    """Histograms of all weights for TensorBoard, at every epoch."""


class HasModelGroup:
    """Type of the group ``model``, which each script adds. Not a dataclass: without a group there is no such flag."""

    model: Any


@dataclasses.dataclass(kw_only=True)
class Flags(HasModelGroup):
    """What every script takes; each adds a group of its own, ``model``."""

    data: Data = dataclasses.field(default_factory=Data)
    training: Training = dataclasses.field(default_factory=Training)
    output: Output = dataclasses.field(default_factory=Output)

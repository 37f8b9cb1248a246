"""The flags that all algorithms share, and their limits. Nothing here waits for TensorFlow."""

from __future__ import annotations

import dataclasses
import math
from typing import Any, Literal

from tfgan_models.errors import InputError

MAX_WIDTH = 16
# Numbers that a script may have in its group ``model``.
# fmt: off
MODEL_ABOVE_0 = (
    "latent_dim", "code_dim", "width", "discriminator_rate", "critic_steps", "clip", "discriminator_steps",
    "real_target", "style_dim", "adversarial_rate",
)
MODEL_0_OR_MORE = (
    "beta", "gamma", "attribute_weight", "equilibrium_centre", "equilibrium_margin", "penalty_weight", "margin",
    "pull_away", "r1", "historical_averaging", "unlabelled_weight", "input_noise", "head_distance", "informed_labels",
    "vae_epochs",
)
# fmt: on
# Those that decide nothing while another one of the group is off.
MODEL_DEPENDENT = {
    "equilibrium_centre": "equilibrium",
    "equilibrium_margin": "equilibrium",
    "head_distance": "cluster_heads",
    "label_seed": "informed_labels",
}


@dataclasses.dataclass(kw_only=True)
class Data:
    """Where the pictures come from."""

    dataset: str = "faces"
    """faces and digits are embedded; any tensorflow-datasets name (mnist, celeb_a, …); or folder:PATH for your own
    pictures, with sub-folders as labels."""
    data_dir: str | None = None
    """Folder of prepared tensorflow-datasets, instead of its default."""
    image_size: int = 32
    """Side of the square images, in pixels."""
    channels: int | None = None
    """1 for grey, 3 for colour; what the pictures have unless told."""
    crop: int | None = None
    """Cut this many pixels out of the centre first; 140 and 178 are usual for celeb_a."""
    attributes: str | None = None
    """File of attributes for folder:PATH, in the format of CelebA's list_attr_celeba.txt."""
    flip: bool = False
    """Mirror images left to right, each with a chance of one half."""
    cache_dir: str | None = None
    """Where decoded images are kept; ~/.cache/tfgan_models unless told."""


@dataclasses.dataclass(kw_only=True)
class Training:
    """How long and on what to train."""

    epochs: int = 10
    """Epochs in all; a run that has finished goes on if this grows, at the rate where a --cooldown left it."""
    steps_per_epoch: int | None = None
    """Steps between two checkpoints; once through the data unless told."""
    batch_size: int = 64
    """Images in a step, over all devices together."""
    learning_rate: float = 3e-4
    """Of every player's optimizer, at the start."""
    learning_rate_decay: float = 1.0
    """Factor on the learning rate for each epoch."""
    decay_power: float = 0.0
    """Let the learning rate also fall as 1 - (epoch / epochs) ** decay_power; 0.75 is that of Larsen et al., 0 does
    without."""
    cooldown: float = 0.0
    """Share of the epochs, the last ones, over which the learning rate falls to nearly 0 along half a cosine."""
    gradient_clip: float | None = None
    """Limit on the absolute value of each element of a gradient."""
    seed: int = 0
    """Decides the initial weights, the order of the images and all noise."""
    precision: Literal["auto", "float32", "bfloat16"] = "auto"
    """Of the computation; weights and losses stay float32. auto takes bfloat16 where the processor is fast at it."""
    strategy: Literal["default", "mirrored", "multi_worker"] = "default"
    """mirrored: all local devices; multi_worker: the hosts that TF_CONFIG names."""
    virtual_devices: int = 1
    """Split the processor into so many devices, to try --strategy mirrored without GPUs."""
    ema: float | None = None
    """Keep an exponential average of the weights with this momentum, 0.999 say; samples and exports use it."""


@dataclasses.dataclass(kw_only=True)
class Output:
    """What a run leaves behind."""

    run_dir: str | None = None
    """Metrics, pictures, checkpoints and TensorBoard's logs; runs/<algorithm>-<dataset> unless told."""
    export_dir: str | None = None
    """The SavedModel's versions; saved_models/<algorithm> unless told."""
    export: bool = True
    """Write a SavedModel at the end. With --no-export the run ends with its checkpoints; the same command without it
    exports later."""
    resume: bool = True
    """Go on with the run in run_dir. --no-resume starts over and keeps the old run aside."""
    keep_checkpoints: int = 3
    """How many checkpoints to keep."""
    health: bool = True
    """Warn when samples become alike, the discriminator always wins, or gradients explode or vanish."""
    stop_on_collapse: bool = False
    """End the run, with exit code 1, when samples have become alike."""
    sampler: Literal["codes", "prior"] | None = None
    """Where the samples of pictures, health checks and figures come from. codes, the default of models that encode: a
    mixture of Gaussians fitted to the codes of training images; prior: p(z), the default of the others."""
    evaluate_every: int | None = None
    """Measure samples and reconstructions after every so many epochs; tfgan evaluate does it afterwards."""
    evaluation_samples: int = 2_000
    """Samples to draw for that."""
    histograms: bool = False
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


def idle(model: Any) -> dict[str, str]:
    """The flags of the group ``model`` that decide nothing beside its others, each with what would let it decide."""
    found = {}
    for name, needed in MODEL_DEPENDENT.items():
        if hasattr(model, name) and not getattr(model, needed, True):
            found[name] = f"leave out --no-{needed}" if getattr(type(model), needed) else f"give --{needed}"
    labels = getattr(model, "labels", None)
    if labels == (0,):
        found["label_seed"] = "give --labels above 0, or --seed for other runs"
    elif labels is not None and 0 not in labels and hasattr(model, "clusters"):
        found["clusters"] = "give --labels 0"
    return found


def check(flags: Flags) -> None:
    """Refuse numbers that mean nothing.

    Raises:
        InputError: names the flag and what was given.
    """
    model = getattr(flags, "model", None)
    positive = {f"--{name}": getattr(model, name, None) for name in MODEL_ABOVE_0} | {
        "--epochs": flags.training.epochs,
        "--steps_per_epoch": flags.training.steps_per_epoch,
        "--batch_size": flags.training.batch_size,
        "--learning_rate": flags.training.learning_rate,
        "--learning_rate_decay": flags.training.learning_rate_decay,
        "--gradient_clip": flags.training.gradient_clip,
        "--keep_checkpoints": flags.output.keep_checkpoints,
        "--evaluate_every": flags.output.evaluate_every,
        "--crop": flags.data.crop,
        "--virtual_devices": flags.training.virtual_devices,
    }
    for name, value in positive.items():
        if value is not None and not 0 < value < math.inf:
            raise InputError(f"{name} {value}: give a number above 0")
    for name in MODEL_0_OR_MORE:
        value = getattr(model, name, None)
        if value is not None and not 0 <= value < math.inf:
            raise InputError(f"--{name} {value}: give a number of 0 or more")
    for name, switch in idle(model).items():  # whoever gives one expects that it decides something
        given, usual = (getattr(group, name) for group in (model, type(model)))
        if given != usual:
            said = " ".join(map(str, given)) if isinstance(given, tuple) else given
            raise InputError(f"--{name} {said}: it decides nothing here, leave it out or {switch}")
    if (width := positive["--width"]) is not None and width > MAX_WIDTH:
        raise InputError(f"--width {width}: give a factor of at most {MAX_WIDTH}")
    if not 0 <= flags.training.seed < 2**31:  # as TensorFlow Probability takes them
        raise InputError(f"--seed {flags.training.seed}: give a number from 0 to {2**31 - 1}")
    if flags.training.virtual_devices > 1 and flags.training.strategy != "mirrored":
        raise InputError(
            f"--virtual_devices {flags.training.virtual_devices}: --strategy {flags.training.strategy} does not use "
            "them: add --strategy mirrored"
        )
    if flags.training.ema is not None and not 0 < flags.training.ema < 1:
        raise InputError(f"--ema {flags.training.ema}: give a momentum between 0 and 1, such as 0.999")
    if not 0 <= flags.training.cooldown <= 1:
        raise InputError(f"--cooldown {flags.training.cooldown}: give a share of the epochs, from 0 to 1")
    if not 0 <= flags.training.decay_power < math.inf:
        raise InputError(f"--decay_power {flags.training.decay_power}: give a number from 0 on")
    if flags.training.batch_size < 2:
        raise InputError("--batch_size 1: batch normalization needs at least 2 images in a step")
    if flags.output.evaluation_samples < 20:
        raise InputError(f"--evaluation_samples {flags.output.evaluation_samples}: give at least 20")
    if flags.output.evaluation_samples != Output.evaluation_samples and flags.output.evaluate_every is None:
        raise InputError(
            f"--evaluation_samples {flags.output.evaluation_samples}: nothing is measured, add --evaluate_every"
        )
    if flags.output.export_dir is not None and not flags.output.export:
        raise InputError(
            f"--export_dir {flags.output.export_dir}: with --no-export nothing is exported, leave one of them out"
        )
    if flags.output.stop_on_collapse and not flags.output.health:
        raise InputError("--stop_on_collapse needs the health monitor: leave out --no-health")
    if flags.data.channels not in (None, 1, 3):
        raise InputError(f"--channels {flags.data.channels}: give 1 for grey or 3 for colour")

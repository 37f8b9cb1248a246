"""How many steps make an epoch, how many images a step takes, and how many steps are taken at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tfgan_models.errors import InputError

if TYPE_CHECKING:
    from tfgan_models.models.base import GenerativeModel
    from tfgan_models.training.flags import Flags, Training

MOST_AT_ONCE = 25  # more gain nothing: what Python does between them is then a small part of a step of 1 ms


def minibatches(model: GenerativeModel) -> int:
    """The parts of a batch, each of ``--batch_size`` images, that a model takes its steps on one after the other."""
    return getattr(model, "minibatches", 1)


def steps_per_epoch(training: Training, images: int, replicas: int, parts: int = 1) -> int:
    """The steps of an epoch, checked against the data and the devices.

    Raises:
        InputError: the batch does not divide by the replicas, or the data cannot fill the steps.
    """
    if training.batch_size % replicas:
        raise InputError(
            f"--batch_size {training.batch_size} does not divide by {replicas} devices: give a multiple", "batch_size"
        )
    each = training.batch_size * parts
    once = images // each
    if not once:
        largest = images // parts // replicas * replicas
        fewer = " or lower --critic_steps or --discriminator_steps" if parts > 1 else ""
        raise InputError(
            f"--batch_size {training.batch_size}: there are only {images} images and a step takes {each}, "
            + (f"give a batch of at most {largest}" if largest > 1 else f"add pictures{fewer}")
        )
    if (training.steps_per_epoch or 0) > once:
        raise InputError(
            f"--steps_per_epoch {training.steps_per_epoch}: {images} images fill {once} steps of {each}",
            "steps_per_epoch",
        )
    return training.steps_per_epoch or once


def epoch_steps(training: Training) -> int:
    """Return the steps of an epoch that a run has set.

    Raises:
        ValueError: it has not.
    """
    if training.steps_per_epoch is None:
        raise ValueError("steps_per_epoch is None: give flags in which common.run has set it")
    return training.steps_per_epoch


def steps_at_once(flags: Flags) -> int:
    """How many steps Keras takes before it returns to Python, for its callbacks and the progress bar.

    Only small networks have steps so short that the way back and forth counts, and under a strategy Keras fails with
    several. They have to divide the epoch, or Keras would go on beyond its end. The weights are the same.

    Args:
        flags: with ``steps_per_epoch`` as it came to be.
    """
    if flags.model.network != "mlp" or flags.training.strategy != "default":
        return 1
    steps = epoch_steps(flags.training)
    return max(count for count in range(1, MOST_AT_ONCE + 1) if steps % count == 0)

"""Steps per epoch, images per step, and steps per call of Keras' training function."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tfgan_models.errors import InputError

if TYPE_CHECKING:
    from tfgan_models.training.flags import Flags, Training

# Beyond this number Python's overhead between two calls is a small part of a step of 1 ms, so more steps gain nothing.
MAX_STEPS_PER_EXECUTION = 25


def steps_per_epoch(training: Training, images: int, replicas: int, parts: int = 1, smallest: int = 1) -> int:
    """The number of steps in an epoch, checked against the data and the devices; by default one pass over the images.

    Args:
        training: the flags ``--batch_size`` and ``--steps_per_epoch``.
        images: the number of training images.
        replicas: the number of devices.
        parts: the number of minibatches in a step, each of ``--batch_size`` images.
        smallest: the fewest images that a step of the model can learn from.

    Raises:
        InputError: the batch size is not a multiple of the replicas, or too small, or the images do not fill one step.
    """
    if training.batch_size % replicas:
        raise InputError(
            f"--batch_size {training.batch_size} does not divide by {replicas} devices: give a multiple", "batch_size"
        )
    if training.batch_size < smallest:
        raise InputError(f"--batch_size {training.batch_size}: give {smallest} or more with these flags", "batch_size")
    step_images = training.batch_size * parts
    if training.steps_per_epoch:
        return training.steps_per_epoch  # batches are endless, so that few pictures fill any number of steps
    full_steps = images // step_images
    if not full_steps:
        largest = images // parts // replicas * replicas
        fewer = " or lower --critic_steps or --discriminator_steps" if parts > 1 else ""
        raise InputError(
            f"--batch_size {training.batch_size}: there are only {images} images and a step takes {step_images}, "
            + (f"give a batch of at most {largest}" if largest > 1 else f"add pictures{fewer}")
            + " or set --steps_per_epoch"
        )
    return full_steps


def epoch_steps(training: Training) -> int:
    """Return the steps per epoch of a run that has set them.

    Raises:
        ValueError: the run has not set them.
    """
    if training.steps_per_epoch is None:
        raise ValueError("steps_per_epoch is None: give the flags of a run, in which training.run has set it")
    return training.steps_per_epoch


def steps_per_execution(flags: Flags) -> int:
    """The number of steps that Keras takes before it returns to Python for callbacks and the progress bar.

    Only steps of small networks are so short that the return to Python matters. Under a strategy, Keras fails with more
    than one step. The number has to divide the epoch, or Keras would go beyond its end. It changes the
    weights in a warm-up only, whose rate rises once for each call.

    Args:
        flags: the flags of a run, with ``steps_per_epoch`` set.
    """
    if flags.model.network != "mlp" or flags.training.strategy != "default":
        return 1
    steps = epoch_steps(flags.training)
    return max(count for count in range(1, MAX_STEPS_PER_EXECUTION + 1) if steps % count == 0)

"""The model of a run, built from its flags and its data."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tfgan_models.training import flags as common_flags
from tfgan_models.training.growing import Phase
from tfgan_models.training.recipe import F, Recipe

if TYPE_CHECKING:
    import numpy as np
    import tensorflow as tf

    from tfgan_models.data.sources import ImageSet
    from tfgan_models.models.base import GenerativeModel


def build_model(
    recipe: Recipe[F], flags: F, train: ImageSet, strategy: tf.distribute.Strategy, phase: Phase | None
) -> GenerativeModel:
    """Build the model of a run, or of a phase of a run that grows."""
    import keras

    from tfgan_models.keras_private import reset_names
    from tfgan_models.networks.growing import Growth
    from tfgan_models.training import warm_start

    # Only after the data, because preparing them uses the global generators and reading a cache does not.
    keras.utils.set_random_seed(flags.training.seed)
    with strategy.scope():
        if phase is None or recipe.build_stage is None:
            model = recipe.build(flags, train)
        else:
            reset_names()  # TensorFlow sums in the order of names, and a resumed run has built fewer models
            growth = Growth(flags.data.image_size or phase.size, phase.fades, phase.blocks)
            model = recipe.build_stage(flags, train, growth)
        if flags.start.freeze:
            warm_start.hold(model, flags.start.freeze)
    model.jit_compile = flags.training.jit
    _prepare_inference(model, train, flags, strategy.num_replicas_in_sync)
    return model


def _prepare_inference(model: GenerativeModel, train: ImageSet, flags: common_flags.Flags, replicas: int) -> None:
    """Set what drawing and measuring need: batches as large as a step's on one device, and images for averages."""
    model.inference_batch = max(1, flags.training.batch_size // replicas)
    if flags.training.ema:
        model.bn_calibration_images = bn_calibration_images(train)


def bn_calibration_images(train: ImageSet, count: int = 1024) -> dict[str, np.ndarray]:
    """Evenly spaced training images, with labels and attributes, to recompute the BatchNorm statistics of averages."""
    import numpy as np

    stride = -(-len(train.images) // count)
    images = {"image": train.images[::stride]}
    for name, values in (("label", train.labels), ("attributes", train.attributes)):
        if values is not None:
            images[name] = np.asarray(values)[::stride]
    return images

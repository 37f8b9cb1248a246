"""``fit`` of a run: its batches, and everything that is watched and written."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from tfgan_models.errors import Collapsed, InputError
from tfgan_models.training import flags as common_flags
from tfgan_models.training.recipe import CallbackContext, F
from tfgan_models.training.steps import epoch_steps, minibatches, steps_at_once

if TYPE_CHECKING:
    import keras
    import tensorflow as tf

    from tfgan_models.callbacks.health import HealthMonitor
    from tfgan_models.data.sources import ImageSet
    from tfgan_models.latent.sampler import Sampler
    from tfgan_models.models.base import GenerativeModel
    from tfgan_models.training.run_folder import RunFolder


def fit(
    model: GenerativeModel,
    train: ImageSet,
    test: ImageSet,
    flags: F,
    folder: RunFolder,
    done: int,
    strategy: tf.distribute.Strategy,
    callbacks_of: Callable[[F, CallbackContext], Sequence[keras.callbacks.Callback]] | None,
) -> None:
    """``model.fit`` from the end of epoch ``done`` on.

    Raises:
        Collapsed: samples have become alike, and ``--stop_on_collapse`` is on.
    """
    from tfgan_models.callbacks.finite import StopIfNotFinite
    from tfgan_models.callbacks.learning_rate import LearningRateDecay
    from tfgan_models.latent.sampler import Sampler
    from tfgan_models.training import held_out

    training = flags.training
    decay = LearningRateDecay(training.learning_rate_decay, training.cooldown, training.decay_power)
    callbacks: list[keras.callbacks.Callback] = [StopIfNotFinite(), decay]
    sampler = Sampler(train.images, flags.output.sampler, training.seed)
    health = health_monitor(train, flags, folder, done, strategy, sampler)
    if health is not None:
        callbacks.append(health)
    if folder.chief:
        callbacks += written(train, test, flags, folder, callbacks_of, sampler)
    model.steps_per_execution = steps_at_once(flags)
    verbose: Any = "auto" if folder.chief else 0  # Keras' own hints, guessed from the default, know of no 0
    model.fit(
        batches(model, train, flags, done, strategy),
        epochs=training.epochs,
        initial_epoch=done,
        steps_per_epoch=training.steps_per_epoch,
        validation_data=held_out.batches(model, test, training.batch_size, strategy.num_replicas_in_sync),
        callbacks=callbacks,
        shuffle=False,
        verbose=verbose,
    )
    # Who goes on with the model may have epochs that so many steps do not divide.
    model.steps_per_execution, model.train_function, model.test_function = 1, None, None
    if health is not None and health.stopped:
        if folder.chief:
            folder.collapsed.write_text(health.warnings["collapse"])
        raise Collapsed(health.warnings["collapse"])


def batches(
    model: GenerativeModel,
    train: ImageSet,
    flags: common_flags.Flags,
    done: int,
    strategy: tf.distribute.Strategy,
) -> tf.data.Dataset:
    """The batches from the end of epoch ``done`` on; of several replicas each has its share of one."""
    from tfgan_models.data import labelled, pipeline

    training, together = flags.training, flags.training.batch_size * minibatches(model)
    make = pipeline.batches if train.labelled is None else labelled.batches

    def share(context: tf.distribute.InputContext | None = None) -> tf.data.Dataset:
        first_step = done * epoch_steps(training)
        return make(
            train, together, seed=training.seed, first_step=first_step, flip=flags.data.horizontal_flip, context=context
        )

    replicas = strategy.num_replicas_in_sync
    if replicas == 1:
        return share()
    return strategy.distribute_datasets_from_function(lambda context: share(context).rebatch(together // replicas))


def written(
    train: ImageSet,
    test: ImageSet,
    flags: F,
    folder: RunFolder,
    callbacks_of: Callable[[F, CallbackContext], Sequence[keras.callbacks.Callback]] | None,
    sampler: Sampler,
) -> list[keras.callbacks.Callback]:
    """What leaves files in the run's folder: measures, TensorBoard's logs, pictures, rows of metrics, checkpoints."""
    import keras
    import numpy as np
    import tensorflow as tf

    from tfgan_models.callbacks.checkpoints import Checkpoints
    from tfgan_models.callbacks.evaluation import EpochLine, Evaluation
    from tfgan_models.callbacks.metrics_file import MetricsFile
    from tfgan_models.callbacks.pictures import Pictures
    from tfgan_models.data import pipeline
    from tfgan_models.metrics.in_domain_extractor import in_domain

    output, seed = flags.output, flags.training.seed
    callbacks: list[keras.callbacks.Callback] = []
    if output.evaluate_every:
        extractor = in_domain(train, test, flags.data.cache_dir)
        callbacks.append(Evaluation(test, extractor, output.evaluate_every, output.evaluation_samples, seed, sampler))
    shown = np.concatenate([b["image"] for b in pipeline.ordered(test, 40, limit=40)])
    writer = tf.summary.create_file_writer(str(folder.path / "logs" / "pictures"))
    board = keras.callbacks.TensorBoard(
        str(folder.path / "logs"), histogram_freq=int(output.histograms), write_graph=False
    )
    if callbacks_of:
        callbacks += callbacks_of(flags, CallbackContext(train, test, shown, folder.path, writer))
    # The checkpoint comes last: an epoch is over when everything that belongs to it is written.
    return [
        *callbacks,
        board,
        Pictures(folder.path, shown, seed, writer, sampler),
        MetricsFile(folder.path),
        EpochLine(),
        Checkpoints(folder.checkpoints, output.keep_checkpoints),
    ]


def check_watched(model: GenerativeModel, train: ImageSet, test: ImageSet, flags: common_flags.Flags) -> None:
    """Refuse to watch for what could not be seen.

    Raises:
        InputError: ``--evaluate_every`` of too few held-out images; ``--stop_on_collapse`` of a model that draws no
            samples, or of too few images to compare them with; ``--sampler`` of a model that cannot draw from it.
    """
    from tfgan_models.callbacks.health import HealthMonitor
    from tfgan_models.metrics.evaluate import check_size

    if flags.output.evaluate_every:
        check_size(test)
    sampler = flags.output.sampler
    if sampler is not None and sampler not in model.samplers:
        reasons = {"codes": "has no codes to fit a mixture to", "prior": "has no prior"}
        raise InputError(
            f"--sampler {sampler}: {type(model).__name__} {reasons[sampler]}, leave it out or give "
            f"{' or '.join(model.samplers)}",
            "sampler",
        )
    if not flags.output.stop_on_collapse:
        return
    if not model.samplers:
        raise InputError(
            "--stop_on_collapse: this model draws no samples that could become alike, leave it out", "stop_on_collapse"
        )
    if len(train.images) < HealthMonitor.MIN_IMAGES:
        raise InputError(
            f"--stop_on_collapse: needs {HealthMonitor.MIN_IMAGES} training images to compare samples with, there "
            f"are {len(train.images)}",
            "stop_on_collapse",
        )


def health_monitor(
    train: ImageSet,
    flags: common_flags.Flags,
    folder: RunFolder,
    done: int,
    strategy: tf.distribute.Strategy,
    sampler: Sampler | None = None,
) -> HealthMonitor | None:
    """The ``HealthMonitor`` of a run of ``done`` epochs, which it knows; None if none is wanted, or of too few images.

    Raises:
        InputError: of several workers some have no rows of these epochs, so that not all would stop at a collapse.
    """
    from tfgan_models.callbacks.health import HealthMonitor
    from tfgan_models.callbacks.metrics_file import read_rows
    from tfgan_models.training import devices

    if not flags.output.health or len(train.images) < HealthMonitor.MIN_IMAGES:
        return None
    # A run that was killed may have written the row of an epoch that it has to do again.
    earlier = [row for epoch, row in sorted(read_rows(folder.path).items()) if epoch <= done]
    devices.agree(strategy, len(earlier), str(folder.path / "metrics.csv"))
    # On every worker: all see the same samples and the same earlier epochs, and so stop together.
    return HealthMonitor(
        train.images,
        flags.training.seed,
        flags.output.stop_on_collapse,
        verbose=folder.chief,
        earlier=earlier,
        sampler=sampler,
    )

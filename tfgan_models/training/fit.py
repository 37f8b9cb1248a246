"""Training of a run: batches, callbacks and the call of ``model.fit``."""

from __future__ import annotations

import dataclasses
import shutil
from typing import TYPE_CHECKING, Any

from tfgan_models.errors import Collapsed, InputError
from tfgan_models.training import flags as common_flags
from tfgan_models.training.prepared_run import PreparedRun
from tfgan_models.training.recipe import CallbackContext
from tfgan_models.training.steps import epoch_steps, steps_per_execution

if TYPE_CHECKING:
    import keras
    import tensorflow as tf

    from tfgan_models.callbacks.best_epoch import KeepBest
    from tfgan_models.callbacks.health import HealthMonitor
    from tfgan_models.data.sources import ImageSet
    from tfgan_models.latent.sampler import Sampler
    from tfgan_models.models.base import GenerativeModel


def fit(run: PreparedRun) -> None:
    """Call ``model.fit`` for the epochs that are left, after what an earlier process left of the last one.

    Raises:
        Collapsed: samples became alike, and ``--stop_on_collapse`` is on.
    """
    from tfgan_models.callbacks.checkpoints import Checkpoints
    from tfgan_models.callbacks.fade_in_schedule import FadeInSchedule
    from tfgan_models.callbacks.finite import StopIfNotFinite
    from tfgan_models.callbacks.learning_rate import LearningRateDecay
    from tfgan_models.callbacks.progress import Progress
    from tfgan_models.latent.sampler import Sampler
    from tfgan_models.training import held_out
    from tfgan_models.training.unfinished_epoch import finish_epoch

    model, folder, training, output = run.model, run.folder, run.flags.training, run.flags.output
    decay = LearningRateDecay(
        training.learning_rate_decay,
        training.cooldown,
        training.decay_power,
        training.schedule,
        training.warmup,
        training.epochs,
    )
    sampler = Sampler(run.train, output.sampler, training.seed)
    health = health_monitor(run, sampler)
    watching: list[keras.callbacks.Callback] = [] if health is None else [health]
    callbacks: list[keras.callbacks.Callback] = [StopIfNotFinite(), decay]
    if run.phase and run.phase.fades:
        callbacks.append(FadeInSchedule(run.phase.first, run.phase.end - run.phase.first))
    if folder.chief:
        callbacks.append(Checkpoints(folder.checkpoints, output.keep_checkpoints, output.checkpoint_every))
        watching += logging_callbacks(run, sampler)
        watching.append(Progress(training.batch_size * model.minibatches, output.verbose, training.epochs))
    if run.unfinished is not None:
        finish_epoch(model, watching, run.epochs_done, run.last_epoch, run.unfinished)
    model.steps_per_execution = steps_per_execution(run.flags)
    silent: Any = 0  # Any, because the type stubs of Keras do not allow 0
    if run.epochs_done < run.last_epoch and not model.stop_training:  # the end of the last epoch may have set it
        model.fit(
            batches(run),
            epochs=run.last_epoch,
            initial_epoch=run.epochs_done,
            steps_per_epoch=training.steps_per_epoch,
            validation_data=held_out.batches(model, run.test, training.batch_size, run.strategy.num_replicas_in_sync),
            callbacks=[*callbacks, *watching],
            shuffle=False,
            verbose=silent,  # Progress prints
        )
    # Reset: the epochs of a later caller may not be divisible by this number.
    model.steps_per_execution, model.train_function, model.test_function = 1, None, None
    if health is not None and health.stopped:
        if folder.chief:
            folder.collapsed.write_text(health.warnings["collapse"])
        raise Collapsed(health.warnings["collapse"])


def batches(run: PreparedRun) -> tf.data.Dataset:
    """The batches of the epochs that are left. With several replicas, each gets its part of every batch."""
    from tfgan_models.data import labelled, pipeline

    training, step_images = run.flags.training, run.flags.training.batch_size * run.model.minibatches
    make = pipeline.batches if run.train.labelled is None else labelled.batches

    def share(context: tf.distribute.InputContext | None = None) -> tf.data.Dataset:
        first_step = run.epochs_done * epoch_steps(training)
        flip = run.flags.data.horizontal_flip
        return make(run.train, step_images, seed=training.seed, first_step=first_step, flip=flip, context=context)

    replicas = run.strategy.num_replicas_in_sync
    if replicas == 1:
        return share()
    return run.strategy.distribute_datasets_from_function(
        lambda context: share(context).rebatch(step_images // replicas)
    )


def logging_callbacks(run: PreparedRun, sampler: Sampler) -> list[keras.callbacks.Callback]:
    """The callbacks that write files after an epoch's checkpoint: evaluation, TensorBoard logs, pictures, metrics."""
    import numpy as np

    from tfgan_models.callbacks.curves import Curves
    from tfgan_models.callbacks.evaluation import Evaluation
    from tfgan_models.callbacks.metrics_file import MetricsFile
    from tfgan_models.callbacks.model_callback import ModelCallback
    from tfgan_models.callbacks.pictures import Pictures
    from tfgan_models.data import pipeline
    from tfgan_models.metrics.in_domain_extractor import in_domain
    from tfgan_models.plots.tensorboard import open_writer

    train, test, flags, folder = run.train, run.test, run.flags, run.folder.path
    output, seed = flags.output, flags.training.seed
    callbacks: list[keras.callbacks.Callback] = []
    if output.evaluate_every:
        extractor = in_domain(train, test, flags.data.cache_dir, verbose=output.verbose > 0)
        callbacks.append(Evaluation(test, extractor, output.evaluate_every, output.evaluation_samples, seed, sampler))
    images = np.concatenate([b["image"] for b in pipeline.ordered(test, 40, limit=40)])
    logs, complete_epochs = folder / "logs", run.epochs_done - (run.unfinished is not None)
    writer = open_writer(logs / "pictures", complete_epochs - 1)  # pictures are numbered by epochs from 0 on
    if run.recipe.callbacks:
        callbacks += run.recipe.callbacks(flags, CallbackContext(train, test, images, folder, writer, sampler))
    if flags.best.keep_best:
        callbacks.append(keep_best(run))
    pictures = Pictures(folder, images, seed, writer, sampler, test)
    for callback in (*callbacks, pictures):
        if isinstance(callback, ModelCallback):
            callback.pictures_every = output.pictures_every
    # The row of metrics comes last, because it shows that an epoch is complete (``unfinished_epoch.py``).
    return [
        *callbacks,
        Curves(logs / "train", output.log_every, hyperparameters(flags), output.histograms),
        pictures,
        MetricsFile(folder),
    ]


def keep_best(run: PreparedRun) -> KeepBest:
    """The callback that keeps the best epoch. An epoch that the run will compute again is removed."""
    from tfgan_models.callbacks.best_epoch import FOLDER, KeepBest
    from tfgan_models.training import checkpoint

    folder, flags = run.folder.path / FOLDER, run.flags.best
    # With other flags, such as --epochs with a --schedule, the epoch gets other weights. With the same flags nothing is
    # lost. The epoch was better than all before it, so it will be kept again. Until then at most an epoch after the
    # checkpoint is kept, from which --patience counts less than it did when it let the run reach that epoch.
    for path in checkpoint.checkpoints(folder):
        if checkpoint.epoch_of(path) > run.epochs_done:
            shutil.rmtree(path, ignore_errors=True)
    return KeepBest(folder, flags.keep_best or "", flags.patience)


def hyperparameters(flags: common_flags.Flags) -> dict[str, bool | int | float | str]:
    """The flags that affect the weights, for TensorBoard's table of hyperparameters."""
    values: dict[str, Any] = dataclasses.asdict(flags)
    values = {name: value for group in ("model", "data", "training") for name, value in values[group].items()}
    return {name: value if isinstance(value, (bool, int, float)) else str(value) for name, value in values.items()}


def check_monitoring(model: GenerativeModel, train: ImageSet, test: ImageSet, flags: common_flags.Flags) -> None:
    """Refuse flags of samples and metrics that the model or the data do not support.

    Raises:
        InputError: there are too few held-out images for ``--evaluate_every``, the model does not have the
            ``--sampler``, or ``--stop_on_collapse`` lacks a model with samples or images to compare them with.
    """
    from tfgan_models.callbacks.health import HealthMonitor
    from tfgan_models.metrics.evaluate import check_size
    from tfgan_models.metrics.in_domain_extractor import outputs_for
    from tfgan_models.training import chosen_epoch

    if flags.best.keep_best and flags.best.export_epoch is None:
        chosen_epoch.check_figure(model, outputs_for(train, test), flags.best.keep_best)
    if flags.output.evaluate_every:
        check_size(test)
    sampler = flags.output.sampler
    if sampler is not None and sampler not in model.samplers:
        reasons = {"codes": "has no codes for a Gaussian mixture", "prior": "has no prior"}
        raise InputError(
            f"--sampler {sampler}: {type(model).__name__} {reasons[sampler]}, remove the flag or give "
            f"{' or '.join(model.samplers)}",
            "sampler",
        )
    if not flags.output.stop_on_collapse:
        return
    if not model.samplers:
        raise InputError(
            "--stop_on_collapse: this model has no samples that could collapse, remove the flag", "stop_on_collapse"
        )
    if len(train.images) < HealthMonitor.MIN_IMAGES:
        raise InputError(
            f"--stop_on_collapse: it needs at least {HealthMonitor.MIN_IMAGES} training images to compare samples "
            f"with, there are {len(train.images)}; add pictures or remove the flag",
            "stop_on_collapse",
        )


def health_monitor(run: PreparedRun, sampler: Sampler) -> HealthMonitor | None:
    """The ``HealthMonitor`` of a run, with the metrics of its earlier epochs with images of the same size.

    Returns:
        The callback; None with ``--no-health`` or too few images.

    Raises:
        InputError: the workers have different rows of earlier epochs, so that not all would stop at a collapse.
    """
    from tfgan_models.callbacks.health import HealthMonitor
    from tfgan_models.callbacks.metrics_file import read_rows
    from tfgan_models.training import devices, growing

    if not run.flags.output.health or len(run.train.images) < HealthMonitor.MIN_IMAGES:
        return None
    # Figures of images of another size cannot be compared: large images are harder to cover. A killed run may have
    # written the row of an epoch that it has to repeat.
    first, rows = growing.epochs_before_stage(run.flags, run.phase), sorted(read_rows(run.folder.path).items())
    earlier = [row for epoch, row in rows if first < epoch <= run.epochs_done]
    devices.check_same_epoch(run.strategy, len(earlier), str(run.folder.path / "metrics.csv"))
    # Every worker has a monitor. All see the same samples and earlier epochs, so they stop at the same time.
    return HealthMonitor(
        run.train.images,
        run.flags.training.seed,
        run.flags.output.stop_on_collapse,
        verbose=run.folder.chief,
        earlier=earlier,
        sampler=sampler,
    )

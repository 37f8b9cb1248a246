"""The run that all algorithms share, from flags to a trained and exported model."""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from tfgan_models.errors import Collapsed, RunFailed
from tfgan_models.files import check_writable
from tfgan_models.training import attributes, directions, growing, repeat, trial
from tfgan_models.training import flags as common_flags
from tfgan_models.training.building import build_model
from tfgan_models.training.fit import check_monitoring, fit
from tfgan_models.training.hints import report_places
from tfgan_models.training.image_size import describe, with_image_size
from tfgan_models.training.prepared_run import PreparedRun
from tfgan_models.training.recipe import F, Recipe, RunResult
from tfgan_models.training.run_export import export_model
from tfgan_models.training.run_place import check_no_pictures
from tfgan_models.training.steps import epoch_steps, steps_per_epoch

if TYPE_CHECKING:
    import keras
    import tensorflow as tf

    from tfgan_models.data.sources import ImageSet
    from tfgan_models.models.base import GenerativeModel


def run(recipe: Recipe[F], flags: F) -> RunResult:
    """Train and export the model that the flags describe. An interrupted run resumes from its last checkpoint.

    Raises:
        InputError: the flags or the data cannot be used.
        RunFailed: the run cannot continue.
    """
    from tfgan_models.training import workers

    with workers.one_line_if_another_stops(flags.training.strategy):
        return _run(recipe, flags)


def _run(recipe: Recipe[F], flags: F) -> RunResult:
    """Make the run."""
    from tfgan_models.training import checkpoint, chosen_epoch, held_out, warm_start

    given, prepared = flags, _prepare(recipe, flags)
    folder = prepared.folder
    if prepared.is_finished:
        print(prepared.reason)
    else:
        if folder.chief:
            folder.collapsed.unlink(missing_ok=True)  # the resumed run may collapse or not
        prepared = _train(prepared)
    flags, model, train, test = prepared.flags, prepared.model, prepared.train, prepared.test
    trained = _epochs(model, flags)
    print(f"\nweights:     {checkpoint.digest(model)}  (equal for equal runs)")
    if folder.chief:
        chosen = chosen_epoch.choose(model, folder.path, flags.best)
        held_out.report_error(model, train, test)
        vectors = attributes.draw(folder.path, model, train, test)
        without_labels = directions.draw(folder.path, model, train, test)
        exported = None
        if flags.output.export:
            export_dir = _export_dir(recipe, flags)
            about = warm_start.manifest_entry(prepared.parent) | chosen
            # A resumed run may have its size from the folder, which the command that repeats it does not know.
            data = dataclasses.replace(given.data, image_size=flags.data.image_size)
            training = dataclasses.replace(given.training, epochs=folder.epochs)
            given = dataclasses.replace(given, data=data, training=training)
            about |= {"training": repeat.record(recipe, given, prepared.precision, folder.path, _epochs(model, flags))}
            exported = export_model(export_dir, flags, prepared.precision, train, model, vectors, without_labels, about)
        report_places(folder, exported)
    return RunResult(folder.path, _epochs(model, flags), trained, train, test, folder.chief, model, flags)


def _epochs(model: GenerativeModel, flags: common_flags.Flags) -> int:
    """The number of epochs that the weights of a model have."""
    return int(model.step.numpy()) // epoch_steps(flags.training)


def _prepare(recipe: Recipe[F], flags: F) -> PreparedRun[F]:
    """Read the data, build the model and restore its newest checkpoint.

    Flags, data and model are checked before ``--no-resume`` moves an old run.
    """
    from tfgan_models.data.own_size import own_size
    from tfgan_models.training import checkpoint, chosen_epoch, devices, warm_start
    from tfgan_models.training.run_folder import RunFolder, begun_precision
    from tfgan_models.training.unfinished_epoch import unfinished_epoch

    devices.split_processor(flags.training.virtual_devices)
    flags = with_image_size(recipe.name, flags, own := own_size(flags.data.dataset, flags.data.data_dir))
    flags = recipe.complete(flags) if recipe.complete else flags
    phases = growing.schedule(flags)
    strategy, precision = _set_up_devices(flags)
    chief, replicas = devices.is_chief(strategy), strategy.num_replicas_in_sync
    trial.build(recipe, flags)

    train, test = _load(recipe, flags)
    if chief:
        _announce(recipe, flags, describe(train.images.shape[1], own))
    run_dir, pictures = _run_dir(recipe, flags, train), train.digest()
    if flags.output.resume:
        devices.set_precision(precision := begun_precision(run_dir, flags, precision))
    phase = growing.phase_to_resume(phases, run_dir, flags.output.resume)
    if phase and phase.size != flags.data.image_size:
        train, test = _load(recipe, phase.sized(flags))
    model = build_model(recipe, flags, train, strategy, phase)
    steps = steps_per_epoch(flags.training, len(train.images), replicas, model.minibatches, model.smallest_batch)
    flags = dataclasses.replace(flags, training=dataclasses.replace(flags.training, steps_per_epoch=steps))
    check_monitoring(model, train, test, flags)

    chosen_epoch.check_kept(run_dir, flags.best)
    parent = warm_start.begin(model, flags.start, run_dir, flags.output.resume)
    folder = RunFolder(run_dir, recipe.name, flags, pictures, precision, chief, parent)
    epochs_done = folder.restore(model)
    if parent and not epochs_done and flags.output.resume and checkpoint.checkpoints(folder.checkpoints):
        warm_start.begin_again(model, flags.start, parent)  # all checkpoints are damaged
    devices.check_same_epoch(strategy, epochs_done, f"--run_dir {folder.path}")
    if epochs_done and flags.output.stop_on_collapse and not flags.best.export_epoch and folder.collapsed.exists():
        earlier = [str(epoch) for epoch in chosen_epoch.kept(run_dir) if epoch < epochs_done]
        can_export = earlier and flags.output.export and not phases
        other = f", or export an earlier epoch by --export_epoch: {', '.join(earlier)}" if can_export else ""
        raise Collapsed(f"{folder.collapsed.read_text()} Start over with --no-resume{other}")
    unfinished = unfinished_epoch(folder, epochs_done)
    exhausted = chosen_epoch.is_exhausted(folder.path, flags.best, epochs_done)
    state = (epochs_done, unfinished, exhausted, parent, phase)
    return PreparedRun(recipe, flags, model, train, test, folder, strategy, precision, *state)


def _train(prepared: PreparedRun[F]) -> PreparedRun[F]:
    """Train the model, or those of all phases that are left; return the run with the last one."""
    if prepared.phase and prepared.folder.chief and prepared.epochs_done < prepared.last_epoch:
        print(f"stage:       {prepared.phase}")
    _fit(prepared)
    phases = growing.schedule(prepared.flags)
    for phase in phases[phases.index(prepared.phase) + 1 :] if prepared.phase else ():
        if phase.fades:  # the images of a stage's second phase are those of the first
            train, test = _load(prepared.recipe, phase.sized(prepared.flags))
            prepared = dataclasses.replace(prepared, train=train, test=test)
        model = build_model(prepared.recipe, prepared.flags, prepared.train, prepared.strategy, phase)
        growing.carry_over(prepared.model, model)
        changes = {"epochs_done": phase.first, "unfinished": None, "phase": phase}
        prepared = dataclasses.replace(prepared, model=model, **changes)
        if prepared.folder.chief:
            print(f"stage:       {phase}")
        _fit(prepared)
    return prepared


def _run_dir(recipe: Recipe[F], flags: F, train: ImageSet) -> Path:
    """The folder of the run, after a check that no other pictures are in it."""
    folder = Path(flags.output.run_dir or Path("runs") / f"{recipe.name}-{train.name}")
    check_no_pictures(folder)
    return folder


def _announce(recipe: Recipe[F], flags: F, size: str) -> None:
    """Print the size of the images and a note, and check the folder of the export now rather than at the end."""
    if flags.output.verbose:
        print(size)
    training = flags.training
    if training.epochs > 1 and training.cooldown and not round(training.cooldown * training.epochs):
        print(f"--cooldown {training.cooldown}: it is at most half an epoch, so it has no effect", file=sys.stderr)
    if flags.output.export:
        check_writable(_export_dir(recipe, flags))


def _export_dir(recipe: Recipe[F], flags: F) -> Path:
    """The folder of the exported versions."""
    return Path(flags.output.export_dir or Path("saved_models") / recipe.name)


def _set_up_devices(flags: common_flags.Flags) -> tuple[tf.distribute.Strategy, str]:
    """Set the precision and what is printed; return the strategy and the precision."""
    from tfgan_models.data.utils import set_verbose
    from tfgan_models.training import devices

    set_verbose(verbose := flags.output.verbose)
    precision = devices.precision(flags.training.precision, verbose > 0)
    devices.set_precision(precision)
    if flags.training.deterministic:
        devices.enable_determinism()
    strategy = devices.strategy(flags.training.strategy)
    if verbose:
        print(f"devices: {devices.describe(strategy)}{devices.advice(flags.training.strategy, strategy)}")
    return strategy, precision


def _load(recipe: Recipe[F], flags: F) -> tuple[ImageSet, ImageSet]:
    """Load both splits of the data set, and let the recipe prepare them."""
    from tfgan_models.data import sources

    config = {k: v for k, v in dataclasses.asdict(flags.data).items() if k not in ("dataset", "horizontal_flip")}
    train, test = (sources.load(flags.data.dataset, split, **config) for split in ("train", "test"))
    return recipe.prepare_data(flags, train, test) if recipe.prepare_data else (train, test)


def _fit(prepared: PreparedRun) -> None:
    """Train the model. If the run fails, its error names the last checkpoint.

    Raises:
        RunFailed: the run cannot continue.
    """
    from tfgan_models.training import checkpoint
    from tfgan_models.training.unsupported import one_line_if_unsupported

    try:
        with one_line_if_unsupported(prepared.flags.training):
            fit(prepared)
    except Collapsed:
        raise
    except RunFailed as error:
        saved = checkpoint.checkpoints(prepared.folder.checkpoints)
        raise RunFailed(
            f"{error}; the last checkpoint is {saved[-1] if saved else 'none'}: start over with --no-resume and a "
            "lower --learning_rate or --gradient_clip"
        ) from error


def optimizers(
    players: Iterable[str], training: common_flags.Training, make: Callable[..., keras.Optimizer], **rates: float
) -> dict[str, keras.Optimizer]:
    """Make an optimizer for each player.

    Args:
        players: names of the players.
        training: flags with the learning rate and the momentum of the average.
        make: called as ``make(learning_rate, **options)``, such as the class of a Keras optimizer.
        **rates: factors on the learning rates of some players.
    """
    averages = {"use_ema": True, "ema_momentum": training.ema} if training.ema else {}
    return {player: make(training.learning_rate * rates.get(player, 1.0), **averages) for player in players}

"""From flags to a trained, exported model: the one skeleton of all algorithms."""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tfgan_models.errors import Collapsed, InputError, RunFailed
from tfgan_models.files import check_writable
from tfgan_models.training import flags as common_flags
from tfgan_models.training.fit import check_watched, fit
from tfgan_models.training.recipe import F, Recipe, RunResult
from tfgan_models.training.steps import epoch_steps, minibatches, steps_per_epoch

if TYPE_CHECKING:
    import keras
    import numpy as np
    import tensorflow as tf

    from tfgan_models.data.sources import ImageSet
    from tfgan_models.models.base import GenerativeModel
    from tfgan_models.training.run_folder import RunFolder


def run(recipe: Recipe[F], flags: F) -> RunResult:
    """Train from the flags and export; a run that was cut short goes on where its last checkpoint stands."""
    import keras

    from tfgan_models import networks
    from tfgan_models.protocols import SupportsReconstruct
    from tfgan_models.training import checkpoint, devices, held_out
    from tfgan_models.training.run_folder import RunFolder

    networks.network_module(flags.model.network).check_image_size(flags.data.image_size)
    devices.split_processor(flags.training.virtual_devices)
    precision = devices.precision(flags.training.precision)
    keras.config.set_dtype_policy("mixed_bfloat16" if precision == "bfloat16" else "float32")
    strategy = devices.strategy(flags.training.strategy)
    chief = devices.is_chief(strategy)

    train, test = _load(recipe, flags)
    export_dir = Path(flags.output.export_dir or Path("saved_models") / recipe.name)
    if chief and flags.output.export:
        check_writable(export_dir)  # or an hour's training would end in an export that fails
    name = f"{recipe.name}-{train.name}"
    keras.utils.set_random_seed(flags.training.seed)  # after the data: preparing them draws, reading a cache does not
    with strategy.scope():
        model = recipe.build(flags, train)
    if flags.training.ema:
        model.representatives = representatives(train)
    steps = steps_per_epoch(flags.training, len(train.images), strategy.num_replicas_in_sync, minibatches(model))
    flags = dataclasses.replace(flags, training=dataclasses.replace(flags.training, steps_per_epoch=steps))
    check_watched(model, train, test, flags)  # before an old run is put aside
    run_dir = flags.output.run_dir or Path("runs") / name
    folder = RunFolder(run_dir, recipe.name, flags, train.digest(), precision, chief)
    done = folder.restore(model)
    devices.agree(strategy, done, f"--run_dir {folder.path}")
    if done and flags.output.stop_on_collapse and folder.collapsed.exists():
        raise Collapsed(f"{folder.collapsed.read_text()} Start over with --no-resume")
    if done >= flags.training.epochs:
        print(f"{folder.path} has finished its {done} epochs: raise --epochs to go on, or start over with --no-resume")
    else:
        if chief:
            folder.collapsed.unlink(missing_ok=True)  # what goes on is judged anew
        _fit(recipe, model, train, test, flags, folder, done, strategy)
    print(f"\nweights:     {checkpoint.digest(model)}  (equal for equal runs)")
    if chief:
        if isinstance(model, SupportsReconstruct):
            held_out.report_error(model, train, test)
        exported = export_model(export_dir, flags, precision, train, model) if flags.output.export else None
        report_places(folder, exported)
    epochs = int(model.step.numpy()) // steps
    return RunResult(folder.path, epochs, train, test, chief, model, flags)


def _load(recipe: Recipe[F], flags: F) -> tuple[ImageSet, ImageSet]:
    """Both splits of the data set, as the recipe prepares them."""
    from tfgan_models.data import sources

    config = {k: v for k, v in dataclasses.asdict(flags.data).items() if k not in ("dataset", "horizontal_flip")}
    train, test = (sources.load(flags.data.dataset, split, **config) for split in ("train", "test"))
    return recipe.prepare_data(flags, train, test) if recipe.prepare_data else (train, test)


def _fit(
    recipe: Recipe[F],
    model: GenerativeModel,
    train: ImageSet,
    test: ImageSet,
    flags: F,
    folder: RunFolder,
    done: int,
    strategy: tf.distribute.Strategy,
) -> None:
    """Train; a run that fails says where its last checkpoint is.

    Raises:
        RunFailed: it cannot go on.
    """
    from tfgan_models.training import checkpoint

    try:
        fit(model, train, test, flags, folder, done, strategy, recipe.callbacks)
    except Collapsed:
        raise
    except RunFailed as error:
        good = checkpoint.checkpoints(folder.checkpoints)
        raise RunFailed(
            f"{error}; the last checkpoint is {good[-1] if good else 'none'}: start over with --no-resume and a "
            "lower --learning_rate or --gradient_clip"
        ) from error


def representatives(train: ImageSet, count: int = 1024) -> dict[str, np.ndarray]:
    """Images from all over a training set, and their labels if they have any, as models want them."""
    import numpy as np

    stride = -(-len(train.images) // count)
    found = {"image": train.images[::stride]}
    return found if train.labels is None else found | {"label": np.asarray(train.labels)[::stride]}


def export_model(
    export_dir: Path, flags: common_flags.Flags, precision: str, train: ImageSet, model: GenerativeModel
) -> Path:
    """Export the model, with averaged weights where it keeps them, and return the version's folder."""
    from tfgan_models import export
    from tfgan_models.latent import code_prior
    from tfgan_models.training import checkpoint
    from tfgan_models.training.ema import averaged

    trained, model = model, averaged(model)
    of_codes = "codes" in model.samplers
    manifest = {
        "dataset": flags.data.dataset,
        "precision": precision,
        "epochs": int(model.step.numpy()) // epoch_steps(flags.training),
        "steps": int(model.step.numpy()),
        "seed": flags.training.seed,
        "channels": flags.data.channels,
        "crop": flags.data.crop,
        "attributes": flags.data.attributes,
        "label_names": list(train.label_names),
        "labelled": None if train.labelled is None else train.labelled.tolist(),
        "weights": checkpoint.digest(model),
        "averaged_weights": None if model is trained else flags.training.ema,
        "sampler": "codes" if of_codes else "prior",
    }
    newest = export.versions(export_dir)[-1:]
    # A finished run that is run again has nothing new to export.
    if newest and _tells(newest[0], manifest):
        return newest[0]
    mixture = code_prior.fit_to_model(model, train.images, flags.training.seed) if of_codes else None
    exported = export.save(model, export_dir, manifest, train.attribute_names, mixture)
    if mixture:
        print(f"code prior:  {mixture}")
    return exported


def report_places(folder: RunFolder, exported: Path | None) -> None:
    """Print where the run's files are, and how to use them."""
    from tfgan_models.training import checkpoint

    print(f"run:         {folder.path}  (config.json, metrics.csv, samples/, reconstructions/, interpolation.png)")
    print(f"checkpoints: {checkpoint.checkpoints(folder.checkpoints)[-1]}")
    if exported:
        # Whoever has installed the command may have no clone with scripts.
        sample = "tfgan sample" if Path(sys.argv[0]).name.startswith("tfgan") else "python train/sample.py"
        print(f"exported:    {exported}  (draw from it: {sample} --model {exported})")
    print(f"watch:       tensorboard --logdir {folder.path / 'logs'} --host localhost")


def _tells(version: Path, manifest: dict[str, Any]) -> bool:
    """Whether an exported version's manifest says the same; one that is damaged says nothing."""
    from tfgan_models import export

    try:
        return manifest.items() <= export.read_manifest(version).items()
    except InputError:
        return False


def optimizers(
    players: Iterable[str], training: common_flags.Training, make: Callable[..., keras.Optimizer], **rates: float
) -> dict[str, keras.Optimizer]:
    """An optimizer for each player.

    Args:
        players: their names.
        training: learning rate, averages.
        make: called as ``make(learning_rate, **options)``; a Keras optimizer's class, or the like.
        **rates: factors on some players' learning rates.
    """
    averages = {"use_ema": True, "ema_momentum": training.ema} if training.ema else {}
    return {player: make(training.learning_rate * rates.get(player, 1.0), **averages) for player in players}

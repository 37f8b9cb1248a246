"""Learning from few labels: which they are, and what the same labels teach without the other pictures."""

from __future__ import annotations

import dataclasses
import functools
import json
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Annotated, Any

from tfgan_models.errors import InputError
from tfgan_models.files import replacing
from tfgan_models.training import flags as common_flags
from tfgan_models.training import sweep
from tfgan_models.training.flag_rules import AtLeast, Between, MayChange, Needs, Was
from tfgan_models.training.recipe import CallbackContext, F, Recipe, RunResult

if TYPE_CHECKING:
    import keras

    from tfgan_models.data.sources import ImageSet

AVERAGE = 0.99
Classifier = Callable[[F, "ImageSet"], tuple["keras.Model", Callable[..., "keras.Optimizer"]]]


@dataclasses.dataclass(kw_only=True)
class Labels:
    """Which pictures have labels."""

    num_labels: Annotated[tuple[int, ...], Was("labels")] = (50,)
    """How many pictures have labels, as many of each class. Several numbers make a run each, and a table."""
    label_seed: Annotated[
        tuple[int, ...],
        Between(0, 2**32 - 1),
        Needs(
            "num_labels",
            "it decides nothing here, leave it out or give --num_labels above 0, or --seed for other runs",
            lambda labels: any(labels),
        ),
    ] = (1,)
    """Decides which pictures those are. Several make a run each, and a table with mean and deviation;
    only the first one for 0 labels."""
    baseline_steps: Annotated[int, AtLeast(0), MayChange()] = 2_000
    """Steps of the baseline, the same classifier that learns from the labelled pictures alone; 0 for none."""


def recipe(
    name: str,
    flags: type[F],
    build: Callable[[F, ImageSet], Any],
    classifier: Classifier[F],
    callbacks: Callable[[F, CallbackContext], Sequence[keras.callbacks.Callback]] | None = None,
    least_labels: int = 2,
) -> Recipe[F]:
    """The recipe of an algorithm that learns from few labels.

    Args:
        name: of the algorithm.
        flags: the dataclass of its flags, its group ``model`` with those of ``Labels``.
        build: makes the compiled model.
        classifier: makes the baseline, of (flags, data): an uncompiled network of logits, and its optimizer, to be
            called with a learning rate.
        callbacks: makes callbacks, of which one adds the ``test_error``; by default the confusion matrix's.
        least_labels: 0 where a model may be taught by pictures alone.
    """
    return Recipe(
        name=name,
        flags=flags,
        build=build,
        check=functools.partial(_check, least_labels=least_labels),
        runs=_runs,
        prepare_data=_with_few_labels,
        callbacks=callbacks or confusions,
        after=functools.partial(_report, classifier=classifier),
    )


def _runs(flags: common_flags.Flags) -> list[tuple[int, int]]:
    """Number of labels and label seed of each run."""
    asked: Labels = flags.model
    seeds = asked.label_seed
    return [(count, seed) for count in asked.num_labels for seed in (seeds if count else seeds[:1])]


def confusions(flags: common_flags.Flags, context: CallbackContext) -> list[keras.callbacks.Callback]:
    """The callback that measures the test error and draws the confusion matrix."""
    from tfgan_models.callbacks.classification import Classification

    return [Classification(context.test, context.folder, context.writer)]


def _check(flags: common_flags.Flags, least_labels: int) -> None:
    asked: Labels = flags.model
    for name in ("num_labels", "label_seed"):
        values = getattr(asked, name)
        given = f"--{name} {' '.join(map(str, values))}"
        if not values:
            raise InputError(f"--{name}: give one number or more", name)
        if len(set(values)) < len(values):
            raise InputError(f"{given}: give each number once")
        if len(values) > 1 and flags.training.strategy == "multi_worker":
            raise InputError(f"{given}: with --strategy multi_worker give one, and a command for each run")
    for count in asked.num_labels:
        if count < 2 and count != least_labels:
            raise InputError(f"--num_labels {count}: give one for each class or more", "num_labels")


def _with_few_labels(flags: common_flags.Flags, train: ImageSet, test: ImageSet) -> tuple[ImageSet, ImageSet]:
    """The training set with the rows whose labels are known, and the held-out one; both with the classes asked for."""
    from tfgan_models.data import labelled

    (count,), (seed,) = flags.model.num_labels, flags.model.label_seed
    names = getattr(flags.model, "label_attributes", ())
    train, test = (labelled.by_attributes(data, names) for data in (train, test))
    return (
        dataclasses.replace(train, labelled=labelled.choose_labelled_rows(train, count, seed)) if count else train
    ), test


def _report(run: RunResult, classifier: Classifier[Any]) -> None:
    """Measure the baseline, where that was not done yet, and print and keep both errors."""
    asked: Labels = run.flags.model
    (labels,), (label_seed,) = asked.num_labels, asked.label_seed
    path, steps = run.folder / sweep.ERRORS, asked.baseline_steps if labels else 0
    errors: dict[str, Any] = {
        "labels": labels,
        "label_seed": label_seed,
        "test_images": len(run.test.images),
        "epochs": run.epochs,
    }
    if run.test.labels is not None:  # else clusters of pictures of which nothing is known
        errors["test_error"] = _test_error(run)
    earlier = sweep.read_errors(path)
    known = all(earlier.get(name) == errors[name] for name in ("labels", "label_seed")) and "baseline_error" in earlier
    if known and steps in (0, earlier.get("baseline_steps")):
        errors |= {name: earlier[name] for name in ("baseline_steps", "baseline_error")}
    elif steps:
        errors |= {"baseline_steps": steps, "baseline_error": _baseline(run, classifier)}
    with replacing(path) as file:
        json.dump(errors, file, indent=2)
        file.write("\n")
    print(sweep.table([errors]))


def _test_error(run: RunResult) -> float:
    """That of the run's last epoch; a killed run may have written the row of one more.

    Raises:
        InputError: somebody has taken the row away.
    """
    from tfgan_models.callbacks.metrics_file import read_rows

    try:
        return read_rows(run.folder)[run.epochs]["test_error"]
    except KeyError:
        raise InputError(
            f"{run.folder / 'metrics.csv'} has no test_error of epoch {run.epochs}: put it back, or raise --epochs"
        ) from None


def _baseline(run: RunResult, classifier: Classifier[Any]) -> float:
    """The test error of the classifier whose steps were all on the labelled pictures, with averaged weights."""
    import keras

    from tfgan_models.data import labelled, pipeline
    from tfgan_models.data.pixels import to_float
    from tfgan_models.metrics.classification import confusion_matrix, error_rate
    from tfgan_models.training.ema import measure

    flags, known, steps = run.flags, labelled.labelled_only(run.train), run.flags.model.baseline_steps
    keras.utils.set_random_seed(flags.training.seed)
    network, make = classifier(flags, run.train)
    optimizer = make(flags.training.learning_rate, use_ema=True, ema_momentum=AVERAGE)  # which fit takes at its end
    options: dict[str, Any] = {"jit_compile": False}  # for which the hints of Keras, guessed from the default, say str
    network.compile(optimizer, keras.losses.SparseCategoricalCrossentropy(from_logits=True), **options)
    batches = pipeline.batches(
        known, flags.training.batch_size, seed=flags.training.seed, flip=flags.data.horizontal_flip
    )
    print(f"baseline:    {steps} steps on the {len(known.images)} labelled pictures alone")
    network.fit(batches.map(lambda batch: (batch["image"], batch["label"])), steps_per_epoch=steps, shuffle=False)
    images = known.images
    measure([network], len(images), lambda chosen, _: network(to_float(images[chosen]), training=False))
    return error_rate(confusion_matrix(functools.partial(network, training=False), run.test))

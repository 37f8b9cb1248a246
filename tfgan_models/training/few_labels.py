"""Learning from few labels: the choice of labeled pictures, the test error, and a supervised baseline."""

from __future__ import annotations

import dataclasses
import functools
import json
import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Annotated, Any

from tfgan_models.files import atomic_write, read_json_or_empty
from tfgan_models.training import flags as common_flags
from tfgan_models.training import sweep
from tfgan_models.training.flag_rules import AtLeast, Between, MayChange, Needs, Was, refusal
from tfgan_models.training.recipe import CallbackContext, F, Recipe, RunResult

if TYPE_CHECKING:
    import keras

    from tfgan_models.data.sources import ImageSet

BASELINE_EMA = 0.99
WITHOUT_LABELS = "it has no effect without labels: remove it or add --num_labels above 0"
Classifier = Callable[[F, "ImageSet"], tuple["keras.Model", Callable[..., "keras.Optimizer"]]]


@dataclasses.dataclass(kw_only=True)
class FewLabelFlags:
    """The choice of labeled pictures."""

    num_labels: Annotated[tuple[int, ...], Was("labels")] = (50,)
    """Number of labeled pictures, equally many of each class. With several numbers there is a run for each, and a table
    of all errors."""
    label_seed: Annotated[
        tuple[int, ...],
        Between(0, 2**32 - 1),
        Needs("num_labels", f"{WITHOUT_LABELS}, or give --seed for another run", any),
    ] = (1,)
    """Seed of the choice of labeled pictures. With several seeds there is a run for each, and a table with mean and
    standard deviation. Without labels only the first seed counts."""
    baseline_steps: Annotated[
        int,
        AtLeast(0),
        MayChange(),
        Needs("num_labels", WITHOUT_LABELS, any, unless=lambda group: not group.baseline_steps),
    ] = 2_000
    """Training steps of the baseline: the same classifier, trained on the labeled pictures only. 0 disables it."""


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
        name: name of the algorithm.
        flags: dataclass of its flags, whose group ``model`` includes ``FewLabelFlags``.
        build: makes the compiled model.
        classifier: makes the baseline from the flags and the data: an uncompiled network that returns logits, and a
            function that makes its optimizer from a learning rate.
        callbacks: makes callbacks, one of which logs ``test_error``. The default logs it and draws a confusion matrix.
        least_labels: 0 if the model can also be trained without labels.
    """
    return Recipe(
        name=name,
        flags=flags,
        build=build,
        check=functools.partial(_check, least_labels=least_labels),
        runs=_runs,
        prepare_data=_select_labels,
        callbacks=functools.partial(_announce_baseline, callbacks=callbacks or confusion_callbacks),
        after=functools.partial(_report, classifier=classifier),
    )


def _runs(flags: common_flags.Flags) -> list[tuple[int, int]]:
    """The number of labels and the label seed of each run."""
    config: FewLabelFlags = flags.model
    seeds = config.label_seed
    return [(count, seed) for count in config.num_labels for seed in (seeds if count else seeds[:1])]


def confusion_callbacks(flags: common_flags.Flags, context: CallbackContext) -> list[keras.callbacks.Callback]:
    """The callback that measures the test error and draws the confusion matrix."""
    from tfgan_models.callbacks.classification import Classification

    return [Classification(context.test, context.folder, context.writer)]


def _announce_baseline(
    flags: common_flags.Flags,
    context: CallbackContext,
    callbacks: Callable[[Any, CallbackContext], Sequence[keras.callbacks.Callback]],
) -> Sequence[keras.callbacks.Callback]:
    """Print what will follow the training, because it may take longer, and make the callbacks."""
    config: FewLabelFlags = flags.model
    steps = config.baseline_steps
    earlier = read_json_or_empty(context.folder / sweep.ERRORS)
    if any(config.num_labels) and not _has_baseline(earlier, config) and steps and flags.output.verbose:
        print(
            f"afterwards:  {steps} steps of a baseline, the same classifier on the labeled pictures alone; "
            "--baseline_steps 0 disables it"
        )
    return callbacks(flags, context)


def _has_baseline(earlier: dict[str, Any], config: FewLabelFlags) -> bool:
    """Return whether the errors of an earlier start have the baseline of one number of labels and one label seed."""
    (labels,), (label_seed,) = config.num_labels, config.label_seed
    same_labels = (earlier.get("labels"), earlier.get("label_seed")) == (labels, label_seed)
    steps = config.baseline_steps if labels else 0
    return same_labels and "baseline_error" in earlier and steps in (0, earlier.get("baseline_steps"))


def _check(flags: common_flags.Flags, least_labels: int) -> None:
    config: FewLabelFlags = flags.model
    for name in ("num_labels", "label_seed"):
        values = getattr(config, name)
        if not values:
            raise refusal(name, values, "give at least one number")
        if len(set(values)) < len(values):
            raise refusal(name, values, "give each number only once")
        if len(values) > 1 and flags.training.strategy == "multi_worker":
            raise refusal(name, values, "with --strategy multi_worker give one number, and run one command for each")
    for count in config.num_labels:
        if count < 2 and count != least_labels:
            raise refusal("num_labels", count, "give at least one label for each class")


def _select_labels(flags: common_flags.Flags, train: ImageSet, test: ImageSet) -> tuple[ImageSet, ImageSet]:
    """Choose the labeled rows of the training set, and make classes of attributes in both sets.

    Raises:
        InputError: there are too few labeled pictures to choose from, or none to measure the error with. This is before
            ``--no-resume`` moves an old run.
    """
    from tfgan_models.callbacks.classification import check_labels
    from tfgan_models.data import labelled

    (count,), (seed,) = flags.model.num_labels, flags.model.label_seed
    names = getattr(flags.model, "label_attributes", ())
    train, test = (labelled.by_attributes(data, names) for data in (train, test))
    if not count:
        return train, test
    rows = labelled.choose_labelled_rows(train, count, seed, "num_labels")
    check_labels(test)
    return dataclasses.replace(train, labelled=rows), test


def _report(run: RunResult, classifier: Classifier[Any]) -> None:
    """Train the baseline unless an earlier start has done so, and write and print both errors."""
    config: FewLabelFlags = run.flags.model
    (labels,), (label_seed,) = config.num_labels, config.label_seed
    path, steps = run.folder / sweep.ERRORS, config.baseline_steps if labels else 0
    errors: dict[str, Any] = {
        "labels": labels,
        "label_seed": label_seed,
        "test_images": len(run.test.images),
        "epochs": run.epochs,
    }
    if run.test.labels is not None and max(run.test.labels) >= 0:  # without labels there are clusters, but no error
        errors["test_images"] = int((run.test.labels >= 0).sum())
        if (error := _test_error(run)) is not None:
            errors["test_error"] = error
    earlier = read_json_or_empty(path)
    if _has_baseline(earlier, config):
        errors |= {name: earlier[name] for name in ("baseline_steps", "baseline_error")}
    elif steps:
        errors |= {"baseline_steps": steps, "baseline_error": _baseline(run, classifier)}
    with atomic_write(path) as file:
        json.dump(errors, file, indent=2)
        file.write("\n")
    print(sweep.table([errors]))


def _test_error(run: RunResult) -> float | None:
    """The test error of the last epoch; None if no label or too little memory is there to measure it.

    Its row is found by the epoch's number, because a killed run may have written one row more. A run that was killed or
    out of memory at the epoch's end has no error in it. It is then measured with the model, whose weights are those of
    the epoch's end.
    """
    from tfgan_models.callbacks.metrics_file import add_figure, read_rows
    from tfgan_models.callbacks.out_of_memory import OUT_OF_MEMORY

    rows = read_rows(run.folder)
    if "test_error" in rows.get(run.epochs, {}):
        return rows[run.epochs]["test_error"]
    try:
        error = _measure(run)
    except OUT_OF_MEMORY:
        print(f"out of memory: the test error of epoch {run.epochs} is not measured", file=sys.stderr)
        return None
    if error is not None:
        print(f"metrics.csv had no test_error of epoch {run.epochs}, which is measured now")
        if run.epochs in rows:  # a new row would say that the epoch is complete
            add_figure(run.folder, run.epochs, "test_error", error)
    return error


def _measure(run: RunResult) -> float | None:
    """The error that the callbacks would log at the end of an epoch; None without labels."""
    from tfgan_models.callbacks.classification import confusions
    from tfgan_models.callbacks.clusters import cluster_error
    from tfgan_models.metrics.classification import error_rate

    if run.train.labelled is None:
        return cluster_error(run.model, run.train, run.test)
    return error_rate(confusions(run.model, run.test))


def _baseline(run: RunResult, classifier: Classifier[Any]) -> float:
    """The test error of the classifier after training on the labeled pictures only, with averaged weights."""
    import keras

    from tfgan_models.callbacks.progress import verbose_of_fit
    from tfgan_models.data import labelled, pipeline
    from tfgan_models.data.pixels import to_float
    from tfgan_models.metrics.classification import confusion_matrix, error_rate
    from tfgan_models.training.ema import recalibrate_batch_norm

    flags, labeled, steps = run.flags, labelled.labelled_only(run.train), run.flags.model.baseline_steps
    keras.utils.set_random_seed(flags.training.seed)
    network, make = classifier(flags, run.train)
    # At its end, fit replaces the weights by their averages.
    optimizer = make(flags.training.learning_rate, use_ema=True, ema_momentum=BASELINE_EMA)
    options: dict[str, Any] = {"jit_compile": False}  # a dict, because the type stubs of Keras expect a string
    network.compile(optimizer, keras.losses.SparseCategoricalCrossentropy(from_logits=True), **options)
    batches = pipeline.batches(
        labeled, flags.training.batch_size, seed=flags.training.seed, flip=flags.data.horizontal_flip
    )
    print(f"baseline:    {steps} steps on the {len(labeled.images)} labeled pictures alone")
    verbose = verbose_of_fit(flags.output.verbose)
    labeled_batches = batches.map(lambda batch: (batch["image"], batch["label"]))
    network.fit(labeled_batches, steps_per_epoch=steps, shuffle=False, verbose=verbose)
    images = labeled.images
    recalibrate_batch_norm(
        [network], len(images), lambda indices, _: network(to_float(images[indices]), training=False)
    )
    return error_rate(confusion_matrix(functools.partial(network, training=False), run.test))

"""Learning from few labels: which they are, and what the same labels teach without the other pictures."""

from __future__ import annotations

import dataclasses
import functools
import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import common
import flags as common_flags
import sweep
from fitting import Watch, Watched
from stopping import end_on_signals, one_line_errors
from tensorflow_start import import_tensorflow

from tfgan_models.errors import InputError
from tfgan_models.files import replacing

if TYPE_CHECKING:
    import keras

    from tfgan_models.data.sources import ImageSet

AVERAGE = 0.99
F = TypeVar("F", bound=common_flags.Flags)
Classifier = Callable[[F, "ImageSet"], tuple["keras.Model", Callable[..., "keras.Optimizer"]]]


@dataclasses.dataclass(kw_only=True)
class Labels:
    """Which pictures have labels."""

    labels: tuple[int, ...] = (50,)
    """How many pictures have labels, as many of each class. Several numbers make a run each, and a table."""
    label_seed: tuple[int, ...] = (1,)
    """Decides which pictures those are. Several make a run each, and a table with mean and deviation;
    only the first one for 0 labels."""
    baseline_steps: int = 2_000
    """Steps of the baseline, the same classifier that learns from the labelled pictures alone; 0 for none."""


def main(
    algorithm: str,
    flags: type[F],
    build: common.Build[F],
    classifier: Classifier[F],
    watch: Watch[F] | None = None,
    least_labels: int = 2,
) -> None:
    """Read the flags, train from few labels, and end as ``common.main`` does.

    Args:
        algorithm: names the run's folder and the export's.
        flags: the script's dataclass of flags, its group ``model`` with those of ``Labels``.
        build: makes the compiled model.
        classifier: makes the baseline, of (flags, data): an uncompiled network of logits, and its optimizer, to be
            called with a learning rate.
        watch: makes callbacks, of which one adds the ``test_error``; the confusion matrix's unless told.
        least_labels: 0 where a model may be taught by pictures alone.
    """
    end_on_signals()
    with one_line_errors():
        given = common_flags.read(flags)
        _check(given, least_labels)  # first, as what decides nothing beside wrong labels matters less
        common_flags.check(given)
        perform = functools.partial(_learn, algorithm, build, classifier, watch or confusions)
        model: Labels = given.model
        seeds = model.label_seed
        runs = [(count, seed) for count in model.labels for seed in (seeds if count else seeds[:1])]
        if len(runs) > 1:
            sweep.sweep(algorithm, given, runs, perform)
        else:
            perform(given)


def confusions(flags: common_flags.Flags, watched: Watched) -> list[keras.callbacks.Callback]:
    """The callback that measures the test error and draws the confusion matrix."""
    from tfgan_models.callbacks.classification import Classification

    return [Classification(watched.test, watched.folder, watched.writer)]


def _learn(algorithm: str, build: common.Build[F], classifier: Classifier[F], watch: Watch[F], flags: F) -> None:
    """Train from one number of labels and one seed, and report."""
    with one_line_errors():
        import_tensorflow()
        run = common.run(algorithm, flags, build, _with_few_labels, watch)
        if run.chief:
            _report(run, classifier)


def _check(flags: common_flags.Flags, least_labels: int) -> None:
    asked: Labels = flags.model
    for name in ("labels", "label_seed"):
        values = getattr(asked, name)
        given = f"--{name} {' '.join(map(str, values))}"
        if not values:
            raise InputError(f"--{name}: give one number or more")
        if len(set(values)) < len(values):
            raise InputError(f"{given}: give each number once")
        if len(values) > 1 and flags.training.strategy == "multi_worker":
            raise InputError(f"{given}: with --strategy multi_worker give one, and a command for each run")
    for seed in asked.label_seed:
        if not 0 <= seed < 2**32:
            raise InputError(f"--label_seed {seed}: give a number from 0 to {2**32 - 1}")
    for count in asked.labels:
        if count < 2 and count != least_labels:
            raise InputError(f"--labels {count}: give one for each class or more")
    if asked.baseline_steps < 0:
        raise InputError(f"--baseline_steps {asked.baseline_steps}: give a number of 0 or more")


def _with_few_labels(flags: common_flags.Flags, train: ImageSet, test: ImageSet) -> tuple[ImageSet, ImageSet]:
    """The training set with the rows whose labels are known, and the held-out one; both with the classes asked for."""
    from tfgan_models.data import labelled

    (count,), (seed,) = flags.model.labels, flags.model.label_seed
    names = getattr(flags.model, "label_attributes", ())
    train, test = (labelled.by_attributes(data, names) for data in (train, test))
    return (dataclasses.replace(train, labelled=labelled.choose(train, count, seed)) if count else train), test


def _report(run: common.Finished, classifier: Classifier[Any]) -> None:
    """Measure the baseline, where that was not done yet, and print and keep both errors."""
    asked: Labels = run.flags.model
    (labels,), (label_seed,) = asked.labels, asked.label_seed
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


def _test_error(run: common.Finished) -> float:
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


def _baseline(run: common.Finished, classifier: Classifier[Any]) -> float:
    """The test error of the classifier whose steps were all on the labelled pictures, with averaged weights."""
    import keras

    from tfgan_models.averages import measure
    from tfgan_models.data import labelled, pipeline
    from tfgan_models.metrics.classification import confusion, error
    from tfgan_models.metrics.summary import to_float

    flags, known, steps = run.flags, labelled.known(run.train), run.flags.model.baseline_steps
    keras.utils.set_random_seed(flags.training.seed)
    network, make = classifier(flags, run.train)
    optimizer = make(flags.training.learning_rate, use_ema=True, ema_momentum=AVERAGE)  # which fit takes at its end
    options: dict[str, Any] = {"jit_compile": False}  # for which the hints of Keras, guessed from the default, say str
    network.compile(optimizer, keras.losses.SparseCategoricalCrossentropy(from_logits=True), **options)
    batches = pipeline.batches(known, flags.training.batch_size, seed=flags.training.seed, flip=flags.data.flip)
    print(f"baseline:    {steps} steps on the {len(known.images)} labelled pictures alone")
    network.fit(batches.map(lambda batch: (batch["image"], batch["label"])), steps_per_epoch=steps, shuffle=False)
    images = known.images
    measure([network], len(images), lambda chosen, _: network(to_float(images[chosen]), training=False))
    return error(confusion(functools.partial(network, training=False), run.test))

"""A small network trained on the data set's own training split: the extractor that needs no download.

It learns to read labels, attributes and rotations through damage (``damage.py``). Trained on undamaged images alone,
its distances put noisy samples before real images under a light blur or a color cast.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
from collections.abc import Collection
from pathlib import Path
from typing import Any, Literal

import keras
import numpy as np
import tensorflow as tf

from tfgan_models.data import pipeline
from tfgan_models.data.cache import default_cache_dir
from tfgan_models.data.sources import ImageSet
from tfgan_models.metrics.damage import damage
from tfgan_models.metrics.extractor import Extractor, digest
from tfgan_models.metrics.feature_network import classifier

VERSION, STEPS, BATCH, LEARNING_RATE = 2, 1500, 128, 1e-3
TURNS, FEW = 4, 10
OUTPUTS: dict[str, Literal["classes", "attributes", "rotations"]] = {
    "attributes": "attributes",
    "labels": "classes",
    "rotations": "rotations",
}


def in_domain(
    train: ImageSet,
    test: ImageSet,
    cache_dir: str | os.PathLike | None = None,
    steps: int = STEPS,
    verbose: bool = True,
) -> Extractor:
    """The extractor of a data set, trained the first time and read from the cache after that.

    It learns the attributes where the set has them, else the labels. Where these are fewer than ten, features that tell
    them apart see little else, so that it also learns by how many quarters of a turn images were rotated (Gidaris et
    al. 2018, 1803.07728); and only that where the set has neither.

    Args:
        train: what it learns from.
        test: what its accuracy is measured on.
        cache_dir: where it is kept; beside the decoded pictures unless told.
        steps: batches of 128 images to learn from.
        verbose: whether to say so and draw a progress bar.
    """
    known, tasks = _tasks(train)
    name = "-".join((train.name, *tasks))
    cache = Path(cache_dir).expanduser() if cache_dir else default_cache_dir()
    folder = cache / "extractors" / "-".join((train.key or name, *tasks, str(steps), f"v{VERSION}"))
    if (kept := _read(folder)) is None:
        if verbose:
            print(f"training the extractor {name} on {len(train.images)} images, once; it is kept in {folder}")
        network = _train(train, tasks, steps, verbose)
        kept = network, _accuracy(network, test, known)
        if train.key:  # pictures without one cannot be recognised again
            _write(folder, *kept)
            kept = _read(folder) or kept
    network, accuracy = kept
    return Extractor(network, name, digest(network), OUTPUTS[known], accuracy, _baseline(train, test, known))


def _tasks(data: ImageSet) -> tuple[str, dict[str, int]]:
    """The task whose answers are given, and all tasks with the number of their answers."""
    tasks = {}
    if data.attributes is not None:
        tasks["attributes"] = len(data.attribute_names)
    elif len(data.label_names) > 1:
        tasks["labels"] = len(data.label_names)
    if sum(tasks.values()) < FEW:
        tasks["rotations"] = TURNS
    return next(iter(tasks)), tasks


def _train(train: ImageSet, tasks: dict[str, int], steps: int, verbose: bool) -> keras.Model:
    size, channels = train.images.shape[2:]
    bare = classifier(size, channels, sum(tasks.values()))
    features, logits = bare.outputs
    answers, start = {}, 0
    for task, count in tasks.items():
        part = logits[:, start : start + count]
        activation = "sigmoid" if task == "attributes" else "softmax"
        answers[task] = keras.layers.Activation(activation, dtype="float32", name=task)(part)
        start += count
    learner = keras.Model(bare.input, answers)
    # A type checker guesses Keras' parameters from their defaults, and so takes no schedule, no False and no 0 for one.
    rate: Any = keras.optimizers.schedules.CosineDecay(LEARNING_RATE, steps)
    options: dict[str, Any] = {"jit_compile": False}
    progress: Any = "auto" if verbose else 0
    learner.compile(
        keras.optimizers.Adam(rate),
        {task: "binary_crossentropy" if task == "attributes" else "sparse_categorical_crossentropy" for task in tasks},
        **options,
    )
    batches = pipeline.batches(train, min(BATCH, len(train.images)), seed=0)
    examples = tf.data.Dataset.zip(batches, tf.data.Dataset.counter())
    examples = examples.map(lambda batch, step: _damaged(*_example(batch, step, tasks), step))
    learner.fit(examples, steps_per_epoch=steps, shuffle=False, verbose=progress)
    return keras.Model(bare.input, [features, next(iter(answers.values()))], name="extractor")


def _damaged(images: tf.Tensor, answers: dict, weights: dict, step: tf.Tensor) -> tuple[tf.Tensor, dict, dict]:
    """An example with damaged images."""
    return damage(images, tf.stack([step, tf.ones_like(step)])), answers, weights


def _example(batch: pipeline.Batch, step: tf.Tensor, tasks: Collection[str]) -> tuple[tf.Tensor, dict, dict]:
    """Images, and for each task the answers and which images they count for.

    The first half is upright, the rest rotated where that is a task.
    """
    images, count = batch["image"], tf.shape(batch["image"])[0]
    answers = {"attributes": batch.get("attributes"), "labels": batch.get("label")}
    everything = tf.ones([count])
    if "rotations" not in tasks:
        return images, {task: answers[task] for task in tasks}, dict.fromkeys(tasks, everything)
    rotated = tf.range(count) >= (count // 2 if len(tasks) > 1 else 0)
    drawn = tf.random.stateless_uniform(tf.stack([count]), tf.stack([step, 0]), 0, TURNS, tf.int32)
    turns = tf.where(rotated, drawn, 0)
    images = tf.gather(tf.stack([tf.image.rot90(images, k) for k in range(TURNS)], 1), turns, batch_dims=1)
    weights = {"rotations": tf.cast(rotated, tf.float32), "other": tf.cast(~rotated, tf.float32)}
    answers["rotations"] = turns
    return (
        images,
        {task: answers[task] for task in tasks},
        {task: weights["rotations" if task == "rotations" else "other"] for task in tasks},
    )


def _accuracy(network: keras.Model, test: ImageSet, known: str) -> float:
    """The share of right answers: of classes, or of all attributes together."""
    right = []
    for number, batch in enumerate(pipeline.ordered(test, BATCH)):
        images, answers, _ = _example(batch, tf.constant(number, tf.int64), [known])
        probabilities = network(images, training=False)[1].numpy()
        answer = probabilities > 0.5 if known == "attributes" else np.argmax(probabilities, 1)
        right.append((answer == answers[known].numpy()).ravel())
    return float(np.mean(np.concatenate(right)))


def _baseline(train: ImageSet, test: ImageSet, known: str) -> float:
    """The share of right answers for whoever always gives the commonest one."""
    if known == "rotations":
        return 1 / TURNS
    if known == "labels":
        return float(np.mean(test.labels == np.bincount(np.asarray(train.labels)).argmax()))
    return float(np.mean(test.attributes == (np.asarray(train.attributes).mean(axis=0) > 0.5)))


def _read(folder: Path) -> tuple[keras.Model, float] | None:
    """The kept network and its accuracy; None where it is not there or not whole."""
    try:
        about = json.loads((folder / "about.json").read_text())
        network: Any = keras.models.load_model(folder / "network.keras", compile=False)
        return (network, about["accuracy"]) if digest(network) == about["digest"] else None
    except Exception:  # whatever cannot be read is trained again; zip files, JSON and Keras have errors of their own
        return None


def _write(folder: Path, network: keras.Model, accuracy: float) -> None:
    unfinished = folder.with_name(f".writing-{secrets.token_hex(8)}")
    try:
        unfinished.mkdir(parents=True)
        network.save(unfinished / "network.keras")
        about = {"accuracy": accuracy, "digest": digest(network)}
        (unfinished / "about.json").write_text(json.dumps(about, indent=2) + "\n")
        if _read(folder) is None:  # else another process was first, and figures may be made with its network already
            shutil.rmtree(folder, ignore_errors=True)
            os.replace(unfinished, folder)
    except OSError as error:
        print(f"the extractor could not be kept in {folder} ({error.strerror}); it will be trained again next time")
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)

"""The in-domain extractor: a small network trained on the data set's training split, without any download.

It is trained on labels, attributes and rotations of damaged images (``damage.py``). If trained on undamaged images
only, its distances prefer noisy samples to real images with a light blur or a color cast.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
import sys
from collections.abc import Collection
from pathlib import Path
from typing import Any, Literal

import keras
import numpy as np
import tensorflow as tf

from tfgan_models.data import pipeline
from tfgan_models.data.cache import default_cache_dir
from tfgan_models.data.image_set import ImageSet
from tfgan_models.metrics.damage import damage
from tfgan_models.metrics.extractor import Extractor, digest
from tfgan_models.metrics.feature_network import classifier

VERSION, STEPS, BATCH, LEARNING_RATE = 2, 1500, 128, 1e-3
TURNS, MIN_OUTPUTS = 4, 10  # rotations; outputs below which rotations are learned too
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
    damaged: bool = True,
) -> Extractor:
    """Load the extractor of a data set from the cache; the first call trains it.

    It is trained on the attributes if the set has them, else on the labels. With fewer than ten outputs the features
    would be poor, so it is also trained on rotations by quarter turns (Gidaris et al. 2018, 1803.07728). A set without
    attributes and labels gets rotations only.

    Args:
        train: training images.
        test: images for its accuracy.
        cache_dir: folder of the cache; by default that of the decoded images.
        steps: number of training batches of 128 images.
        verbose: print a message and a progress bar.
        damaged: train on damaged images, as ``tfgan evaluate`` does. False trains on undamaged ones, as Larsen et al.
            2015 (1512.09300, section 4.2) train their regressor. Read attributes with it, and measure no distances.
    """
    main_task, tasks = _tasks(train, test)
    undamaged = () if damaged else ("undamaged",)
    name = "-".join((train.name, *tasks, *undamaged))
    cache = Path(cache_dir).expanduser() if cache_dir else default_cache_dir()
    # Equal images under one name have one extractor, whatever flags they were read by or folder they are in.
    images = (train.name, train.digest(), test.digest())
    folder = cache / "extractors" / "-".join((*images, *tasks, *undamaged, str(steps), f"v{VERSION}"))
    if (cached := _read(folder)) is None:
        if verbose:
            print(f"training the extractor {name} on {len(train.images)} images, once; it is cached in {folder}")
        network = _train(train, tasks, steps, verbose, damaged)
        cached = network, _accuracy(network, test, main_task)
        if train.key:  # without a key it is not from a source that it could be read from again
            _write(folder, *cached)
            cached = _read(folder) or cached
    network, accuracy = cached
    return Extractor(network, name, digest(network), OUTPUTS[main_task], accuracy, _baseline(train, test, main_task))


def outputs_for(train: ImageSet, test: ImageSet) -> str:
    """What the extractor of a data set reads: attributes, classes or rotations."""
    return OUTPUTS[_tasks(train, test)[0]]


def _tasks(data: ImageSet, test: ImageSet) -> tuple[str, dict[str, int]]:
    """Return the main task, whose probabilities are the output, and all tasks with their numbers of outputs.

    Labels are a task if every image has one.
    """
    tasks = {}
    if data.attributes is not None:
        tasks["attributes"] = len(data.attribute_names)
    elif len(data.label_names) > 1 and all(s.labels is not None and min(s.labels) >= 0 for s in (data, test)):
        tasks["labels"] = len(data.label_names)
    if sum(tasks.values()) < MIN_OUTPUTS:
        tasks["rotations"] = TURNS
    return next(iter(tasks)), tasks


def _train(train: ImageSet, tasks: dict[str, int], steps: int, verbose: bool, damaged: bool) -> keras.Model:
    size, channels = train.images.shape[2:]
    bare = classifier(size, channels, sum(tasks.values()))
    features, logits = bare.outputs
    answers, start = {}, 0
    for task, count in tasks.items():
        part = logits[:, start : start + count]
        activation = "sigmoid" if task == "attributes" else "softmax"
        answers[task] = keras.layers.Activation(activation, dtype="float32", name=task)(part)
        start += count
    training_model = keras.Model(bare.input, answers)
    # Type checkers infer Keras' parameters from their defaults, and reject a schedule, False and 0.
    rate: Any = keras.optimizers.schedules.CosineDecay(LEARNING_RATE, steps)
    options: dict[str, Any] = {"jit_compile": False}
    progress: Any = (1 if sys.stdout.isatty() else 2) if verbose else 0  # 2: a plain line, without control characters
    training_model.compile(
        keras.optimizers.Adam(rate),
        {task: "binary_crossentropy" if task == "attributes" else "sparse_categorical_crossentropy" for task in tasks},
        **options,
    )
    batches = pipeline.batches(train, min(BATCH, len(train.images)), seed=0)
    examples = tf.data.Dataset.zip(batches, tf.data.Dataset.counter())
    examples = examples.map(lambda batch, step: (*_example(batch, step, tasks), step))
    examples = examples.map(_damage_example if damaged else lambda *example: example[:3])
    training_model.fit(examples, steps_per_epoch=steps, shuffle=False, verbose=progress)
    return keras.Model(bare.input, [features, next(iter(answers.values()))], name="extractor")


def _damage_example(images: tf.Tensor, answers: dict, weights: dict, step: tf.Tensor) -> tuple[tf.Tensor, dict, dict]:
    """Damage the images of an example."""
    return damage(images, tf.stack([step, tf.ones_like(step)])), answers, weights


def _example(batch: pipeline.Batch, step: tf.Tensor, tasks: Collection[str]) -> tuple[tf.Tensor, dict, dict]:
    """Return images, and for each task the answers and the weights of the images.

    If rotation is a task, the second half is rotated.
    """
    images, count = batch["image"], tf.shape(batch["image"])[0]
    answers = {"attributes": batch.get("attributes"), "labels": batch.get("label")}
    ones = tf.ones([count])
    if "rotations" not in tasks:
        return images, {task: answers[task] for task in tasks}, dict.fromkeys(tasks, ones)
    rotated = tf.range(count) >= (count // 2 if len(tasks) > 1 else 0)
    random_turns = tf.random.stateless_uniform(tf.stack([count]), tf.stack([step, 0]), 0, TURNS, tf.int32)
    turns = tf.where(rotated, random_turns, 0)
    images = tf.gather(tf.stack([tf.image.rot90(images, k) for k in range(TURNS)], 1), turns, batch_dims=1)
    weights = {"rotations": tf.cast(rotated, tf.float32), "other": tf.cast(~rotated, tf.float32)}
    answers["rotations"] = turns
    return (
        images,
        {task: answers[task] for task in tasks},
        {task: weights["rotations" if task == "rotations" else "other"] for task in tasks},
    )


def _accuracy(network: keras.Model, test: ImageSet, main_task: str) -> float:
    """Share of correct predictions, over images or over all their attributes."""
    correct = []
    for number, batch in enumerate(pipeline.ordered(test, BATCH)):
        images, answers, _ = _example(batch, tf.constant(number, tf.int64), [main_task])
        probabilities = network(images, training=False)[1].numpy()
        prediction = probabilities > 0.5 if main_task == "attributes" else np.argmax(probabilities, 1)
        correct.append((prediction == answers[main_task].numpy()).ravel())
    return float(np.mean(np.concatenate(correct)))


def _baseline(train: ImageSet, test: ImageSet, main_task: str) -> float:
    """Share of correct predictions of the majority class."""
    if main_task == "rotations":
        return 1 / TURNS
    if main_task == "labels":
        return float(np.mean(test.labels == np.bincount(np.asarray(train.labels)).argmax()))
    return float(np.mean(test.attributes == (np.asarray(train.attributes).mean(axis=0) > 0.5)))


def _read(folder: Path) -> tuple[keras.Model, float] | None:
    """Read the cached network and its accuracy; None if they are missing or damaged."""
    try:
        about = json.loads((folder / "about.json").read_text())
        network: Any = keras.models.load_model(folder / "network.keras", compile=False)
        return (network, about["accuracy"]) if digest(network) == about["digest"] else None
    except Exception:  # zip files, JSON and Keras raise many types; a network that cannot be read is trained again
        return None


def _write(folder: Path, network: keras.Model, accuracy: float) -> None:
    unfinished = folder.with_name(f".writing-{secrets.token_hex(8)}")
    try:
        unfinished.mkdir(parents=True)
        network.save(unfinished / "network.keras")
        about = {"accuracy": accuracy, "digest": digest(network)}
        (unfinished / "about.json").write_text(json.dumps(about, indent=2) + "\n")
        if _read(folder) is None:  # else another process was first, and its network may be in use
            shutil.rmtree(folder, ignore_errors=True)
            os.replace(unfinished, folder)
    except OSError as error:
        print(f"the extractor could not be cached in {folder} ({error.strerror}); it will be trained again next time")
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)

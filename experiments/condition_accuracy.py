"""Measure conditional models of MNIST: ``python experiments/condition_accuracy.py EXPORTS``.

A small convolutional network learns the classes of the training images and reads the samples of conditional models.
Its own accuracy on the test images is printed first: no model can be expected to exceed it by much. For each class the
tables have the share of samples that are read as the chosen class, and the Fréchet distance of their features to those
of test images of the class. The classification accuracy score (Ravuri and Vinyals 2019, 1905.10887) is the accuracy on
test images of a network that was trained on samples alone; beside it stands that of a network trained on as many
training images.
"""

from __future__ import annotations

import argparse
import os
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np

from tfgan_models import export
from tfgan_models.data import sources
from tfgan_models.data.image_set import ImageSet
from tfgan_models.data.pixels import to_float
from tfgan_models.metrics.frechet import Moments, frechet_distance

STEPS, BATCH = 940, 128


def main() -> None:
    """Train the classifier, and print Markdown tables with a column for each class."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("exports", nargs="+", help="conditional models of MNIST at 32 pixels")
    parser.add_argument("--count", type=int, default=1000, help="samples of each class")
    parser.add_argument("--data_dir", help="folder of tensorflow-datasets")
    args = parser.parse_args()
    train, test = (sources.load("mnist", split, image_size=32, data_dir=args.data_dir) for split in ("train", "test"))
    names, truth = test.label_names, np.asarray(test.labels)
    classifier = fit_classifier(to_float(train.images), np.asarray(train.labels))
    test_images = to_float(test.images)
    print(f"classifier on test images: {np.mean(read(classifier, test_images) == truth):.1%}")
    rows = choose_rows(train, args.count)
    real = fit_classifier(to_float(train.images[rows]), np.asarray(train.labels)[rows])
    print(f"trained on {len(rows)} training images: {np.mean(read(real, test_images) == truth):.1%}")
    conditions = np.eye(len(names), dtype=np.float32)
    references = [moments(classifier, test_images[truth == label]) for label in range(len(names))]
    shares, distances, scores = {}, {}, {}
    for path in args.exports:
        model = export.load(path)
        images = np.stack([model("sample_as", count=args.count, seed=0, condition=one)["image"] for one in conditions])
        shares[path] = [100 * np.mean(read(classifier, one) == label) for label, one in enumerate(images)]
        distances[path] = [
            frechet_distance(moments(classifier, one), reference)
            for one, reference in zip(images, references, strict=True)
        ]
        pupil = fit_classifier(images.reshape(-1, *images.shape[2:]), np.repeat(np.arange(len(names)), args.count))
        scores[path] = np.mean(read(pupil, test_images) == truth)
    print_table("read as the class, in percent", names, shares, 1)
    print_table("Fréchet distance to test images of the class", names, distances, 1)
    for path, score in scores.items():
        print(f"classification accuracy score of {path}: {score:.1%}")


def print_table(title: str, names: tuple[str, ...], rows: dict[str, list[float]], digits: int) -> None:
    """Print a row for each model, with its mean over classes."""
    print(f"\n| {title} | mean | " + " | ".join(names) + " |")
    print("|" + "---|" * (len(names) + 2))
    for path, values in rows.items():
        cells = [f"{value:.{digits}f}" for value in (np.mean(values), *values)]
        print(f"| {path} | " + " | ".join(cells) + " |")


def choose_rows(train: ImageSet, count: int) -> np.ndarray:
    """Rows of training images, ``count`` of each class."""
    labels = np.asarray(train.labels)
    return np.concatenate([np.flatnonzero(labels == label)[:count] for label in range(len(train.label_names))])


def fit_classifier(images: np.ndarray, labels: np.ndarray) -> keras.Model:
    """Train a classifier of two convolutions with a fixed number of steps."""
    keras.utils.set_random_seed(0)
    classifier = keras.Sequential(
        [
            keras.Input(images.shape[1:]),
            keras.layers.Conv2D(16, 5, 2, "same", activation="relu"),
            keras.layers.Conv2D(32, 5, 2, "same", activation="relu"),
            keras.layers.Flatten(),
            keras.layers.Dense(64, activation="relu", name="features"),
            keras.layers.Dense(int(labels.max()) + 1),
        ]
    )
    jit: Any = False  # type checkers infer the parameter's type from its default, "auto"
    classifier.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True), jit_compile=jit)
    rows = np.random.default_rng(0).integers(len(images), size=(STEPS, BATCH))
    for some in rows:
        classifier.train_on_batch(images[some], labels[some])
    return classifier


def read(classifier: keras.Model, images: np.ndarray) -> np.ndarray:
    """The classes that a classifier sees in images in [-1, 1]."""
    return np.argmax(in_parts(classifier, images), -1)


def moments(classifier: keras.Model, images: np.ndarray) -> Moments:
    """Mean and covariance of the outputs of the last hidden layer."""
    features = keras.Model(classifier.inputs[0], classifier.get_layer("features").output)
    result = Moments()
    result.add(in_parts(features, images))
    return result


def in_parts(network: keras.Model, images: np.ndarray) -> np.ndarray:
    """The outputs of a network, a thousand images at a time."""
    return np.concatenate([network(images[i : i + 1000]).numpy() for i in range(0, len(images), 1000)])


if __name__ == "__main__":
    main()

"""Measure how often samples have the class that was chosen: ``python experiments/condition_accuracy.py EXPORTS``.

A small convolutional network learns the classes of the training images of MNIST and reads the samples of conditional
models. Its own accuracy on the test images is printed first: no model can be expected to exceed it by much.
"""

from __future__ import annotations

import argparse
import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np

from tfgan_models import export
from tfgan_models.data import sources
from tfgan_models.data.image_set import ImageSet
from tfgan_models.data.pixels import to_float

EPOCHS, BATCH = 2, 128


def main() -> None:
    """Train the classifier, and print a Markdown table with a column for each class."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("exports", nargs="+", help="conditional models of MNIST at 32 pixels")
    parser.add_argument("--count", type=int, default=500, help="samples of each class")
    parser.add_argument("--data_dir", help="folder of tensorflow-datasets")
    args = parser.parse_args()
    train, test = (sources.load("mnist", split, image_size=32, data_dir=args.data_dir) for split in ("train", "test"))
    classifier = fit_classifier(train)
    accuracy = np.mean(read(classifier, to_float(test.images)) == test.labels)
    print(f"classifier on test images: {accuracy:.1%}\n")
    print("| model | all | " + " | ".join(test.label_names) + " |")
    print("|" + "---|" * (len(test.label_names) + 2))
    for path in args.exports:
        model = export.load(path)
        conditions = np.eye(len(test.label_names), dtype=np.float32)
        shares = [
            np.mean(
                read(classifier, model("sample_as", count=args.count, seed=0, condition=condition)["image"]) == label
            )
            for label, condition in enumerate(conditions)
        ]
        print(f"| {path} | {np.mean(shares):.1%} | " + " | ".join(f"{share:.1%}" for share in shares) + " |")


def fit_classifier(train: ImageSet) -> keras.Model:
    """Train a classifier of two convolutions for two epochs."""
    keras.utils.set_random_seed(0)
    classifier = keras.Sequential(
        [
            keras.Input(train.images.shape[1:]),
            keras.layers.Conv2D(16, 5, 2, "same", activation="relu"),
            keras.layers.Conv2D(32, 5, 2, "same", activation="relu"),
            keras.layers.Flatten(),
            keras.layers.Dense(64, activation="relu"),
            keras.layers.Dense(len(train.label_names)),
        ]
    )
    classifier.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True), jit_compile=False)
    classifier.fit(to_float(train.images), np.asarray(train.labels), batch_size=BATCH, epochs=EPOCHS, verbose=0)
    return classifier


def read(classifier: keras.Model, images: np.ndarray) -> np.ndarray:
    """The classes that a classifier sees in images in [-1, 1]."""
    return np.argmax(classifier.predict(images, verbose=0), -1)


if __name__ == "__main__":
    main()

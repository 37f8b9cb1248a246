"""Test errors and confusion matrices at the end of an epoch."""

from __future__ import annotations

import dataclasses

import keras
import numpy as np
import pytest
from PIL import Image

from tests.models.small import CHANNELS, CLASSES, SIZE, compiled, improved_gan
from tfgan_models.callbacks.classification import Classification
from tfgan_models.data.sources import ImageSet
from tfgan_models.errors import InputError
from tfgan_models.metrics.classification import confusion_matrix, error_rate
from tfgan_models.training.ema import ema_model

NAMES = ("a", "b", "c")


def pictures(count: int = 30) -> ImageSet:
    random = np.random.default_rng(0)
    images = random.integers(0, 256, (count, SIZE, SIZE, CHANNELS)).astype(np.uint8)
    return ImageSet(images, random.integers(0, CLASSES, count).astype(np.int32), None, NAMES, (), "some")


def test_confusion_counts_answers_by_class():
    data = pictures()
    answers = np.eye(CLASSES)[np.random.default_rng(1).integers(0, CLASSES, len(data.images))]
    inputs = iter(np.split(answers, range(7, len(answers), 7)))
    counts = confusion_matrix(lambda images: next(inputs), data, batch_size=7)  # the last batch is smaller
    expected = [
        [sum((data.labels == true) & (answers.argmax(1) == answer)) for answer in range(CLASSES)]
        for true in range(CLASSES)
    ]
    np.testing.assert_array_equal(counts, expected)
    assert error_rate(counts) == pytest.approx((answers.argmax(1) != data.labels).mean())


def test_the_error_is_that_of_the_averaged_weights(tmp_path):
    model = compiled(improved_gan, lambda: keras.optimizers.Adam(1e-3, use_ema=True, ema_momentum=0.5))
    for variable in model.discriminator.trainable_variables:  # far from the averages
        variable.assign(-variable.value)
    for optimizer in model.optimizers.values():
        optimizer.iterations.assign(1)
        for average, variable in zip(
            optimizer._model_variables_moving_average, optimizer._trainable_variables, strict=True
        ):
            average.assign(-variable.value)
    data, logs = pictures(), {}
    callback = Classification(data, tmp_path)
    callback.set_model(model)
    callback.on_epoch_end(0, logs)
    images = data.images / np.float32(127.5) - 1
    wrong, of_others = ((np.argmax(m.classify(images)[0], 1) != data.labels).mean() for m in (ema_model(model), model))
    assert logs["test_error"] == pytest.approx(wrong)
    assert wrong != of_others
    assert np.ptp(np.asarray(Image.open(tmp_path / "confusion.png"))) > 200


@pytest.mark.parametrize("labels", [None, np.full(30, -1, np.int32)], ids=["none", "unknown"])
def test_pictures_without_labels_are_refused(labels, tmp_path):
    with pytest.raises(InputError, match="'some' have no labels to measure the error with"):
        Classification(dataclasses.replace(pictures(), labels=labels), tmp_path)


def test_pictures_without_a_label_do_not_count(tmp_path):
    data = pictures()
    partly = dataclasses.replace(data, labels=np.where(np.arange(30) % 3, data.labels, -1).astype(np.int32))
    answers = np.eye(CLASSES)[np.random.default_rng(1).integers(0, CLASSES, 30)]
    counts = confusion_matrix(lambda images: answers, partly)
    known = partly.labels >= 0
    assert counts.sum() == known.sum() == 20
    assert error_rate(counts) == pytest.approx((answers.argmax(1) != partly.labels)[known].mean())
    Classification(partly, tmp_path)
    with pytest.raises(InputError, match="have no labels to measure the error with: sort some of them into folders"):
        Classification(dataclasses.replace(data, labels=np.full(30, -1, np.int32)), tmp_path)

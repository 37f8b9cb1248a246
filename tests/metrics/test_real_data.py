"""On real digits and on the faces: the more images are damaged, the worse every measure that should notice."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import scipy.ndimage
import tensorflow_datasets

from experiments.metrics_under_damage import DIRECTIONS, MODES, VALIDATION, figures, levels
from tests.data.real_data import real
from tests.shared import make_once
from tfgan_models.data.faces.attributes import ATTRIBUTE_NAMES
from tfgan_models.data.faces.drawing import draw
from tfgan_models.data.pixels import to_float
from tfgan_models.data.sources import ImageSet
from tfgan_models.metrics.extractor import Extractor
from tfgan_models.metrics.frechet import frechet_distance
from tfgan_models.metrics.in_domain_extractor import in_domain
from tfgan_models.metrics.summary import Summary

COUNT, STEPS = 240, 300
TRAINING = MODES * COUNT + VALIDATION


def mnist() -> tuple[ImageSet, ImageSet]:
    path, splits = real("tfds"), [f"train[:{TRAINING}]", f"test[:{COUNT}]"]
    parts = tensorflow_datasets.load("mnist", split=splits, data_dir=str(path), batch_size=-1)
    names = tuple("0123456789")
    return tuple(ImageSet(part["image"].numpy(), part["label"].numpy(), None, names, (), "mnist") for part in parts)


def faces() -> tuple[ImageSet, ImageSet]:
    picture = [draw(0, index, 32) for index in range(TRAINING + COUNT)]
    images, attributes = (np.stack(part) for part in zip(*picture, strict=True))
    parts = (slice(TRAINING), slice(TRAINING, None))
    return tuple(
        ImageSet(images[part], None, attributes[part], (), ATTRIBUTE_NAMES, "faces", "drawn") for part in parts
    )


@pytest.fixture(scope="module", params=[mnist, faces], ids=["mnist", "faces"])
def measured(request, session_folder) -> tuple[str, dict[str, dict[str, list[float]]]]:
    """The name of a data set, and its figures under growing damage. One process measures them for all."""
    name = request.param.__name__

    def measure(folder: Path) -> None:
        train, test = request.param()
        extractor = in_domain(train, test, session_folder, steps=STEPS, verbose=False)
        actual = figures(train, test, extractor, COUNT)
        folder.mkdir()
        (folder / "figures.json").write_text(json.dumps(actual))

    folder = make_once(session_folder / f"damage-{name}", measure)
    return name, json.loads((folder / "figures.json").read_text())


@pytest.fixture(scope="module")
def trained_faces(session_folder) -> tuple[ImageSet, ImageSet, Extractor]:
    train, test = faces()
    return train, test, in_domain(train, test, session_folder, steps=STEPS, verbose=False)


@pytest.mark.slow
def test_attributes_of_faces_are_read_through_damage(trained_faces):
    """Most of what the extractor knows of undamaged faces beyond the commonest answer is left in damaged ones."""
    _, test, extractor = trained_faces
    images = to_float(test.images)
    expected_keys = extractor.accuracy - extractor.baseline
    assert expected_keys > 0.05
    noise = np.random.default_rng(0).normal(0, 0.2, images.shape)
    damaged = {
        "noise": images + noise,
        "blur": scipy.ndimage.gaussian_filter(images, (0, 0.75, 0.75, 0)),
        "cast": 0.85 * images + np.array([0.15, -0.05, -0.15]),
    }
    for name, changed in damaged.items():
        answers = extractor(np.clip(changed, -1, 1)).probabilities > 0.5
        assert np.mean(answers == test.attributes) - extractor.baseline > 0.6 * expected_keys, name


@pytest.mark.slow
def test_a_smooth_set_is_nearer_than_a_noisy_one(trained_faces):
    """Faces blurred by less than a pixel against faces under noise."""
    train, test, extractor = trained_faces
    reference, images = Summary([to_float(test.images)], extractor), to_float(train.images[:COUNT])
    noise = np.random.default_rng(0).normal(0, 0.35, images.shape)
    smooth = scipy.ndimage.gaussian_filter(images, (0, 0.75, 0.75, 0))
    sets = images, smooth, np.clip(images + noise, -1, 1)
    distances = [frechet_distance(Summary([part], extractor).moments, reference.moments) for part in sets]
    assert distances[0] < distances[1] < 0.5 * distances[2]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "damage"), [(name, damage) for name, row in DIRECTIONS.items() for damage in row], ids=str
)
def test_every_measure_follows_the_damage(measured, name, damage):
    dataset, actual = measured
    if name not in actual[damage]:
        assert name == "inception_score"  # which needs classes
        return
    values = actual[damage][name]
    assert len(values) == len(levels(dataset)[damage])
    steps = DIRECTIONS[name][damage] * np.diff(values)
    assert np.count_nonzero(steps) > 1, values  # a figure that is at its end after one step shows no trend
    # 240 images and an extractor of 300 steps leave some chance: a step back of 5 % of the way is no trend.
    assert (steps > -0.05 * steps.sum()).all(), values
    assert steps.sum() > 0.1 * abs(values[0]) or name == "parzen_log_likelihood", values

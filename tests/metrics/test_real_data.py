"""On real digits and on the faces: the more images are damaged, the worse every measure that should notice."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import tensorflow_datasets

from benchmarks.metrics_under_damage import DIRECTIONS, MODES, VALIDATION, figures, levels
from tests.data.test_sources import real
from tests.shared import make_once
from tfgan_models.data.faces.attributes import ATTRIBUTE_NAMES
from tfgan_models.data.faces.drawing import draw
from tfgan_models.data.sources import ImageSet
from tfgan_models.metrics.in_domain import in_domain

COUNT, STEPS = 240, 300
TRAINING = MODES * COUNT + VALIDATION


def mnist() -> tuple[ImageSet, ImageSet]:
    path, splits = real("tfds"), [f"train[:{TRAINING}]", f"test[:{COUNT}]"]
    parts = tensorflow_datasets.load("mnist", split=splits, data_dir=str(path), batch_size=-1)
    names = tuple("0123456789")
    return tuple(ImageSet(part["image"].numpy(), part["label"].numpy(), None, names, (), "mnist") for part in parts)


def faces() -> tuple[ImageSet, ImageSet]:
    drawn = [draw(0, index, 32) for index in range(TRAINING + COUNT)]
    images, attributes = (np.stack(part) for part in zip(*drawn, strict=True))
    parts = (slice(TRAINING), slice(TRAINING, None))
    return tuple(ImageSet(images[part], None, attributes[part], (), ATTRIBUTE_NAMES, "faces") for part in parts)


@pytest.fixture(scope="module", params=[mnist, faces], ids=["mnist", "faces"])
def measured(request, session_folder) -> tuple[str, dict[str, dict[str, list[float]]]]:
    """The name of a data set, and its figures under growing damage. One process measures them for all."""
    name = request.param.__name__

    def measure(folder: Path) -> None:
        train, test = request.param()
        found = figures(train, test, in_domain(train, test, steps=STEPS, verbose=False), COUNT)
        folder.mkdir()
        (folder / "figures.json").write_text(json.dumps(found))

    folder = make_once(session_folder / f"damage-{name}", measure)
    return name, json.loads((folder / "figures.json").read_text())


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "damage"), [(name, damage) for name, row in DIRECTIONS.items() for damage in row], ids=str
)
def test_every_measure_follows_the_damage(measured, name, damage):
    dataset, found = measured
    if name not in found[damage]:
        assert name == "inception_score"  # which needs classes
        return
    values = found[damage][name]
    assert len(values) == len(levels(dataset)[damage])
    steps = DIRECTIONS[name][damage] * np.diff(values)
    assert np.count_nonzero(steps) > 1, values  # a figure that is at its end after one step shows no trend
    # 240 images and an extractor of 300 steps leave some chance: a step back of 5 % of the way is no trend.
    assert (steps > -0.05 * steps.sum()).all(), values
    assert steps.sum() > 0.1 * abs(values[0]) or name == "parzen_log_likelihood", values

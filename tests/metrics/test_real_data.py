"""On real digits and on the faces: the more images are damaged, the worse every measure that should notice."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from benchmarks.metrics_under_damage import DIRECTIONS, LEVELS, figures
from tests.data.test_sources import real
from tfgan_models.data import sources
from tfgan_models.data.faces.attributes import ATTRIBUTE_NAMES
from tfgan_models.data.faces.drawing import draw
from tfgan_models.data.sources import ImageSet
from tfgan_models.metrics.in_domain import in_domain

COUNT, TRAINING, STEPS = 400, 6_000, 300


def mnist(folder) -> tuple[ImageSet, ImageSet]:
    path = real("tfds")
    train, test = (
        sources.load("mnist", split, image_size=28, data_dir=str(path), cache_dir=str(folder))
        for split in ("train", "test")
    )
    return tuple(
        dataclasses.replace(part, images=part.images[:count], labels=part.labels[:count], key="")
        for part, count in ((train, TRAINING), (test, COUNT))
    )


def faces(folder) -> tuple[ImageSet, ImageSet]:
    drawn = [draw(0, index, 32) for index in range(TRAINING + COUNT)]
    images, attributes = (np.stack(part) for part in zip(*drawn, strict=True))
    parts = (slice(TRAINING), slice(TRAINING, None))
    return tuple(ImageSet(images[part], None, attributes[part], (), ATTRIBUTE_NAMES, "faces") for part in parts)


@pytest.fixture(scope="module", params=[mnist, faces], ids=["mnist", "faces"])
def measured(request, tmp_path_factory):
    train, test = request.param(tmp_path_factory.mktemp("sets"))
    return figures(train, test, in_domain(train, test, steps=STEPS, verbose=False), COUNT)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "damage"), [(name, damage) for name, row in DIRECTIONS.items() for damage in row], ids=str
)
def test_every_measure_follows_the_damage(measured, name, damage):
    if name not in measured[damage]:
        assert name == "inception_score"  # which needs classes
        return
    values = measured[damage][name]
    assert len(values) == len(LEVELS[damage])
    steps = DIRECTIONS[name][damage] * np.diff(values)
    # 400 images leave some chance: a step back of 3 % of the way is no trend.
    assert (steps > -0.03 * steps.sum()).all(), values
    assert steps.sum() > 0.1 * abs(values[0]) or name == "parzen_log_likelihood", values

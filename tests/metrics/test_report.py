"""Evaluations as files: the newest under the usual names, and none lost."""

from __future__ import annotations

import json

import numpy as np
import pytest
from PIL import Image

from tfgan_models.metrics.report import write


def report(dataset="digits", digest="0123456789ab", distance=1.0, **changes):
    return {
        "model": "saved_models/vae/1",
        "dataset": dataset,
        "extractor": {"name": f"{dataset.partition(':')[2] or dataset}-labels", "digest": digest},
        "reference": "test",
        "images": {"reference": 50, "samples": 120},
        "image_shape": [8, 8, 1],
        "seed": 0,
        "figures": {"samples": {"frechet_distance": distance}},
        **changes,
    }


def picture(shade: int) -> np.ndarray:
    return np.full((4, 4, 1), shade, np.uint8)


def distance(path) -> float:
    return json.loads(path.read_text())["figures"]["samples"]["frechet_distance"]


def test_the_same_evaluation_again_takes_the_place_of_the_first(tmp_path):
    assert write(report(distance=1.0), picture(1), tmp_path) == []
    assert write(report(distance=2.0), picture(2), tmp_path) == []
    assert sorted(path.name for path in tmp_path.iterdir()) == ["evaluation.json", "neighbours.png"]
    assert distance(tmp_path / "evaluation.json") == 2


@pytest.mark.parametrize(
    "changes",
    [
        {"dataset": "mnist"},
        {"digest": "ffffffffffff"},
        {"model": "saved_models/gan/1"},
        {"weights": "fedc"},
        {"crop": 6},
        {"pictures": {"train": "0123", "test": "4567"}},
        {"reference": "train"},
        {"images": {"reference": 50, "samples": 1200}},
        {"seed": 1},
    ],
    ids=str,
)
def test_another_evaluation_is_kept_under_a_name_that_says_what_it_is_of(changes, tmp_path):
    write(report(distance=1.0), picture(1), tmp_path)
    remaining = write(report(**{"distance": 2.0, **changes}), picture(2), tmp_path)
    name = "digits-digits-labels-0123456789ab-test-120"
    assert [path.name for path in remaining] == [f"evaluation-{name}.json", f"neighbours-{name}.png"]
    assert [distance(path) for path in (remaining[0], tmp_path / "evaluation.json")] == [1, 2]
    shades = [np.asarray(Image.open(path)).max() for path in (remaining[1], tmp_path / "neighbours.png")]
    assert shades == [1, 2]


def test_a_model_of_known_weights_is_the_same_wherever_it_lies(tmp_path):
    write(report(weights="fedc", distance=1.0), picture(1), tmp_path)
    assert write(report(weights="fedc", distance=2.0, model="/elsewhere/vae/1"), picture(2), tmp_path) == []
    (remaining, _) = write(report(weights="0123", distance=3.0, model="/elsewhere/vae/1"), picture(3), tmp_path)
    assert [distance(path) for path in (remaining, tmp_path / "evaluation.json")] == [2, 3]


@pytest.mark.parametrize("letter", "aé画")
def test_none_is_lost_of_data_sets_with_paths_of_any_length(letter, tmp_path):
    """Two folders whose paths differ at the beginning only, and a name that needs no shortening."""
    datasets = [f"folder:/{name}/{300 * letter}" for name in ("one", "two")] + ["digits", "mnist"]
    for number, dataset in enumerate(2 * datasets):
        write(report(dataset, distance=number, extractor={"name": "own", "digest": "0"}), picture(number), tmp_path)
    names = [path.name for path in tmp_path.iterdir()]
    assert max(len(name.encode()) for name in names) <= 255
    assert sorted(distance(path) for path in tmp_path.glob("evaluation*.json")) == list(range(8))
    assert len(list(tmp_path.glob("neighbours*.png"))) == 8
    # The end, which says what it was measured with, is there to be read; and the two are told apart.
    shortened = [name for name in names if name.startswith("evaluation-") and letter in name.removesuffix(".json")[40:]]
    assert len({name[:23] for name in shortened}) == 2
    assert all(f"{letter}-own-0-test-120" in name for name in shortened)


def test_none_is_lost_however_often_they_take_turns(tmp_path):
    for number in range(6):
        write(report(("folder:my pictures/é", "digits")[number % 2], distance=number), None, tmp_path)
    assert sorted(distance(path) for path in tmp_path.glob("evaluation*.json")) == [0, 1, 2, 3, 4, 5]
    assert "evaluation-folder_my_pictures_é-my_pictures_é-labels-0123456789ab-test-120-2.json" in {
        path.name for path in tmp_path.iterdir()
    }


@pytest.mark.parametrize("content", ["", "[1]", "{}"])
def test_what_cannot_be_read_is_kept_too(content, tmp_path):
    (tmp_path / "evaluation.json").write_text(content)
    (remaining,) = write(report(), None, tmp_path)
    assert remaining.name == "evaluation-unknown.json"
    assert remaining.read_text() == content


def test_figures_that_are_no_numbers_are_null(tmp_path):
    write(report(distance=float("inf")), None, tmp_path)
    assert distance(tmp_path / "evaluation.json") is None


def test_error_rates_of_people_stay_when_the_same_is_evaluated_again(tmp_path):
    def human():
        return json.loads((tmp_path / "evaluation.json").read_text()).get("human")

    write(report(human={"people": 3}), None, tmp_path)
    write(report(distance=2.0), None, tmp_path)
    assert human() == {"people": 3}
    write(report(human={"people": 4}), None, tmp_path)
    assert human() == {"people": 4}
    write(report(seed=1), None, tmp_path)
    assert human() is None

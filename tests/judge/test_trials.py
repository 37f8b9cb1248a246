"""The trials of a human test: which pictures they have, and the score."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from tfgan_models import InputError
from tfgan_models.data.pixels import to_float
from tfgan_models.judge.answers import answers_to
from tfgan_models.judge.trials import PicturePool


def images(count: int, seed: int, channels: int = 3) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (count, 8, 8, channels), np.uint8)


@pytest.fixture
def pool() -> PicturePool:
    return PicturePool(images(100, 0), to_float(images(100, 1)), "w")


def test_sheets_have_a_varying_number_of_fakes_and_no_picture_twice(pool):
    trials = pool.sheets(9, 0, control=2, feedback=True)
    assert [trial.number for trial in trials] == list(range(11))
    assert sorted(trial.kind for trial in trials) == ["control"] * 2 + ["sheet"] * 9
    ids = [picture.id for trial in trials for picture in trial.pictures]
    assert len(set(ids)) == len(ids) == 99
    fakes = [len(trial.fakes) for trial in trials if trial.kind == "sheet"]
    assert len(set(fakes)) > 2 and min(fakes) >= 2 and max(fakes) <= 7
    assert all(not trial.fakes for trial in trials if trial.kind == "control")
    of_samples = {image.tobytes() for image in images(100, 1)}
    for trial in trials:
        for picture in trial.pictures:
            assert (picture.pixels.tobytes() in of_samples) == picture.is_fake
    again = pool.sheets(9, 0, control=2)
    assert [p.id for t in again for p in t.pictures] == ids
    assert [p.id for t in pool.sheets(9, 1, control=2) for p in t.pictures] != ids


def test_single_pictures_are_half_fakes(pool):
    trials = pool.singles(20, 0, shown_ms=250)
    assert sum(len(trial.fakes) for trial in trials) == 10
    assert {(trial.kind, trial.shown_ms, len(trial.pictures)) for trial in trials} == {("single", 250, 1)}
    with pytest.raises(InputError, match="shown_ms 0"):
        pool.singles(2, 0, shown_ms=0)


def test_the_score_and_the_rows(pool):
    (trial,) = pool.sheets(1, 0)
    assert trial.score(trial.fakes) == 9
    assert trial.score(set(range(9)) - trial.fakes) == 0
    assert trial.score([]) == 9 - len(trial.fakes)
    rows = answers_to(trial, trial.fakes, person=" ann ", session="s", weights="w", response_ms=3.0)
    assert [r.answered_fake for r in rows] == [r.is_fake for r in rows] == [p.is_fake for p in trial.pictures]
    assert {r.person for r in rows} == {"ann"}
    with pytest.raises(InputError, match="answer 10: the sheet has 9 pictures"):
        trial.score([9])
    with pytest.raises(InputError, match="person ' ': give a name"):
        answers_to(trial, [], person=" ", session="s", weights="w")


@pytest.mark.parametrize("channels", [1, 3, 4])
def test_both_kinds_have_one_format(channels):
    pool = PicturePool(images(20, 0, channels), to_float(images(20, 1, channels)), "w")
    opened = [Image.open(io.BytesIO(picture.png(20))) for picture in pool.reals + pool.fakes]
    assert {(image.size, image.mode, image.format) for image in opened} == {
        ((24, 24), "L" if channels == 1 else "RGB", "PNG")
    }
    same = PicturePool(images(20, 0, channels), to_float(images(20, 0, channels)), "w")
    assert [p.id for p in same.reals] == [p.id for p in same.fakes]  # nothing but the picture tells


def test_too_few_pictures_and_other_shapes(pool):
    with pytest.raises(InputError, match=r"the test needs \d+ different .* and there are 100: make it shorter"):
        pool.sheets(100, 0)
    with pytest.raises(InputError, match="give both in one shape"):
        PicturePool(images(2, 0), images(2, 0, 1), "w")

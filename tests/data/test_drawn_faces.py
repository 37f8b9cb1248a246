"""The drawn faces as a source: the cache has exactly what the drawing gives."""

from __future__ import annotations

import numpy as np
import pytest

from tfgan_models.data import drawn_faces
from tfgan_models.data.faces import parallel
from tfgan_models.data.faces.attributes import ATTRIBUTE_NAMES
from tfgan_models.data.faces.drawing import draw
from tfgan_models.data.sources import load
from tfgan_models.errors import InputError

TRAIN, TEST = 12, 4


@pytest.fixture
def few_faces(monkeypatch):
    """Twelve faces for training and four for testing instead of thousands."""
    monkeypatch.setattr(drawn_faces, "TRAIN_COUNT", TRAIN)
    monkeypatch.setattr(drawn_faces, "TEST_COUNT", TEST)


def test_worker_processes_draw_the_same_faces_as_this_process():
    expected = parallel.draw_batch(2, 10, 420, 16)
    drawings = list(parallel.draw_all(2, 10, 420, 16))
    assert len(drawings) == len(expected) == 410
    for (image, attributes), (expected_image, expected_attributes) in zip(drawings, expected, strict=True):
        np.testing.assert_array_equal(image, expected_image)
        np.testing.assert_array_equal(attributes, expected_attributes)


@pytest.mark.parametrize("size", [8, 24])  # 8 is the first stage of a run that grows
def test_both_splits_have_every_image_and_attribute(size, few_faces, tmp_path):
    for split, first, count in (("train", 0, TRAIN), ("test", TRAIN, TEST)):
        faces = load("faces", split, image_size=size, cache_dir=str(tmp_path))
        assert faces.name == "faces" and faces.labels is None and faces.attribute_names == ATTRIBUTE_NAMES
        assert len(faces.images) == len(faces.attributes) == count
        for row in range(count):
            image, attributes = draw(drawn_faces.SEED, first + row, size)
            np.testing.assert_array_equal(faces.images[row], image)
            np.testing.assert_array_equal(faces.attributes[row], attributes)


def test_faces_are_drawn_once(few_faces, tmp_path, monkeypatch):
    first = load("faces", "train", image_size=16, cache_dir=str(tmp_path))
    monkeypatch.delattr(drawn_faces, "draw_all")
    again = load("faces", "train", image_size=16, cache_dir=str(tmp_path))
    assert again.key == first.key and again.digest() == first.digest()


def test_gray_and_cropped_faces(few_faces, tmp_path):
    faces = load("faces", "test", image_size=24, channels=1, crop=12, cache_dir=str(tmp_path))
    assert faces.images.shape == (TEST, 24, 24, 1)
    plain = load("faces", "test", image_size=24, channels=1, cache_dir=str(tmp_path))
    assert faces.key != plain.key
    middle = plain.images[:, 6:18, 6:18].astype(float).mean((1, 2, 3))
    np.testing.assert_allclose(faces.images.astype(float).mean((1, 2, 3)), middle, atol=4)


def test_an_interrupted_run_leaves_no_set_in_the_cache(few_faces, tmp_path, monkeypatch):
    def interrupted(*arguments):
        yield from parallel.draw_batch(0, 0, 7, 16)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(drawn_faces, "draw_all", interrupted)
        with pytest.raises(KeyboardInterrupt):
            load("faces", "train", image_size=16, cache_dir=str(tmp_path))
    assert not list(tmp_path.iterdir())
    assert len(load("faces", "train", image_size=16, cache_dir=str(tmp_path)).images) == TRAIN


def test_an_error_of_the_drawing_is_not_reported_as_one_of_the_disk(few_faces, tmp_path, monkeypatch):
    def broken(*arguments):
        raise RuntimeError("a defect")

    monkeypatch.setattr(drawn_faces, "draw_all", broken)
    with pytest.raises(RuntimeError, match="a defect"):
        load("faces", "train", image_size=32, cache_dir=str(tmp_path))


@pytest.mark.parametrize(("size", "said"), [(7, "image size 7 is not possible"), (161, "8 to 160 pixels, not 161")])
def test_an_unsupported_size_is_refused(size: int, said: str, tmp_path):
    with pytest.raises(InputError, match=said):
        load("faces", "train", image_size=size, cache_dir=str(tmp_path))
    assert list(tmp_path.iterdir()) == []

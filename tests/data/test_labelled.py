"""Which pictures have labels, and batches of them and of the others."""

from __future__ import annotations

import dataclasses
from types import SimpleNamespace

import numpy as np
import pytest

from tests.data.test_pipeline import assert_same, take
from tfgan_models.data import labelled
from tfgan_models.data.image_set import ImageSet
from tfgan_models.errors import InputError

CLASSES = 3


def pictures(count: int = 60) -> ImageSet:
    """Each of a color of its own, in classes of unequal sizes."""
    images = np.zeros((count, 4, 4, 1), np.uint8) + np.arange(count, dtype=np.uint8)[:, None, None, None]
    labels = np.minimum(np.arange(count) % 5, CLASSES - 1).astype(np.int32)
    return ImageSet(images, labels, None, ("a", "b", "c"), (), "pictures")


def with_labels(count: int, seed: int = 1) -> ImageSet:
    data = pictures()
    return dataclasses.replace(data, labelled=labelled.choose_labelled_rows(data, count, seed))


def numbers(images: np.ndarray) -> np.ndarray:
    return np.rint((images[:, 0, 0, 0] + 1) * 127.5).astype(int)


@pytest.mark.parametrize("count", [3, 9, 36])
def test_classes_are_drawn_equally(count):
    data = pictures()
    rows = labelled.choose_labelled_rows(data, count, seed=1)
    assert len(set(rows)) == count
    np.testing.assert_array_equal(np.bincount(data.labels[rows]), [count // 3] * 3)


def test_the_seed_decides():
    data = pictures()
    first, again, other = (labelled.choose_labelled_rows(data, 9, seed) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert set(first) != set(other)


@pytest.mark.parametrize(
    ("data", "count", "message"),
    [
        (pictures(), 10, "labels 10: give a multiple of 3"),
        (pictures(), 0, "labels 0: give a multiple of 3"),
        (pictures(), 39, "labels 39: the class 'a' has 12 images, not 13; give fewer"),
        (dataclasses.replace(pictures(), labels=None, label_names=()), 9, "'pictures' has no classes"),
    ],
)
def test_what_cannot_be_chosen_is_refused(data, count, message):
    with pytest.raises(InputError, match=message):
        labelled.choose_labelled_rows(data, count, 1)


def test_labels_are_those_of_the_chosen_pictures_and_the_others_have_none():
    data = with_labels(9)
    for batch in take(labelled.batches(data, 6, seed=0), 20):
        assert set(batch) == {"image", "matched_image", "labelled_image", "label"}
        rows = numbers(batch["labelled_image"])
        assert set(rows) <= set(data.labelled)
        np.testing.assert_array_equal(batch["label"], data.labels[rows])


def test_each_stream_goes_through_its_pictures_in_an_order_of_its_own():
    data = with_labels(9)
    streams = take(labelled.batches(data, 6, seed=0), 10)
    orders = [np.concatenate([numbers(b[name]) for b in streams]) for name in ("image", "matched_image")]
    for order in orders:
        assert sorted(order) == list(range(60))
    assert (orders[0] != orders[1]).mean() > 0.8
    expected_keys = np.concatenate([numbers(b["labelled_image"]) for b in streams])[:54]
    np.testing.assert_array_equal(np.bincount(expected_keys, minlength=60)[data.labelled], [6] * 9)


@pytest.mark.parametrize("first_step", [1, 7, 25])
def test_resuming_at_a_step_equals_the_tail(first_step):
    data = with_labels(9)
    whole = take(labelled.batches(data, 8, seed=3, flip=True), 30)
    tail = take(labelled.batches(data, 8, seed=3, flip=True, first_step=first_step), 30 - first_step)
    assert_same(whole[first_step:], tail)


def test_workers_share_a_batch():
    data = with_labels(9)
    whole = take(labelled.batches(data, 8, seed=3), 3)
    contexts = (SimpleNamespace(input_pipeline_id=i, num_input_pipelines=2) for i in range(2))
    shares = [take(labelled.batches(data, 8, seed=3, context=context), 3) for context in contexts]
    joined = [{k: np.concatenate([a[k], b[k]]) for k in a} for a, b in zip(*shares, strict=True)]
    assert_same(whole, joined)


def test_labels_that_are_not_chosen_make_no_difference():
    data = with_labels(9)
    alternatives = np.setdiff1d(np.arange(60), data.labelled)
    mislabelled = data.labels.copy()
    mislabelled[alternatives] = 0
    wrong = dataclasses.replace(data, labels=mislabelled)
    assert_same(take(labelled.batches(data, 8, seed=3), 5), take(labelled.batches(wrong, 8, seed=3), 5))


def test_attributes_make_classes():
    attributes = np.array([[0, 1, 1], [1, 0, 0], [1, 1, 1], [0, 0, 1]], np.uint8)
    data = ImageSet(np.zeros((4, 8, 8, 1), np.uint8), None, attributes, (), ("Hat", "Beard", "Smile"), "faces")
    actual = labelled.by_attributes(data, ("Smile", "Hat"))
    assert actual.label_names == ("no Smile, no Hat", "Smile, no Hat", "no Smile, Hat", "Smile, Hat")
    np.testing.assert_array_equal(actual.labels, [1, 2, 3, 1])
    assert actual.labels.dtype == np.int32
    assert labelled.by_attributes(data, ()) is data
    for names, message in (
        (("Nose",), "label_attributes Nose: faces has no attribute 'Nose', its attributes are Hat, Beard, Smile"),
        (("Hat", "Hat"), "label_attributes Hat Hat: give each attribute once"),
    ):
        with pytest.raises(InputError, match=message):
            labelled.by_attributes(data, names)


def test_only_labeled_pictures_are_left_where_all_need_a_label(capsys):
    data = pictures(6)
    assert labelled.with_labels(data) is data
    partly = dataclasses.replace(data, labels=np.array([0, -1, 1, -1, 2, -1], np.int32))
    found = labelled.with_labels(partly)
    np.testing.assert_array_equal(found.images[:, 0, 0, 0], [0, 2, 4])
    np.testing.assert_array_equal(found.labels, [0, 1, 2])
    assert "3 of 6 pictures of a split have no label and are left out" in capsys.readouterr().err
    with pytest.raises(InputError, match="no picture of a split of 'pictures' has a label"):
        labelled.with_labels(dataclasses.replace(data, labels=np.full(6, -1, np.int32)))


def test_labels_are_chosen_from_labeled_pictures():
    data = pictures()
    rows = np.arange(60) % 2 == 0
    partly = dataclasses.replace(data, labels=np.where(rows, data.labels, -1).astype(np.int32))
    assert rows[labelled.choose_labelled_rows(partly, 9, seed=1)].all()

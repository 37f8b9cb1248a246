"""The picture of a confusion matrix."""

from __future__ import annotations

import numpy as np

from tfgan_models.plots.confusion_matrix import draw_confusion


def test_names_are_taken_as_they_are():
    """Folders may be called anything, with what elsewhere sets formulas too."""
    picture = draw_confusion(np.array([[3, 1], [0, 2]]), ("$5_$", r"\frac"))
    assert picture.dtype == np.uint8 and picture.shape[-1] == 3


def test_the_picture_of_many_classes_stays_small():
    few, many = (draw_confusion(np.eye(n, dtype=np.int64), tuple(map(str, range(n)))) for n in (10, 500))
    assert max(many.shape) <= 2 * max(few.shape)


def test_the_diagonal_is_dark_and_no_answers_are_light():
    """A class with no pictures has a row without numbers, not one that is none."""
    picture = draw_confusion(np.array([[5, 0, 0], [0, 5, 0], [0, 0, 0]]), ("a", "b", "c"))
    assert (picture.sum(-1) < 300).mean() > 0.1

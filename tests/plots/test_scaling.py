"""The picture of error and time against size."""

from __future__ import annotations

import numpy as np

from tfgan_models.plots import scaling


def test_each_method_has_a_line_in_both_panels():
    values = {"a": [1e-15, 1e-14, 1e-13], "$b$": [1.0, 10.0, 100.0]}
    picture = scaling.draw([3, 10, 100], values, values)
    assert picture.dtype == np.uint8 and picture.shape[2] == 3
    blue, orange = ((np.abs(picture.astype(int) - color).sum(-1) < 40) for color in ([31, 119, 180], [255, 127, 14]))
    for line in (blue, orange):
        assert all(half.sum() > 200 for half in np.array_split(line, 2, axis=1))
    halves = np.array_split(np.nonzero(blue)[0], 2), np.array_split(np.nonzero(orange)[0], 2)
    assert halves[0][0].mean() > halves[1][0].mean()  # smaller errors are lower

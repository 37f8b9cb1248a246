"""scikit-learn's handwritten digits: 1,797 real pictures of 8×8 pixels that come with the package."""

from __future__ import annotations

from typing import cast

import numpy as np

from tfgan_models.data.picture import fit
from tfgan_models.data.plan import Example, Pictures, Plan, Request

TRAIN_COUNT = 1500


def plan_digits(request: Request) -> Plan:
    """Plan to read the digits: 1,500 to train and 297 to test, drawn by a fixed permutation."""
    return Plan(name="digits", identity={"source": "digits"}, read=lambda: _read(request))


def _read(request: Request) -> Pictures:
    from PIL import Image
    from sklearn.datasets import load_digits
    from sklearn.utils import Bunch

    digits = cast(Bunch, load_digits())  # a tuple only with an argument
    # This generator's stream is frozen, so that the split is the same with every version of NumPy.
    order = np.random.RandomState(0).permutation(len(digits.images))
    order = order[:TRAIN_COUNT] if request.split == "train" else order[TRAIN_COUNT:]
    pixels = np.rint(digits.images * (255 / 16)).astype(np.uint8)
    channels = request.channels or 1
    examples = (
        Example(
            fit(Image.fromarray(pixels[i]), request.image_size, channels, request.crop),
            label=int(digits.target[i]),
        )
        for i in order
    )
    return Pictures(channels, examples, label_names=tuple(str(name) for name in digits.target_names))

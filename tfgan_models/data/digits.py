"""scikit-learn's handwritten digits as a source: 1,797 real images of 8×8 pixels, part of the package."""

from __future__ import annotations

from typing import cast

import numpy as np

from tfgan_models.data.findings import decide_reading
from tfgan_models.data.picture import crop_and_resize
from tfgan_models.data.plan import DecodedSplit, Example, Plan, Request
from tfgan_models.data.reading import Reading

TRAIN_COUNT = 1500


def plan_digits(request: Request) -> Plan:
    """Plan to read the digits: 1,500 for training and 297 for testing, split by a fixed permutation."""
    reading = decide_reading(request)
    identity = {"source": "digits"} | reading.identity()
    return Plan(name="digits", identity=identity, read=lambda: _read(request, reading), reading=reading)


def _read(request: Request, reading: Reading) -> DecodedSplit:
    from PIL import Image
    from sklearn.datasets import load_digits
    from sklearn.utils import Bunch

    digits = cast(Bunch, load_digits())  # a tuple only with return_X_y
    # RandomState's stream is frozen, so the split is the same with every version of NumPy.
    order = np.random.RandomState(0).permutation(len(digits.images))
    order = order[:TRAIN_COUNT] if request.split == "train" else order[TRAIN_COUNT:]
    pixels = np.rint(digits.images * (255 / 16)).astype(np.uint8)
    channels = request.channels or 1
    examples = (
        Example(
            crop_and_resize(Image.fromarray(pixels[i]), request.image_size, channels, reading),
            label=int(digits.target[i]),
        )
        for i in order
    )
    return DecodedSplit(channels, examples, label_names=tuple(str(name) for name in digits.target_names))

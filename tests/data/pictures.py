"""DecodedSplit on the disk, and the data set that they make, for the tests of folders."""

import io

import numpy as np
from PIL import Image

from tfgan_models.data.sources import load


def save(path, color=None, size=(20, 20), mode="RGB", **options):
    """Write a picture of one color; by default one that is half red and half black."""
    path.parent.mkdir(parents=True, exist_ok=True)
    image = Image.new(mode, size, "red" if color is None else color)
    if color is None:
        image.paste(0, (0, 0, size[0] // 2, size[1]))
    image.save(path, **options)
    return path


def both(source, cache, **options):
    """Both splits together: images and labels by order, and the sets themselves."""
    options = {"image_size": 8, "cache_dir": str(cache), **options}
    return [load(source, split, **options) for split in ("train", "test")]


def cut_jpeg() -> bytes:
    """The first half of a picture: its header is whole."""
    whole = io.BytesIO()
    noise = np.random.RandomState(0).randint(0, 256, (64, 64, 3), np.uint8)
    Image.fromarray(noise).save(whole, "JPEG")
    return whole.getvalue()[: len(whole.getvalue()) // 2]

"""Images per second from the encoded and the array cache: ``python benchmarks/encoded_cache.py --dataset mnist``.

Both caches hold the same images, repeated up to ``--images``. Rounds of both alternate in one process, so that other
programs slow both down alike. It prints a JSON line for the batches alone and one for training steps: medians, and the
median and quartiles of the ratios of pairs. The caches are made in a temporary folder, and their sizes are printed.
"""

from __future__ import annotations

import dataclasses
import itertools
import json
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Literal

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")  # as the programs do

import numpy as np
import tensorflow as tf
import tyro

from tfgan_models import GAN
from tfgan_models.data import pipeline, sources
from tfgan_models.data.cache import fetch
from tfgan_models.data.cache_list import list_sets
from tfgan_models.data.image_set import ImageSet
from tfgan_models.data.plan import DecodedSplit, Example, Plan, Request
from tfgan_models.networks import dcgan
from tfgan_models.optimizers import FusedAdam

FORMATS: tuple[Literal["array", "encoded"], ...] = ("array", "encoded")


@dataclasses.dataclass
class CacheBenchmarkFlags:
    """Compare the speed of the encoded cache with that of the array cache."""

    dataset: str = "mnist"
    """As of ``tfgan train``."""
    data_dir: str | None = None
    """Folder of tensorflow-datasets."""
    image_size: int = 32
    """Side of the images in pixels."""
    images: int = 1_000_000
    """Number of images in each cache."""
    batch: int = 64
    """Images in a batch."""
    rounds: int = 15
    """Pairs of measurements, after one that does not count."""
    steps: int = 50
    """Batches or training steps in each measurement."""
    width: float = 0.5
    """Width of the DCGAN's networks."""
    folder: str | None = None
    """Folder for the caches; by default a temporary one of the system."""


def cached(flags: CacheBenchmarkFlags, folder: Path) -> list[ImageSet]:
    """Make both caches of the repeated images."""
    options = {"image_size": flags.image_size, "cache_dir": str(folder / "source"), "data_dir": flags.data_dir}
    source = sources.load(flags.dataset, "train", **options)
    channels = source.images.shape[-1]

    def examples() -> Iterator[Example]:
        repeated = itertools.cycle(np.asarray(source.images))
        return (Example(image) for image in itertools.islice(repeated, flags.images))

    plan = Plan("repeated", {}, lambda: DecodedSplit(channels, examples(), count=flags.images))
    request = Request("train", flags.image_size)
    return [fetch(plan, request, folder, cache_format) for cache_format in FORMATS]


def batches_of(data: ImageSet, flags: CacheBenchmarkFlags) -> Callable[[], object]:
    """Return a function that takes the next batch."""
    iterator = iter(pipeline.batches(data, flags.batch, seed=0))
    return lambda: next(iterator)["image"].numpy()[0, 0, 0, 0]


def steps_of(data: ImageSet, flags: CacheBenchmarkFlags) -> Callable[[], object]:
    """Return a function that makes the next training step of a DCGAN."""
    channels = data.images.shape[-1]
    model = GAN(
        dcgan.generator(flags.image_size, channels, 100, flags.width),
        dcgan.discriminator(flags.image_size, channels, width=flags.width),
    )
    model.compile(**{player: FusedAdam(2e-4, beta_1=0.5) for player in model.players})
    step = tf.function(model.train_step)
    iterator = iter(pipeline.batches(data, flags.batch, seed=0))
    return lambda: float(next(iter(step(next(iterator)).values())))


def measure(works: list[Callable[[], object]], flags: CacheBenchmarkFlags) -> dict[str, object]:
    """Measure both works in alternation; each round begins with the other one."""
    rates: list[list[float]] = [[], []]
    for number in range(flags.rounds + 1):
        for i in (0, 1) if number % 2 else (1, 0):
            start = time.perf_counter()
            for _ in range(flags.steps):
                works[i]()
            if number:
                rates[i].append(flags.batch * flags.steps / (time.perf_counter() - start))
    medians = {f"{name}_images_per_second": round(float(np.median(rates[i])), 1) for i, name in enumerate(FORMATS)}
    ratios = np.percentile(np.array(rates[1]) / np.array(rates[0]), [25, 50, 75])
    return medians | {"encoded_over_array_quartiles": [round(float(ratio), 3) for ratio in ratios]}


def main(flags: CacheBenchmarkFlags) -> None:
    """Print a line for the caches, one for batches and one for training steps."""
    with tempfile.TemporaryDirectory(dir=flags.folder) as name:
        sets = cached(flags, Path(name))
        sizes = {entry.encoding or "array": entry.bytes for entry in list_sets(Path(name))}
        print(json.dumps({"images": flags.images, "bytes": sizes}), flush=True)
        for part, work_of in (("batches", batches_of), ("training", steps_of)):
            print(json.dumps({"part": part, **measure([work_of(data, flags) for data in sets], flags)}), flush=True)


if __name__ == "__main__":
    main(tyro.cli(CacheBenchmarkFlags))

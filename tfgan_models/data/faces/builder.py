"""The drawn faces as a tensorflow-datasets builder: drawn once, then read from disk like any other data set."""

import contextlib
import dataclasses
import io
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow_datasets as tfds
from tensorflow_datasets.core.utils import tqdm_utils
from tqdm.auto import tqdm

from tfgan_models.data.faces.attributes import ATTRIBUTE_NAMES
from tfgan_models.data.faces.drawing import LARGEST, SMALLEST
from tfgan_models.data.faces.parallel import draw_all
from tfgan_models.errors import InputError
from tfgan_models.files import remove_stale

TRAIN_COUNT, TEST_COUNT = 20_000, 2_000


@dataclasses.dataclass(kw_only=True, eq=False)
class FacesConfig(tfds.core.BuilderConfig):
    """Which faces to draw; ``of`` gives a configuration its name, under which it is kept on disk.

    Args:
        image_size: the pictures' side in pixels.
        train_count: faces in the split ``train``: those numbered from 0.
        test_count: faces in the split ``test``: those that follow.
        seed: which world of faces.
    """

    image_size: int = 64
    train_count: int = TRAIN_COUNT
    test_count: int = TEST_COUNT
    seed: int = 0

    @classmethod
    def of(
        cls, image_size: int, train_count: int = TRAIN_COUNT, test_count: int = TEST_COUNT, seed: int = 0
    ) -> "FacesConfig":
        """Make a configuration named by its size and by whatever else is not as usual.

        Raises:
            InputError: the size is one that cannot be drawn.
        """
        if not SMALLEST <= image_size <= LARGEST:
            raise InputError(
                f"faces are drawn with {SMALLEST} to {LARGEST} pixels, not {image_size}: choose another image size"
            )
        name = str(image_size)
        if (train_count, test_count, seed) != (TRAIN_COUNT, TEST_COUNT, 0):
            name += f"-{train_count}-{test_count}-{seed}"
        return cls(name=name, image_size=image_size, train_count=train_count, test_count=test_count, seed=seed)


class Faces(tfds.core.GeneratorBasedBuilder):
    """Drawn faces with CelebA's features: ``image`` uint8 ``[size, size, 3]`` and 40 booleans ``attributes``.

    The order is that of drawing: example i of ``train`` is face i.
    """

    VERSION = tfds.core.Version("1.0.0")
    RELEASE_NOTES = {"1.0.0": "First release."}
    BUILDER_CONFIGS = [FacesConfig.of(size) for size in range(SMALLEST, LARGEST + 1)]
    DEFAULT_BUILDER_CONFIG_NAME = "64"

    @property
    def _faces(self) -> FacesConfig:
        """The configuration; that of the base class may be of any type, or missing."""
        if not isinstance(self.builder_config, FacesConfig):
            raise TypeError(f"faces take a FacesConfig, received {type(self.builder_config).__name__}")
        return self.builder_config

    def _info(self) -> tfds.core.DatasetInfo:
        size = self._faces.image_size
        return tfds.core.DatasetInfo(
            builder=self,
            description="Drawn faces with 40 binary attributes, each of them visible in the picture.",
            features=tfds.features.FeaturesDict(
                {
                    "image": tfds.features.Image(shape=(size, size, 3), encoding_format="png"),
                    "attributes": dict.fromkeys(ATTRIBUTE_NAMES, np.bool_),
                }
            ),
            disable_shuffling=True,
        )

    def _split_generators(self, dl_manager: tfds.download.DownloadManager) -> dict[str, Iterator]:
        config = self._faces
        total = config.train_count + config.test_count
        what = f"Drawing {total:,} faces of {config.image_size} pixels (once)"
        # One bar for both splits, which tensorflow-datasets asks for one after the other.
        bar = tqdm(total=total, desc=what, unit=" faces", dynamic_ncols=True)
        return {
            "train": self._generate_examples(0, config.train_count, bar),
            "test": self._generate_examples(config.train_count, total, bar),
        }

    def _generate_examples(self, start: int, stop: int, bar: tqdm) -> Iterator[tuple[int, dict[str, Any]]]:
        config = self._faces
        for index, png, present in draw_all(config.seed, start, stop, config.image_size):
            attributes = dict(zip(ATTRIBUTE_NAMES, map(bool, present), strict=True))
            yield index, {"image": io.BytesIO(png), "attributes": attributes}
            bar.update()
        if bar.n >= bar.total:
            bar.close()


def prepare(image_size: int, data_dir: str | os.PathLike, config: FacesConfig | None = None) -> Faces:
    """Draw the data set unless it is there already, and return its builder, ready to read.

    Nothing is fetched from a network. A run that is killed leaves a directory with ``incomplete`` in its name, which
    is never read, and is removed when a later run finds it old.

    Args:
        image_size: the pictures' side in pixels, from 16 to 160.
        data_dir: where tensorflow-datasets keeps its data; the faces come to lie in ``faces/<image_size>``.
        config: instead of the usual configuration of that size, one made by ``FacesConfig.of``.

    Raises:
        InputError: the size is one that cannot be drawn.
    """
    config = config or FacesConfig.of(image_size)
    # A configuration that the class lists must be given by its name.
    known = config.name if config.name in Faces.builder_configs else config
    builder = Faces(config=known, data_dir=os.fspath(data_dir))
    remove_stale(Path(builder.data_path).parents[1].glob("*/incomplete.*"))
    with _quiet():
        try:
            builder.download_and_prepare(download_config=tfds.download.DownloadConfig(try_download_gcs=False))
        except OSError:
            # Another process may have drawn the same faces at the same time and been first to put them in place.
            if not builder.data_path.exists():
                raise
            builder = Faces(config=known, data_dir=os.fspath(data_dir))
    return builder


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Keep back the words and bars of tensorflow-datasets, which speak of downloads and of shards."""
    active = getattr(tqdm_utils, "_active", True)
    tfds.display_progress_bar(enable=False)
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            yield
    finally:
        tfds.display_progress_bar(enable=active)

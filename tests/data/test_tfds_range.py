"""Data sets of tensorflow-datasets whose numbers use a small part of their depth."""

import numpy as np
import pytest

from tfgan_models.data.cache import fetch
from tfgan_models.data.plan import Request
from tfgan_models.data.reading import check_range
from tfgan_models.data.tfds_read import plan_builder


@pytest.fixture(scope="module")
def builders(tmp_path_factory):
    """Prepared sets of masks of 0 and 1, of 12 bits in 16, and of ordinary pictures."""
    import tensorflow_datasets as tfds

    # The highest values of the training split and of the test split, and the type.
    kinds = {"masks": (1, 1, np.uint8), "deep": (4095, 4095, np.uint16), "ordinary": (200, 200, np.uint8)}
    kinds |= {"brighter": (1000, 3000, np.uint16)}

    class Small(tfds.core.GeneratorBasedBuilder):
        """Pictures of noise."""

        VERSION = tfds.core.Version("1.0.0")
        BUILDER_CONFIGS = [tfds.core.BuilderConfig(name=name) for name in kinds]

        def _info(self):
            image = tfds.features.Image(shape=(8, 8, 1), dtype=kinds[self.builder_config.name][-1])
            return self.dataset_info_from_configs(features=tfds.features.FeaturesDict({"image": image}))

        def _split_generators(self, dl_manager):
            return {name: self._generate_examples(seed) for seed, name in enumerate(("train", "test"))}

        def _generate_examples(self, seed):
            highest, dtype = kinds[self.builder_config.name][seed], kinds[self.builder_config.name][-1]
            random = np.random.default_rng(seed)
            for i in range(10):
                yield i, {"image": random.integers(0, highest + 1, (8, 8, 1)).astype(dtype)}

    folder = str(tmp_path_factory.mktemp("tfds"))
    built = {name: Small(config=name, data_dir=folder) for name in kinds}
    for builder in built.values():
        builder.download_and_prepare()
    return built


def images(builder, split, cache, **options):
    request = Request(split, 8, **options)
    plan = plan_builder(builder, request, "small", cache)
    return fetch(plan, request, cache).images, plan


@pytest.mark.parametrize("name", ["masks", "deep"])
def test_a_small_range_is_stretched_in_both_splits_alike(builders, tmp_path, name):
    for split in ("train", "test"):
        pixels, plan = images(builders[name], split, tmp_path)
        assert pixels.min() <= 1 and pixels.max() >= 254
        (note,) = plan.notes
        depth = {"masks": "8-bit", "deep": "16-bit"}[name]
        assert note.startswith(f"small: the {depth} pictures have values from ")
    dark, _ = images(builders[name], "train", tmp_path, ranges=check_range((0, 65535)))
    assert dark.max() <= 16


def test_the_training_split_decides_for_the_test_split(builders, tmp_path):
    ranges = {}
    for split in ("test", "train"):  # Neither the order of reading
        _, plan = images(builders["brighter"], split, tmp_path / split)  # nor the cache makes a difference.
        ranges[split] = plan.reading.ranges
    (low, high) = ranges["train"]["uint16"]
    assert ranges["test"] == ranges["train"] == {"uint16": (low, high)} and 0 <= low < 50 and 950 < high <= 1000
    pixels, _ = images(builders["brighter"], "test", tmp_path / "test")
    assert (pixels == 255).mean() > 0.5  # Most values lie above those of the training split.
    without_cache = plan_builder(builders["brighter"], Request("test", 8), "small")
    assert without_cache.reading.ranges == ranges["train"]


def test_a_range_counts_for_the_depth_of_the_set(builders, tmp_path):
    for name, depth in {"deep": "uint16", "ordinary": "uint8"}.items():
        _, plan = images(builders[name], "train", tmp_path, ranges=check_range((0, 100)))
        assert plan.reading.ranges == {depth: (0, 100)} and plan.notes == ()


def test_ordinary_pictures_keep_their_place_in_the_cache(builders, tmp_path):
    pixels, plan = images(builders["ordinary"], "train", tmp_path)
    assert pixels.max() <= 200 and plan.notes == ()
    assert set(plan.identity) == {"source", "full_name", "data_dir", "info"}


def test_a_set_is_looked_at_once(builders, tmp_path, monkeypatch):
    _, plan = images(builders["masks"], "train", tmp_path)
    plan.save_findings()
    monkeypatch.setattr("tfgan_models.data.tfds_read.inspect_arrays", None)
    _, again = images(builders["masks"], "test", tmp_path)
    assert again.notes == plan.notes

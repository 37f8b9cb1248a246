"""Data sets of tensorflow-datasets: a small one made here, MNIST, and one that cannot be downloaded."""

import numpy as np
import pytest

from tests.data.real_data import real
from tfgan_models.data.sources import load
from tfgan_models.errors import InputError


@pytest.mark.slow
def test_mnist_from_a_prepared_folder(tmp_path):
    data_dir = str(real("tfds"))
    test = load("mnist", "test", image_size=28, data_dir=data_dir, cache_dir=str(tmp_path))
    assert test.images.shape == (10_000, 28, 28, 1) and test.name == "mnist"
    # The counts of the ten digits in the original test set.
    assert np.bincount(test.labels).tolist() == [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]
    assert test.images.mean() == pytest.approx(33.79, abs=0.01)


@pytest.fixture(scope="module")
def tiny(tmp_path_factory):
    """A prepared data set like celeb_a, with the given splits."""
    import tensorflow_datasets as tfds

    from tfgan_models.data.plan import Request
    from tfgan_models.data.tfds_read import plan_builder

    class TinyFaces(tfds.core.GeneratorBasedBuilder):
        """Forty pictures told apart by their level."""

        VERSION = tfds.core.Version("1.0.0")
        BUILDER_CONFIGS = [
            tfds.core.BuilderConfig(name=name)
            for name in ("train", "train_test", "train_validation", "other", "train_test_unlabelled")
        ]

        def _info(self):
            features = {
                "image": tfds.features.Image(shape=(None, None, 3)),
                "attributes": {"Young": np.bool_, "Bald": np.bool_},
                "label": tfds.features.ClassLabel(names=["low", "high"]),
                "landmarks": {"x": np.int64},
            }
            return self.dataset_info_from_configs(features=tfds.features.FeaturesDict(features))

        def _split_generators(self, dl_manager):
            names = self.builder_config.name.split("_")
            return {name: self._generate_examples(100 * i) for i, name in enumerate(names)}

        def _generate_examples(self, first):
            for i in range(first, first + 40):
                yield (
                    i,
                    {
                        "image": np.full((218, 178, 3), i, np.uint8),
                        "attributes": {"Young": i % 2 == 0, "Bald": i % 3 == 0},
                        "label": int(i % 100 >= 20),
                        "landmarks": {"x": i},
                    },
                )

    directory = tmp_path_factory.mktemp("tfds")

    def read(config, split, cache, unlabelled=""):
        from tfgan_models.data.cache import fetch

        builder = TinyFaces(config=config, data_dir=str(directory))
        builder.download_and_prepare()
        request = Request(split, 16, crop=140)
        return fetch(plan_builder(builder, request, "tiny", unlabelled=unlabelled), request, cache)

    return read


def test_labels_and_attributes_come_through(tiny, tmp_path):
    stored = tiny("train_test", "train", tmp_path)
    number = stored.images[:, 5, 5, 0].astype(int)
    assert sorted(number) == list(range(40)) and stored.images.shape == (40, 16, 16, 3)
    assert stored.attribute_names == ("Bald", "Young") and stored.label_names == ("low", "high")
    np.testing.assert_array_equal(stored.attributes, np.stack([number % 3 == 0, number % 2 == 0], 1))
    np.testing.assert_array_equal(stored.labels, number >= 20)


@pytest.mark.parametrize("config", ["train_test", "train_validation"])
def test_the_held_out_split_is_used(tiny, tmp_path, config):
    assert tiny(config, "test", tmp_path).images[:, 0, 0, 0].min() == 100


def test_a_set_with_one_split_gives_a_tenth_of_it(tiny, tmp_path):
    train, test = (tiny("train", split, tmp_path).images[:, 0, 0, 0] for split in ("train", "test"))
    assert len(train) == 36 and len(test) == 4
    assert sorted([*train, *test]) == list(range(40))


def test_a_split_without_labels_follows_the_training_images(tiny, tmp_path):
    plain, test = (tiny("train_test_unlabelled", split, tmp_path) for split in ("train", "test"))
    more, same = (tiny("train_test_unlabelled", split, tmp_path, "unlabelled") for split in ("train", "test"))
    assert len(plain.images) == 40 and len(more.images) == 80 and more.label_names == plain.label_names
    np.testing.assert_array_equal(more.images[:40], plain.images)
    np.testing.assert_array_equal(more.labels[:40], plain.labels)
    assert set(more.labels[40:]) == {-1} and more.images[40:, 0, 0, 0].min() == 200
    assert same.digest() == test.digest()


@pytest.mark.parametrize(
    ("split", "message"), [("extra", "no split 'extra', give one of"), ("test", "is used already")]
)
def test_a_split_that_cannot_be_added_is_refused(tmp_path, monkeypatch, split, message):
    import types

    from tfgan_models.data import tfds_source

    builder = types.SimpleNamespace(
        info=types.SimpleNamespace(splits={"train": 1, "test": 1}, full_name="tiny"), is_prepared=lambda: True
    )
    monkeypatch.setattr(tfds_source, "find_builder", lambda *_: builder)
    monkeypatch.setattr(tfds_source, "image_key", lambda _: "image")
    with pytest.raises(InputError, match=f"'tiny\\+{split}' cannot be used: .*{message}") as error:
        load(f"tiny+{split}", "train", image_size=8, cache_dir=str(tmp_path))
    assert "\n" not in str(error.value)


def test_data_set_without_a_training_split_raises_input_error(tiny, tmp_path):
    with pytest.raises(InputError, match="no split 'train', only"):
        tiny("other", "train", tmp_path)


def test_failed_download_raises_input_error_and_leaves_nothing(tmp_path, monkeypatch):
    import tensorflow_datasets as tfds

    def offline(*arguments, **options):
        raise ConnectionError("no route\nto the host")

    monkeypatch.setattr(tfds.download.DownloadManager, "download", offline)
    monkeypatch.setattr(tfds.download.DownloadManager, "download_and_extract", offline)
    with pytest.raises(InputError, match=r"'mnist' is not in .* \(no route to the host\): .*data_dir") as caught:
        load("mnist", "train", image_size=32, data_dir=str(tmp_path / "d"), cache_dir=str(tmp_path / "c"))
    assert "\n" not in str(caught.value)
    assert list(tmp_path.iterdir()) == []

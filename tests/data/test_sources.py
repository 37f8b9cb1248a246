"""Every source gives the same kind of set; what cannot be used is said in one line."""

import os
import subprocess
import sys
import tarfile
from pathlib import Path

import numpy as np
import pytest

from tfgan_models.data.picture import MAX_PIXELS
from tfgan_models.data.sources import load
from tfgan_models.errors import InputError

ROOT = Path(__file__).parents[2]
REAL = Path(os.environ.get("TFGAN_MODELS_TEST_DATA", ROOT / ".." / "shared" / "data")).resolve()


def real(name: str) -> Path:
    """The path of a real data set; skips where it is absent."""
    path = REAL / name
    if not path.exists():
        pytest.skip(f"needs the real data {path}")
    return path


# Embedded and real sets


def test_digits(tmp_path):
    train, test = (load("digits", split, image_size=32, cache_dir=str(tmp_path)) for split in ("train", "test"))
    assert train.images.shape == (1500, 32, 32, 1) and test.images.shape == (297, 32, 32, 1)
    assert train.name == "digits" and train.label_names == tuple("0123456789")
    assert train.labels.dtype == np.int32 and set(train.labels) == set(range(10)) == set(test.labels)
    assert train.images.max() == 255 and train.images.min() == 0


def test_digits_are_the_real_ones_scaled(tmp_path):
    from sklearn.datasets import load_digits

    train, test = (load("digits", split, image_size=8, cache_dir=str(tmp_path)) for split in ("train", "test"))
    found = np.concatenate([train.images, test.images])[..., 0]
    labels = np.concatenate([train.labels, test.labels])
    bunch = load_digits()
    expected = np.rint(bunch.images * 255 / 16).astype(np.uint8)

    def pairs(images, labels):
        return sorted((image.tobytes(), int(label)) for image, label in zip(images, labels, strict=True))

    assert pairs(found, labels) == pairs(expected, bunch.target)


@pytest.fixture
def few_faces(monkeypatch):
    """Twelve faces to train and four to test instead of thousands."""
    from tfgan_models.data.faces import builder

    few = builder.FacesConfig.of(32, train_count=12, test_count=4)
    prepare = builder.prepare
    monkeypatch.setattr(builder, "prepare", lambda size, data_dir: prepare(size, data_dir, few))


def test_faces_are_drawn_and_kept(few_faces, tmp_path):
    from tfgan_models.data.faces.attributes import ATTRIBUTE_NAMES

    train, test = (load("faces", split, image_size=32, cache_dir=str(tmp_path)) for split in ("train", "test"))
    assert train.images.shape == (12, 32, 32, 3) and test.images.shape == (4, 32, 32, 3)
    assert train.name == "faces" and train.labels is None
    assert train.attribute_names == tuple(sorted(ATTRIBUTE_NAMES)) and train.attributes.shape == (12, 40)
    assert (tmp_path / "tfds" / "faces").is_dir()


@pytest.mark.parametrize(
    "writing",
    ["tensorflow.io.TFRecordWriter.write", "tensorflow_datasets.core.DatasetInfo.write_to_directory"],
)
def test_a_full_disk_while_faces_are_drawn_is_one_line_and_leaves_nothing(writing, few_faces, tmp_path, monkeypatch):
    import tensorflow as tf

    def full(self, what):
        raise tf.errors.ResourceExhaustedError(None, None, f"{tmp_path}/incomplete.A/faces; No space left on device")

    monkeypatch.setattr(writing, full)
    with pytest.raises(InputError) as caught:
        load("faces", "train", image_size=32, cache_dir=str(tmp_path))
    assert str(caught.value) == (
        f"cannot draw the faces into {str(tmp_path / 'tfds')!r}: No space left on device; make room or name another "
        "folder as data_dir"
    )
    assert not list(tmp_path.rglob("incomplete.*"))


def test_a_folder_in_which_faces_cannot_be_drawn(few_faces, tmp_path):
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(InputError, match=r"cannot draw the faces into .*: Not a directory; .*data_dir"):
        load("faces", "train", image_size=32, data_dir=str(tmp_path / "file"), cache_dir=str(tmp_path / "c"))


def test_a_defect_of_the_drawing_is_not_taken_for_a_full_disk(few_faces, tmp_path, monkeypatch):
    from tfgan_models.data.faces import builder

    def broken(*arguments):
        raise RuntimeError("a defect")

    monkeypatch.setattr(builder, "draw_all", broken)
    with pytest.raises(RuntimeError, match="a defect"):
        load("faces", "train", image_size=32, cache_dir=str(tmp_path))


@pytest.mark.slow
def test_mnist_from_a_prepared_folder(tmp_path):
    data_dir = str(real("tfds"))
    test = load("mnist", "test", image_size=28, data_dir=data_dir, cache_dir=str(tmp_path))
    assert test.images.shape == (10_000, 28, 28, 1) and test.name == "mnist"
    # The counts of the ten digits in the original test set.
    assert np.bincount(test.labels).tolist() == [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]
    assert test.images.mean() == pytest.approx(33.79, abs=0.01)


@pytest.mark.slow
def test_smile_faces_as_a_folder(tmp_path):
    with tarfile.open(real("smile_faces.tar")) as archive:
        archive.extraction_filter = getattr(tarfile, "data_filter", None)  # which the first Pythons 3.11 do not have
        archive.extractall(tmp_path / "faces")
    root = tmp_path / "faces"
    while not any(path.name == "smiling" for path in root.iterdir()):
        (root,) = (path for path in root.iterdir() if path.is_dir())
    sets = [load(f"folder:{root}", s, image_size=16, cache_dir=str(tmp_path / "c")) for s in ("train", "test")]
    assert sum(len(data.images) for data in sets) == 13_165
    assert all(data.label_names == ("not_smiling", "smiling") for data in sets)
    assert sum(np.bincount(data.labels) for data in sets).tolist() == [9475, 3690]
    assert sets[0].images.shape[1:] == (16, 16, 1)


# Sets of tensorflow-datasets, made here


@pytest.fixture(scope="module")
def tiny(tmp_path_factory):
    """A prepared set like celeb_a, with the splits that it is asked for."""
    import tensorflow_datasets as tfds

    from tfgan_models.data.plan import Request
    from tfgan_models.data.tfds_read import plan_builder

    class TinyFaces(tfds.core.GeneratorBasedBuilder):
        """Forty pictures told apart by their level."""

        VERSION = tfds.core.Version("1.0.0")
        BUILDER_CONFIGS = [
            tfds.core.BuilderConfig(name=name) for name in ("train", "train_test", "train_validation", "other")
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

    def read(config, split, cache):
        from tfgan_models.data.cache import fetch

        builder = TinyFaces(config=config, data_dir=str(directory))
        builder.download_and_prepare()
        request = Request(split, 16, crop=140)
        return fetch(plan_builder(builder, request, "tiny"), request, cache)

    return read


def test_labels_and_attributes_come_through(tiny, tmp_path):
    stored = tiny("train_test", "train", tmp_path)
    number = stored.arrays["images"][:, 5, 5, 0].astype(int)
    assert sorted(number) == list(range(40)) and stored.arrays["images"].shape == (40, 16, 16, 3)
    assert stored.attribute_names == ("Bald", "Young") and stored.label_names == ("low", "high")
    np.testing.assert_array_equal(stored.arrays["attributes"], np.stack([number % 3 == 0, number % 2 == 0], 1))
    np.testing.assert_array_equal(stored.arrays["labels"], number >= 20)


@pytest.mark.parametrize("config", ["train_test", "train_validation"])
def test_the_held_out_split_is_used(tiny, tmp_path, config):
    assert tiny(config, "test", tmp_path).arrays["images"][:, 0, 0, 0].min() == 100


def test_a_set_with_one_split_gives_a_tenth_of_it(tiny, tmp_path):
    train, test = (tiny("train", split, tmp_path).arrays["images"][:, 0, 0, 0] for split in ("train", "test"))
    assert len(train) == 36 and len(test) == 4
    assert sorted([*train, *test]) == list(range(40))


def test_a_set_without_a_training_split(tiny, tmp_path):
    with pytest.raises(InputError, match="no split 'train', only"):
        tiny("other", "train", tmp_path)


# Names


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("mnits", "unknown data set 'mnits': did you mean mnist"),
        ("face", "faces"),
        ("celeba", "celeb_a"),
        ("Digit", "digits"),
        ("zzzzqqq", "Give faces, digits, folder:PATH"),
        ("", "''"),
        ("mnist:9.9.9", "9.9.9"),
        ("cifar10_corrupted/nope", "nope"),
        ("../x", "../x"),
        ("folder:", "folder:PATH"),
        ("folder", "folder:PATH"),
        ("ag_news_subset", "holds no pictures"),
    ],
)
def test_names_that_cannot_be_used(tmp_path, source, message):
    with pytest.raises(InputError, match=message) as caught:
        load(source, "train", image_size=32, data_dir=str(tmp_path / "d"), cache_dir=str(tmp_path / "c"))
    assert "\n" not in str(caught.value) and len(str(caught.value)) < 400


def test_a_folder_without_its_prefix(tmp_path):
    with pytest.raises(InputError, match=f"give folder:{tmp_path}"):
        load(str(tmp_path), "train", image_size=32, cache_dir=str(tmp_path / "c"))


def test_a_set_that_cannot_be_downloaded(tmp_path, monkeypatch):
    import tensorflow_datasets as tfds

    def offline(*arguments, **options):
        raise ConnectionError("no route\nto the host")

    monkeypatch.setattr(tfds.download.DownloadManager, "download", offline)
    monkeypatch.setattr(tfds.download.DownloadManager, "download_and_extract", offline)
    with pytest.raises(InputError, match=r"'mnist' is not in .* \(no route to the host\): .*data_dir") as caught:
        load("mnist", "train", image_size=32, data_dir=str(tmp_path / "d"), cache_dir=str(tmp_path / "c"))
    assert "\n" not in str(caught.value)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("options", "quoted"),
    [
        ({"image_size": 7}, "7"),
        ({"image_size": 1025}, "1025"),
        ({"channels": 2}, "2"),
        ({"crop": 0}, "0"),
        ({"attributes": "list.txt"}, "list.txt"),
    ],
)
def test_values_that_cannot_be_used(tmp_path, options, quoted):
    with pytest.raises(InputError, match=quoted):
        load("digits", "train", **{"image_size": 32, "cache_dir": str(tmp_path), **options})
    with pytest.raises(InputError, match="'dev'"):
        load("digits", "dev", image_size=32, cache_dir=str(tmp_path))


@pytest.mark.parametrize(
    ("path", "reason"),
    [("~no-such-user/x", "there is no such user"), ("a\0b", "it contains a NUL")],
    ids=["a user who is not there", "a NUL"],
)
def test_paths_that_cannot_be_used(tmp_path, path, reason):
    options = {"image_size": 8, "cache_dir": str(tmp_path)}
    for source, given in [
        (f"folder:{path}", {}),
        (f"folder:{tmp_path}", {"attributes": path}),
        ("digits", {"cache_dir": path}),
        ("mnist", {"data_dir": path}),
    ]:
        with pytest.raises(InputError) as caught:
            load(source, "train", **{**options, **given})
        assert repr(path) in str(caught.value) and reason in str(caught.value)
        assert "\n" not in str(caught.value)


def test_loading_a_folder_does_not_import_tensorflow():
    code = "import sys, tfgan_models.data.sources; sys.exit('tensorflow' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT).returncode == 0


def test_the_limit_on_pixels_is_what_messages_say():
    assert MAX_PIXELS == 100_000_000

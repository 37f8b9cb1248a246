"""Names of data sets, digits and real folders; each error is one line."""

import subprocess
import sys
import tarfile

import numpy as np
import pytest

from tests.data.real_data import ROOT, real
from tfgan_models.data.picture import MAX_PIXELS
from tfgan_models.data.sources import load
from tfgan_models.errors import InputError


def test_digits(tmp_path):
    train, test = (load("digits", split, image_size=32, cache_dir=str(tmp_path)) for split in ("train", "test"))
    assert train.images.shape == (1500, 32, 32, 1) and test.images.shape == (297, 32, 32, 1)
    assert train.name == "digits" and train.label_names == tuple("0123456789")
    assert train.labels.dtype == np.int32 and set(train.labels) == set(range(10)) == set(test.labels)
    assert train.images.max() == 255 and train.images.min() == 0


def test_digits_are_the_real_ones_scaled(tmp_path):
    from sklearn.datasets import load_digits

    train, test = (load("digits", split, image_size=8, cache_dir=str(tmp_path)) for split in ("train", "test"))
    actual = np.concatenate([train.images, test.images])[..., 0]
    labels = np.concatenate([train.labels, test.labels])
    bunch = load_digits()
    expected = np.rint(bunch.images * 255 / 16).astype(np.uint8)

    def pairs(images, labels):
        return sorted((image.tobytes(), int(label)) for image, label in zip(images, labels, strict=True))

    assert pairs(actual, labels) == pairs(expected, bunch.target)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"layout": "nonsense"}, "layout nonsense: give auto or classes"),
        ({"layout": None}, "layout None: give auto or classes"),
        ({"fit": "stretch"}, "fit stretch: give crop, pad or squeeze"),
        ({"split": "validation"}, "unknown split 'validation': choose train or test"),
        ({"channels": 2}, "2 channels are not possible: choose 1"),
        ({"label_column": "breed"}, "label_column breed: it needs a table, give attributes"),
        ({"attribute_columns": ("old", "new")}, "attribute_columns old new: it needs a table, give attributes"),
        ({"attribute_columns": "old"}, r"attribute_columns old: give a tuple of names, such as \('old',\)"),
    ],
    ids=str,
)
@pytest.mark.parametrize("source", ["digits", "folder:{}"])
def test_arguments_with_unknown_values_are_refused(tmp_path, options, message, source):
    options = {"split": "train", "image_size": 8, "cache_dir": str(tmp_path / "c"), **options}
    with pytest.raises(InputError, match=f"^{message}"):
        load(source.format(tmp_path), options.pop("split"), **options)


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


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("mnits", "unknown data set 'mnits': did you mean mnist"),
        ("face", "faces"),
        ("foler:pictures", "did you mean folder:pictures?"),
        ("celeba", "celeb_a"),
        ("Digit", "digits"),
        ("zzzzqqq", "Give faces, digits, folder:PATH"),
        ("", "''"),
        ("mnist:9.9.9", "9.9.9"),
        ("cifar10_corrupted/nope", "nope"),
        ("../x", "../x"),
        ("folder:", "folder:PATH"),
        ("folder", "folder:PATH"),
        ("ag_news_subset", "has no images"),
    ],
)
def test_invalid_source_names_raise_input_error(tmp_path, source, message):
    with pytest.raises(InputError, match=message) as caught:
        load(source, "train", image_size=32, data_dir=str(tmp_path / "d"), cache_dir=str(tmp_path / "c"))
    assert "\n" not in str(caught.value) and len(str(caught.value)) < 400


def test_folder_without_its_prefix_raises_input_error(tmp_path):
    with pytest.raises(InputError, match=f"give folder:{tmp_path}"):
        load(str(tmp_path), "train", image_size=32, cache_dir=str(tmp_path / "c"))


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
def test_invalid_options_of_load_raise_input_error(tmp_path, options, quoted):
    with pytest.raises(InputError, match=quoted):
        load("digits", "train", **{"image_size": 32, "cache_dir": str(tmp_path), **options})
    with pytest.raises(InputError, match="'dev'"):
        load("digits", "dev", image_size=32, cache_dir=str(tmp_path))


@pytest.mark.parametrize(
    ("path", "reason"),
    [("~no-such-user/x", "there is no such user"), ("a\0b", "it contains a NUL")],
    ids=["a user who is not there", "a NUL"],
)
def test_invalid_paths_raise_input_error(tmp_path, path, reason):
    options = {"image_size": 8, "cache_dir": str(tmp_path)}
    for source, inputs in [
        (f"folder:{path}", {}),
        (f"folder:{tmp_path}", {"attributes": path}),
        ("digits", {"cache_dir": path}),
        ("mnist", {"data_dir": path}),
    ]:
        with pytest.raises(InputError) as caught:
            load(source, "train", **{**options, **inputs})
        assert repr(path) in str(caught.value) and reason in str(caught.value)
        assert "\n" not in str(caught.value)


def test_loading_a_folder_does_not_import_tensorflow():
    code = "import sys, tfgan_models.data.sources; sys.exit('tensorflow' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT).returncode == 0


def test_the_limit_on_pixels_is_what_messages_say():
    assert MAX_PIXELS == 100_000_000

"""Data sets of the Hugging Face hub, by a local data set in their place, and a hub that does not answer."""

from __future__ import annotations

import importlib
import io
import types

import numpy as np
import pytest

from tests.data.pictures import both
from tests.data.test_archives import png
from tfgan_models.data import copies, hub_source, sources
from tfgan_models.data.folder_labels import FolderOptions
from tfgan_models.data.hub_source import plan_hub
from tfgan_models.data.own_size import own_size
from tfgan_models.data.plan import Request
from tfgan_models.data.sources import load
from tfgan_models.errors import InputError


@pytest.fixture(autouse=True)
def fresh():
    hub_source._load.cache_clear()


def level(data) -> np.ndarray:
    return data.images[:, 0, 0, 0].astype(int)


class Image:
    """The feature of pictures of the stand-in."""

    def __init__(self, decode: bool = True):
        self.decode = decode


class ClassLabel:
    dtype = "int64"

    def int2str(self, value: int) -> str:
        return ("cat", "dog", "eel")[value]


class Split:
    """A split of the stand-in, with the methods of ``datasets.Dataset`` that are used."""

    def __init__(self, columns: dict[str, list], features: dict[str, object]):
        self.columns, self.features = columns, features

    def __len__(self) -> int:
        return len(next(iter(self.columns.values())))

    def __getitem__(self, key):
        return self.columns[key] if isinstance(key, str) else {name: c[key] for name, c in self.columns.items()}

    def select_columns(self, names: list[str]) -> Split:
        return Split({name: self.columns[name] for name in names}, self.features)

    def cast_column(self, name: str, feature: Image) -> Split:
        assert not feature.decode  # the bytes of the files are read, so that pictures are decoded as from a folder
        return self


def split_of(first: int, count: int = 20) -> Split:
    numbers = range(first, first + count)
    value = types.SimpleNamespace
    columns = {"picture": [{"bytes": png(i), "path": None} for i in numbers]}
    columns |= {"kind": [i % 3 if i % 7 else -1 for i in numbers], "old": [i % 2 == 0 for i in numbers]}
    columns |= {"breed": [f"b{i % 4}" for i in numbers], "boxes": [[1, 2] for _ in numbers]}
    features = {"picture": Image(), "kind": ClassLabel(), "old": value(dtype="bool"), "breed": value(dtype="string")}
    return Split(columns, features | {"boxes": [value(dtype="int64")]})


def stand_in(monkeypatch, sets: dict[str, Split], error: Exception | None = None) -> None:
    """Put a library in the place of ``datasets``."""

    def load_dataset_builder(name, configuration):
        if error:
            raise error
        assert (name, configuration) == ("me/pets", None)
        return types.SimpleNamespace(download_and_prepare=int, as_dataset=lambda: sets, cache_dir="/cached/hash")

    library = types.SimpleNamespace(
        Image=Image, load_dataset_builder=load_dataset_builder, disable_progress_bars=lambda: None
    )
    real = importlib.import_module
    monkeypatch.setattr(importlib, "import_module", lambda name: library if name == "datasets" else real(name))


def test_splits_labels_and_attributes(tmp_path, monkeypatch):
    stand_in(monkeypatch, {"train": split_of(0), "validation": split_of(100), "test": split_of(200)})
    train, test = both("hf:me/pets", tmp_path)
    assert sorted(level(train)) == list(range(20)) and sorted(level(test)) == list(range(200, 220))
    assert train.name == "hf-me-pets" == sources.name_of("hf:me/pets")
    for data in (train, test):
        assert data.label_names == ("cat", "dog", "eel") and data.attribute_names == ("old",)
        np.testing.assert_array_equal(data.labels, np.where(level(data) % 7, level(data) % 3, -1))
        np.testing.assert_array_equal(data.attributes[:, 0], level(data) % 2 == 0)
    for data in both("hf:me/pets", tmp_path, label_column="breed", attribute_columns=("old",)):
        assert data.label_names == ("b0", "b1", "b2", "b3")
        np.testing.assert_array_equal(data.labels, level(data) % 4)
    assert own_size("hf:me/pets").typical == (10, 8)


def test_without_a_held_out_split_a_tenth_is_held_out(tmp_path, monkeypatch):
    stand_in(monkeypatch, {"train": split_of(0, 60)})
    train, test = both("hf:me/pets", tmp_path)
    assert sorted([*level(train), *level(test)]) == list(range(60)) and 0 < len(test.images) < 20


def test_a_split_without_labels_is_for_training(tmp_path, monkeypatch):
    stand_in(monkeypatch, {"train": split_of(0), "test": split_of(200), "unlabeled": split_of(100)})
    train, _ = both("hf:me/pets", tmp_path, label_column="breed", attribute_columns=())
    assert len(train.images) == 40 and set(train.labels[level(train) >= 100]) == {-1}
    np.testing.assert_array_equal(train.labels[level(train) < 100], level(train)[level(train) < 100] % 4)


def test_a_set_in_the_cache_is_not_decoded_again(tmp_path, monkeypatch):
    stand_in(monkeypatch, {"train": split_of(0), "test": split_of(200)})
    first = both("hf:me/pets", tmp_path)[0].digest()
    monkeypatch.setattr(hub_source.HubPictures, "_read", None)
    assert both("hf:me/pets", tmp_path)[0].digest() == first


@pytest.mark.parametrize("error", [ConnectionError("the hub\ndoes not answer"), TimeoutError(), FileNotFoundError("x")])
def test_a_hub_that_does_not_answer_is_one_line(tmp_path, monkeypatch, error):
    stand_in(monkeypatch, {}, error)
    with pytest.raises(InputError, match=r"^cannot load hf:me/pets \(.*\): check the name and the network") as caught:
        load("hf:me/pets", "train", image_size=8, cache_dir=str(tmp_path))
    assert "\n" not in str(caught.value) and list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("source", "sets", "options", "message"),
    [
        ("hf:", {}, {}, "give hf:owner/name"),
        ("hf:../x", {}, {}, "give hf:owner/name"),
        ("hf:me/pets/more", {}, {}, "give hf:owner/name"),
        ("hf:me/pets", {"all": 1}, {}, "has no split 'train', only all"),
        ("hf:me/pets", {"train": split_of(0).select_columns(["kind"])}, {}, "has no pictures"),
        ("hf:me/pets", {"train": split_of(0)}, {"label_column": "name"}, "label_column name: .* give one of breed"),
        ("hf:me/pets", {"train": split_of(0)}, {"attribute_columns": ("breed",)}, "does not hold 0 and 1"),
        ("hf:me/pets", {"train": split_of(0)}, {"attributes": "t.csv"}, "t.csv"),
    ],
    ids=range(8),
)
def test_what_cannot_be_used_is_one_line(tmp_path, monkeypatch, source, sets, options, message):
    if "train" in sets:
        sets["train"].features = {name: sets["train"].features[name] for name in sets["train"].columns}
    stand_in(monkeypatch, sets)
    with pytest.raises(InputError, match=message) as caught:
        load(source, "train", image_size=8, cache_dir=str(tmp_path), **options)
    assert "\n" not in str(caught.value)


def test_without_the_library_the_error_names_the_extra(tmp_path, monkeypatch):
    real = importlib.import_module

    def missing(name: str):
        if name == "datasets":
            raise ModuleNotFoundError("No module named 'datasets'")
        return real(name)

    monkeypatch.setattr(importlib, "import_module", missing)
    with pytest.raises(InputError, match=r"pip install 'tfgan_models\[hf\]'"):
        load("hf:me/pets", "train", image_size=8, cache_dir=str(tmp_path))


@pytest.mark.slow
def test_the_library_itself_reads_a_local_data_set(tmp_path, monkeypatch):
    """A folder ``me/pets`` with Parquet files, which the library takes in place of the hub."""
    library = pytest.importorskip("datasets")
    from PIL import Image as Pictures

    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.chdir(tmp_path)
    features = library.Features(
        {
            "image": library.Image(),
            "label": library.ClassLabel(names=["cat", "dog", "eel"]),
            "old": library.Value("bool"),
        }
    )
    (tmp_path / "me" / "pets" / "data").mkdir(parents=True)
    for name, first in (("train", 0), ("test", 200)):
        rows = [
            {"image": Pictures.open(io.BytesIO(png(i))), "label": i % 3, "old": i % 2 == 0}
            for i in range(first, first + 20)
        ]
        library.Dataset.from_list(rows, features=features).to_parquet(f"me/pets/data/{name}-00000-of-00001.parquet")
    train, test = both("hf:me/pets", tmp_path / "cache")
    assert sorted(level(train)) == list(range(20)) and sorted(level(test)) == list(range(200, 220))
    for data in (train, test):
        np.testing.assert_array_equal(data.labels, level(data) % 3)
        np.testing.assert_array_equal(data.attributes[:, 0], level(data) % 2 == 0)


def test_a_split_without_labels_is_for_training_also_where_none_is_held_out(tmp_path, monkeypatch):
    parts = {"train": split_of(0, 60), "unlabeled": split_of(100)}
    for part in parts.values():
        del part.features["old"]
    stand_in(monkeypatch, parts)
    train, test = both("hf:me/pets", tmp_path, label_column="breed")
    assert sorted([*level(train), *level(test)]) == [*range(60), *range(100, 120)]
    assert 0 < len(test.images) < 20
    for data in (train, test):
        np.testing.assert_array_equal(data.labels, np.where(level(data) < 100, level(data) % 4, -1))


def test_attributes_are_preferred_to_a_split_without_any(tmp_path, monkeypatch):
    stand_in(monkeypatch, {"train": split_of(0, 60), "unlabeled": split_of(100)})
    data = both("hf:me/pets", tmp_path, label_column="breed", attribute_columns=("old",))
    assert sorted(np.concatenate([level(part) for part in data])) == list(range(60))
    for part in data:
        np.testing.assert_array_equal(part.attributes[:, 0], level(part) % 2 == 0)


def test_the_size_of_the_pictures_is_unknown_and_their_copies_are_found(tmp_path, monkeypatch, capsys):
    stand_in(monkeypatch, {"train": split_of(0), "test": split_of(18)})
    request = Request("train", 8, None)
    assert plan_hub("me/pets", request, FolderOptions(), None).read().source_bytes is None
    digests = []
    monkeypatch.setattr(copies, "_digest", lambda path, real=copies._digest: digests.append(path) or real(path))
    both("hf:me/pets", tmp_path)
    assert len(digests) == 4  # of those alone whose bytes in the middle are equal
    assert "2 of 20 held-out pictures are copies of training pictures" in capsys.readouterr().err

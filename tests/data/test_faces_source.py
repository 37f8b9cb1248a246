"""The drawn faces as a data set, and a disk that cannot take them."""

import pytest

from tfgan_models.data.sources import load
from tfgan_models.errors import InputError


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
def test_full_disk_while_faces_are_drawn_raises_input_error_and_leaves_nothing(
    writing, few_faces, tmp_path, monkeypatch
):
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


def test_data_dir_that_is_a_file_raises_input_error(few_faces, tmp_path):
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

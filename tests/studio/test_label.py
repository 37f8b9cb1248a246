"""Labels of a folder's pictures: the file, what continues it, and the functions of the tab."""

from __future__ import annotations

import shlex
import threading

import gradio
import numpy as np
import pytest
from PIL import Image

from tests.studio.conftest import built, event
from tfgan_models import InputError
from tfgan_models.data import sources
from tfgan_models.studio import label
from tfgan_models.studio.label_file import LabelFile
from tfgan_models.studio.workspace import Workspace

NAMES = ("Smiling", "Wearing Hat")


@pytest.fixture
def folder(tmp_path):
    """Five pictures, one of them in a sub-folder and with a comma in its name, and a text file."""
    folder = tmp_path / "photos"
    (folder / "more").mkdir(parents=True)
    for i, name in enumerate(["a.png", "b.png", "c.png", "d.png", "more/e, f.png"]):
        Image.fromarray(np.full((16, 16, 3), 40 * i, np.uint8)).save(folder / name)
    (folder / "notes.txt").write_text("no picture")
    return folder


def test_a_file_of_labels_is_what_a_training_reads(folder, tmp_path):
    labels = LabelFile(folder, names=NAMES)
    assert labels.pictures == ("a.png", "b.png", "c.png", "d.png", "more/e, f.png")
    expected = {}
    for i, picture in enumerate(labels.pictures):
        present = [name for bit, name in enumerate(NAMES) if i >> bit & 1]
        labels.set(picture, present)
        expected[i] = [int(name in present) for name in NAMES]
    assert labels.file == tmp_path / "photos-attributes.csv"
    options = {"image_size": 16, "attributes": str(labels.file), "cache_dir": str(tmp_path / "cache")}
    data = [sources.load(f"folder:{folder}", split, **options) for split in ("train", "test")]
    read = {}
    for part in data:
        assert part.attribute_names == NAMES
        read |= {int(image[0, 0, 0]) // 40: list(row) for image, row in zip(part.images, part.attributes, strict=True)}
    assert read == expected


def test_labeling_goes_on_where_it_ended_and_takes_back(folder):
    labels = LabelFile(folder, names=NAMES)
    assert label.save(labels, 0, ["Smiling"]) == 1
    assert label.save(labels, 2, []) == 3
    again = LabelFile(folder)
    assert again.names == NAMES and again.done() == 2 and again.first_without_label() == 1
    assert label.present(again, 0) == ["Smiling"] and label.present(again, 1) == []
    label.save(again, 0, ["Wearing Hat"])
    assert label.undo(again) == 0 and label.present(again, 0) == ["Smiling"]
    with pytest.raises(InputError, match="nothing to take back"):
        label.undo(again)
    assert label.undo(labels) == 2 and label.undo(labels) == 0
    assert labels.file.read_text() == "image,Smiling,Wearing Hat\n"
    assert LabelFile(folder).done() == 0 and LabelFile(folder).names == NAMES


def test_the_tab_names_keys_and_what_to_do_next(folder):
    labels = LabelFile(folder, names=NAMES)
    assert label.choices(labels) == [("1 · Smiling", "Smiling"), ("2 · Wearing Hat", "Wearing Hat")]
    assert "u" not in label.KEYS and len(set(label.KEYS)) == len(label.KEYS)
    assert "<img" in label.show(labels, 4) and "5 of 5: more/e, f.png · not labeled yet" in label.show(labels, 4)
    assert "0 of 5 pictures are labeled" in label.progress(labels)
    for at in range(5):
        label.save(labels, at, [])
    flags = shlex.split(label.progress(labels))[-4:]
    assert flags == ["--dataset", f"folder:{folder}", "--attributes", str(labels.file)]
    assert (label.place(labels, -3), label.place(labels, 99)) == (0, 4)
    (folder / "a.png").write_bytes(b"damaged since")
    assert "it cannot be shown" in label.show(labels, 0)


@pytest.mark.parametrize("processes", [1, 2])
def test_threads_and_processes_lose_no_label(folder, processes):
    """An object stands for a process: it knows of the others only by the file."""
    files = [LabelFile(folder, names=[f"n{i}" for i in range(5)]) for _ in range(processes)]
    threads = [
        threading.Thread(target=files[i % processes].set, args=(picture, [f"n{i}"]))
        for i, picture in enumerate(files[0].pictures)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    again = LabelFile(folder)
    assert [again.row(picture).index(True) for picture in again.pictures] == list(range(5))


def test_a_label_of_another_process_is_not_taken_back(folder):
    one, other = LabelFile(folder, names=NAMES), LabelFile(folder, names=NAMES)
    one.set("a.png", ["Smiling"])
    one.set("b.png", ["Smiling"])
    other.set("b.png", ["Wearing Hat"])
    with pytest.raises(InputError, match=r"'b\.png' was labeled in another window since"):
        one.undo()
    assert one.undo() == "a.png"
    assert LabelFile(folder).row("b.png") == (False, True) and LabelFile(folder).done() == 1


def test_labels_of_another_process_are_seen(folder):
    one, other = LabelFile(folder, names=NAMES), LabelFile(folder, names=NAMES)
    assert one.done() == 0
    other.set("a.png", ["Smiling"])
    assert one.row("a.png") == (True, False)
    other.set("b.png", [])
    assert (one.done(), one.pictures[one.first_without_label()]) == (2, one.pictures[2])
    other.file.write_text("nothing of ours")
    assert one.done() == 2


def test_the_page_says_which_picture_it_saves(folder):
    """The state of the server is ahead of the browser until an answer arrives, so it cannot name the picture."""
    labels = LabelFile(folder, names=NAMES)
    blocks = built(label, Workspace({}, lambda *_: None, label_file=labels))
    save = event(blocks, "save_and_go")
    assert not any(isinstance(component, gradio.State) for component in save.inputs)
    assert save.fn("d.png", ["Smiling"])[0] == "more/e, f.png"
    assert labels.row("d.png") == (True, False) and labels.done() == 1
    with pytest.raises(gradio.Error, match="load the page again"):
        save.fn("of another folder.png", [])


def test_what_is_refused(folder, tmp_path):
    with pytest.raises(InputError, match="label_names: give names of attributes"):
        LabelFile(folder)
    for name in ("a,b", "", 'a"b', "image"):
        with pytest.raises(InputError, match="give a name without commas"):
            LabelFile(folder, names=[name])
    with pytest.raises(InputError, match="give each name once"):
        LabelFile(folder, names=["a", "a"])
    with pytest.raises(InputError, match="there is no such folder"):
        LabelFile(tmp_path / "none", names=NAMES)
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match="no pictures that can be read"):
        LabelFile(tmp_path / "empty", names=NAMES)
    labels = LabelFile(folder, names=NAMES)
    with pytest.raises(InputError, match=r"there is no picture '\.\./secret\.png'"):
        labels.set("../secret.png", [])
    with pytest.raises(InputError, match="there is no attribute 'Hat'"):
        labels.set("a.png", ["Hat"])
    labels.set("a.png", [])
    with pytest.raises(InputError, match="leave out the names"):
        LabelFile(folder, names=["Smiling"])
    (folder / "a.png").unlink()
    with pytest.raises(InputError, match=r"'a\.png' is not in"):
        LabelFile(folder)
    labels.file.write_text("some text\nof another kind\n")
    with pytest.raises(InputError, match="it has no column 'image'"):
        LabelFile(folder)


def test_a_table_behind_a_link_is_written_and_not_the_link(folder, tmp_path):
    (tmp_path / "shared").mkdir()
    (tmp_path / "photos-attributes.csv").symlink_to(tmp_path / "shared" / "labels.csv")
    LabelFile(folder, names=NAMES).set("a.png", ["Smiling"])
    assert (tmp_path / "photos-attributes.csv").is_symlink()
    assert LabelFile(folder, tmp_path / "shared" / "labels.csv").row("a.png") == (True, False)


def test_a_table_that_cannot_be_written_is_said(folder, monkeypatch):
    labels = LabelFile(folder, names=NAMES)
    labels.set("a.png", ["Smiling"])

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("tfgan_models.files.flush", full)
    with pytest.raises(InputError, match=r"label_file .*: it cannot be written \(No space left on device\)"):
        labels.set("b.png", [])
    assert labels.done() == 1 and LabelFile(folder).done() == 1

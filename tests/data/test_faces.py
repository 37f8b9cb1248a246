"""The drawn faces: exact repetition, truthful attributes, and the data set on disk."""

import dataclasses
import hashlib
import os
import subprocess
import sys
import time

import numpy as np
import pytest
from PIL import Image

from tests.tiers import tiered
from tfgan_models.data.faces import attributes, parallel, sampling
from tfgan_models.data.faces import builder as builder_module
from tfgan_models.data.faces.attributes import ATTRIBUTE_NAMES, names_of
from tfgan_models.data.faces.drawing import draw, render
from tfgan_models.data.faces.face import Face, sample_face
from tfgan_models.errors import InputError
from tfgan_models.files import STALE_SECONDS

# Where in the picture an attribute shows, as shares of its width and height: left, top, right, bottom.
TOP, EYES, NOSE = (0.0, 0.0, 1.0, 0.60), (0.15, 0.22, 0.85, 0.62), (0.25, 0.35, 0.75, 0.72)
MOUTH, CHEEKS, JAW = (0.2, 0.48, 0.8, 0.86), (0.15, 0.35, 0.85, 0.80), (0.1, 0.35, 0.9, 0.98)
CHEST, ALL = (0.0, 0.72, 1.0, 1.0), (0.0, 0.0, 1.0, 1.0)
REGIONS = {
    "5_o_Clock_Shadow": JAW,
    "Arched_Eyebrows": EYES,
    "Bags_Under_Eyes": EYES,
    "Bald": TOP,
    "Bangs": TOP,
    "Big_Lips": MOUTH,
    "Big_Nose": NOSE,
    "Black_Hair": ALL,
    "Blond_Hair": ALL,
    "Brown_Hair": ALL,
    "Bushy_Eyebrows": EYES,
    "Chubby": ALL,
    "Double_Chin": JAW,
    "Eyeglasses": EYES,
    "Freckles": CHEEKS,
    "Goatee": JAW,
    "Gray_Hair": ALL,
    "Headphones": (0.0, 0.0, 1.0, 0.75),
    "Heavy_Makeup": EYES,
    "High_Cheekbones": CHEEKS,
    "Long_Hair": ALL,
    "Mouth_Slightly_Open": MOUTH,
    "Mustache": MOUTH,
    "Narrow_Eyes": EYES,
    "No_Beard": JAW,
    "Oval_Face": ALL,
    "Pale_Skin": ALL,
    "Pointy_Nose": NOSE,
    "Receding_Hairline": TOP,
    "Red_Hair": ALL,
    "Rosy_Cheeks": CHEEKS,
    "Sideburns": (0.1, 0.2, 0.9, 0.75),
    "Smiling": (0.2, 0.45, 0.8, 0.86),
    "Straight_Hair": ALL,
    "Wavy_Hair": ALL,
    "Wearing_Earrings": (0.05, 0.4, 0.95, 0.8),
    "Wearing_Hat": TOP,
    "Wearing_Lipstick": MOUTH,
    "Wearing_Necklace": CHEST,
    "Wearing_Necktie": CHEST,
}


def sampled(count: int, seed: int = 0) -> np.ndarray:
    return np.stack([sampling.sample(seed, index) for index in range(count)])


def pairs(name: str, count: int) -> list[tuple[Face, Face]]:
    """Faces with and without one attribute, equal in all else, both of them allowed by the rules."""
    found: list[tuple[Face, Face]] = []
    index = 0
    while len(found) < count:
        face = sample_face(11, index)
        index += 1
        present, absent = face.attributes | {name}, face.attributes - {name}
        if not attributes.violations(present) and not attributes.violations(absent):
            found.append((dataclasses.replace(face, attributes=present), dataclasses.replace(face, attributes=absent)))
    return found


def digest(seed: int, indices: range, size: int) -> str:
    return hashlib.sha256(b"".join(draw(seed, i, size)[0].tobytes() for i in indices)).hexdigest()


def test_forty_different_names():
    assert len(ATTRIBUTE_NAMES) == len(set(ATTRIBUTE_NAMES)) == 40
    assert set(REGIONS) == set(ATTRIBUTE_NAMES)


def test_every_attribute_is_neither_rare_nor_the_rule():
    frequency = dict(zip(ATTRIBUTE_NAMES, sampled(3000).mean(axis=0), strict=True))
    assert {name: share for name, share in frequency.items() if not 0.08 <= share <= 0.60} == {}


def test_sampled_attributes_keep_the_rules():
    broken = {index: attributes.violations(names_of(row)) for index, row in enumerate(sampled(3000, seed=4))}
    assert {index: rules for index, rules in broken.items() if rules} == {}


@pytest.mark.parametrize(
    "names",
    [
        {"Black_Hair", "Red_Hair", "No_Beard"},
        {"Bald", "Bangs", "No_Beard"},
        {"Bald", "Long_Hair", "No_Beard"},
        {"Wearing_Hat", "Brown_Hair", "No_Beard"},
        {"Wearing_Hat", "Headphones", "No_Beard"},
        {"Long_Hair", "Sideburns", "No_Beard"},
        {"Goatee", "No_Beard"},
        {"Double_Chin"},
        {"Attractive", "No_Beard"},
    ],
)
def test_contradictions_are_named(names: set[str]):
    assert len(attributes.violations(names)) == 1


def test_hair_under_a_hat_has_a_colour_only_where_it_is_long():
    assert not attributes.violations({"Wearing_Hat", "Long_Hair", "Brown_Hair", "No_Beard"})
    faces = [names_of(row) for row in sampled(2000)]
    hidden = [face for face in faces if "Wearing_Hat" in face and "Long_Hair" not in face]
    assert len(hidden) > 50
    assert not any(face & set(attributes.HAIR_COLOURS) for face in hidden)


@pytest.mark.parametrize("name", tiered(ATTRIBUTE_NAMES, ATTRIBUTE_NAMES[::4]))
def test_attribute_shows_at_64_pixels_where_it_belongs(name: str):
    left, top, right, bottom = (round(64 * share) for share in REGIONS[name])
    for present, absent in pairs(name, 16):
        difference = np.abs(render(present, 64).astype(int) - render(absent, 64)).max(axis=-1)
        changed = difference > 20
        assert changed.sum() >= 10, present
        assert changed[top:bottom, left:right].sum() >= 0.85 * changed.sum(), present


def test_the_same_number_is_the_same_face_in_this_and_in_another_process():
    assert digest(3, range(5, 12), 64) == digest(3, range(5, 12), 64)
    code = (
        "import hashlib; from tfgan_models.data.faces.drawing import draw; import sys;"
        "print(hashlib.sha256(b''.join(draw(3, i, 64)[0].tobytes() for i in range(5, 12))).hexdigest());"
        "print('tensorflow' in sys.modules)"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    answer = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert answer.stdout.split() == [digest(3, range(5, 12), 64), "False"]


def test_indices_and_seeds_give_different_faces():
    faces = [draw(seed, index, 32)[0] for seed in (0, 1) for index in range(12)]
    distances = [np.abs(a.astype(int) - b).mean() for i, a in enumerate(faces) for b in faces[:i]]
    assert min(distances) > 8


@pytest.mark.parametrize("size", [16, 17, 28, 32, 63, 64, 65, 100, 128, 160])
def test_every_size_shows_the_same_face(size: int):
    reference, present = draw(0, 3, 160)
    image, same = draw(0, 3, size)
    assert image.shape == (size, size, 3) and image.dtype == np.uint8
    np.testing.assert_array_equal(same, present)
    small = [_resized(picture, 16) for picture in (image, reference, draw(0, 4, 160)[0])]
    assert np.abs(small[0] - small[1]).mean() < 0.2 * np.abs(small[0] - small[2]).mean()


def test_attributes_match_what_is_drawn():
    face = sample_face(0, 9)
    image, present = draw(0, 9, 64)
    assert names_of(present) == face.attributes
    np.testing.assert_array_equal(image, render(face, 64))


def test_worker_processes_draw_what_this_process_draws():
    expected = parallel.draw_batch(2, 10, 420, 16)
    assert list(parallel.draw_all(2, 10, 420, 16)) == expected


def test_the_data_set_gives_back_every_image_and_attribute(tmp_path, capfd):
    config = builder_module.FacesConfig.of(24, train_count=40, test_count=10, seed=5)
    builder = builder_module.prepare(24, tmp_path, config)
    printed = capfd.readouterr()
    assert printed.out == "" and "Drawing 50 faces of 24 pixels" in printed.err
    for split, first, count in (("train", 0, 40), ("test", 40, 10)):
        examples = list(builder.as_dataset(split=split).as_numpy_iterator())
        assert len(examples) == count
        for index, example in enumerate(examples, start=first):
            image, present = draw(5, index, 24)
            np.testing.assert_array_equal(example["image"], image)
            assert [bool(example["attributes"][name]) for name in ATTRIBUTE_NAMES] == present.astype(bool).tolist()
    files = {file: file.stat().st_mtime_ns for file in tmp_path.rglob("*.tfrecord*")}
    builder_module.prepare(24, tmp_path, config)
    assert "Drawing" not in capfd.readouterr().err
    assert {file: file.stat().st_mtime_ns for file in tmp_path.rglob("*.tfrecord*")} == files


def test_an_interrupted_run_is_not_taken_for_a_data_set(tmp_path, monkeypatch):
    config = builder_module.FacesConfig.of(16, train_count=20, test_count=5)

    def breaks_off(*arguments):
        yield from parallel.draw_batch(0, 0, 7, 16)
        raise KeyboardInterrupt

    monkeypatch.setattr(builder_module, "draw_all", breaks_off)
    with pytest.raises(KeyboardInterrupt):
        builder_module.prepare(16, tmp_path, config)
    monkeypatch.undo()
    builder = builder_module.prepare(16, tmp_path, config)
    assert builder.info.splits["train"].num_examples == 20
    assert len(list(builder.as_dataset(split="train"))) == 20


def test_what_killed_runs_left_is_removed_when_it_is_old(tmp_path):
    config = builder_module.FacesConfig.of(16, train_count=2, test_count=1)
    builder_module.prepare(16, tmp_path, config)
    prepared = tmp_path / "faces" / config.name
    old, new, other = prepared / "incomplete.OLD_1.0.0", prepared / "incomplete.NEW_1.0.0", prepared / "1.0.0"
    elsewhere = tmp_path / "faces" / "64" / "incomplete.OLD_1.0.0"
    past = time.time() - STALE_SECONDS - 10
    for folder in (old, new, elsewhere):
        folder.mkdir(parents=True)
        (folder / "bucket.tmp").write_bytes(b"half")
    for folder in (old, elsewhere, other):
        for path in (*folder.iterdir(), folder):
            os.utime(path, (past, past))
    builder = builder_module.prepare(16, tmp_path, config)
    assert [folder.exists() for folder in (old, elsewhere, new, other)] == [False, False, True, True]
    assert len(list(builder.as_dataset(split="train"))) == 2


@pytest.mark.parametrize("size", [15, 161])
def test_a_size_that_cannot_be_drawn_is_refused(size: int, tmp_path):
    with pytest.raises(InputError, match=rf"16 to 160 pixels, not {size}"):
        builder_module.prepare(size, tmp_path)
    assert list(tmp_path.iterdir()) == []


def _resized(picture: np.ndarray, size: int) -> np.ndarray:
    return np.asarray(Image.fromarray(picture).resize((size, size), Image.Resampling.BOX), float)

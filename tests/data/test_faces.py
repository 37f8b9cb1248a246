"""The drawing of faces: exact repetition and visible attributes."""

import dataclasses
import hashlib
import os
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

from tests.tiers import tiered
from tfgan_models.data.faces import attributes, sampling
from tfgan_models.data.faces.attributes import ATTRIBUTE_NAMES, names_of
from tfgan_models.data.faces.drawing import draw, render
from tfgan_models.data.faces.face import Face, sample_face

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
    actual: list[tuple[Face, Face]] = []
    index = 0
    while len(actual) < count:
        face = sample_face(11, index)
        index += 1
        present, absent = face.attributes | {name}, face.attributes - {name}
        if not attributes.violations(present) and not attributes.violations(absent):
            actual.append((dataclasses.replace(face, attributes=present), dataclasses.replace(face, attributes=absent)))
    return actual


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


def test_hair_under_a_hat_has_a_color_only_where_it_is_long():
    assert not attributes.violations({"Wearing_Hat", "Long_Hair", "Brown_Hair", "No_Beard"})
    faces = [names_of(row) for row in sampled(2000)]
    hidden = [face for face in faces if "Wearing_Hat" in face and "Long_Hair" not in face]
    assert len(hidden) > 50
    assert not any(face & set(attributes.HAIR_COLORS) for face in hidden)


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


@pytest.mark.parametrize("size", [8, 16, 17, 28, 32, 63, 64, 65, 100, 128, 160])
def test_every_size_shows_the_same_face(size: int):
    reference, present = draw(0, 3, 160)
    image, same = draw(0, 3, size)
    assert image.shape == (size, size, 3) and image.dtype == np.uint8
    np.testing.assert_array_equal(same, present)
    small = [_resized(picture, min(size, 16)) for picture in (image, reference, draw(0, 4, 160)[0])]
    assert np.abs(small[0] - small[1]).mean() < 0.2 * np.abs(small[0] - small[2]).mean()


def test_attributes_match_what_is_drawn():
    face = sample_face(0, 9)
    image, present = draw(0, 9, 64)
    assert names_of(present) == face.attributes
    np.testing.assert_array_equal(image, render(face, 64))


def _resized(picture: np.ndarray, size: int) -> np.ndarray:
    return np.asarray(Image.fromarray(picture).resize((size, size), Image.Resampling.BOX), float)

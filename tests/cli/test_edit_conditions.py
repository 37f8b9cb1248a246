"""``tfgan edit`` by models whose latents begin with a class or attributes, which change while the style stays."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from tests.cli.test_edit import cells, read
from tests.generated import keep_latents
from tests.models.conditional import LABELS
from tests.models.sizes import CLASSES, SIZE
from tfgan_models import InputError, export
from tfgan_models.cli import edit, training_data
from tfgan_models.data.image_set import ImageSet
from tfgan_models.data.pixels import to_bytes, to_float
from tfgan_models.export import own_conditions

IMAGES = np.random.default_rng(0).integers(0, 256, (6, SIZE, SIZE, 1), np.uint8)
ONE_HOT = np.eye(CLASSES, dtype=np.float32)


@pytest.fixture(scope="module")
def pictures(tmp_path_factory) -> list[str]:
    folder = tmp_path_factory.mktemp("pictures")
    paths = [str(folder / f"{i}.png") for i in range(2)]
    for path, image in zip(paths, IMAGES, strict=False):
        Image.fromarray(image[..., 0]).save(path)
    return paths


def draw(path, folder, **flags) -> np.ndarray:
    edit.main(edit.EditFlags(model=str(path), output=str(folder / "edits.png"), **flags))
    return np.asarray(Image.open(folder / "edits.png"))[..., None]


@pytest.mark.parametrize(
    ("name", "label"),
    [("vaegan_projection", ("class 2", "class 0")), ("supervised_aae", ("1",)), ("semi_supervised_aae", ())],
)
def test_pictures_get_each_class(name, label, exported, pictures, tmp_path, monkeypatch, capsys):
    path, seen = exported(name), keep_latents(monkeypatch)
    drawn = cells(draw(path, tmp_path, image=tuple(pictures), label=label), 2, 1 + CLASSES)
    model, images = export.load(path), np.stack([read(path) for path in pictures])
    told = ONE_HOT[[2, 0] if len(label) > 1 else [1, 1]] if label else None
    codes = own_conditions.codes(model, images, told)
    assert len(seen) == 2
    for image, code, latents, row in zip(images, codes, seen[:2], drawn, strict=True):
        np.testing.assert_array_equal(latents[:, :CLASSES], ONE_HOT)
        np.testing.assert_array_equal(latents[:, CLASSES:], np.tile(code[CLASSES:], (CLASSES, 1)))
        np.testing.assert_array_equal(row[0], to_bytes(image))
        expected = to_bytes(model("generate", latent=latents)["image"])
        np.testing.assert_allclose(np.int32(row[1:]), np.int32(expected), atol=1)
    assert f"edits.png: 2 pictures, 3 classes in a row for each, by {model.path}" in capsys.readouterr().out


def test_held_out_pictures_get_attributes_one_by_one(exported, tmp_path, monkeypatch, capsys):
    path, seen = exported("vaegan_concat"), keep_latents(monkeypatch)
    model = export.load(path)
    names = model.manifest["condition"]["names"]
    attributes = np.random.default_rng(1).integers(0, 2, (len(IMAGES), len(names)), np.uint8)
    data = ImageSet(IMAGES, None, attributes, (), tuple(names), "images")
    monkeypatch.setattr(training_data, "load", lambda *_: data)
    drawn = cells(draw(path, tmp_path, count=2, steps=3, attributes=tuple(names[1:])), 4, 4)
    rows = [np.flatnonzero((drawn[2 * i, 0] == IMAGES).all((1, 2, 3)))[0] for i in range(2)]
    codes = own_conditions.codes(model, to_float(IMAGES[rows]), attributes[rows].astype(np.float32))
    assert len(seen) == 4
    for i, latents in enumerate(seen):
        expected = np.tile(codes[i // 2], (3, 1))
        expected[:, 1 + i % 2] = [0, 0.5, 1]
        np.testing.assert_array_equal(latents, expected)
    assert "edits.png: 2 pictures, 2 attributes, from 0 to 1, by" in capsys.readouterr().out


@pytest.mark.parametrize("name", ["gan_projection", "gan_concat"])
def test_samples_of_conditional_gans_are_edited(name, exported, tmp_path, monkeypatch):
    path, seen = exported(name), keep_latents(monkeypatch)
    draw(path, tmp_path, count=2, seed=3)
    samples = export.load(path)("sample", count=2, seed=3)["latent"]
    size = CLASSES  # of classes and of attributes
    each = 1 if name == "gan_projection" else size
    assert len(seen) == 2 * each
    for i, latents in enumerate(seen):
        np.testing.assert_array_equal(latents[:, size:], np.tile(samples[i // each, size:], (len(latents), 1)))


def test_styles_move_by_what_the_class_says_about_them(exported, pictures, tmp_path, monkeypatch):
    original = export.ExportedModel.with_conditions

    def with_effects(self, latent, conditions, source=None):
        effects = np.zeros((CLASSES, latent.shape[1] - CLASSES), np.float32) + np.arange(CLASSES)[:, None]
        monkeypatch.setattr(self._loaded, "condition_effects", effects, raising=False)
        monkeypatch.setitem(self.manifest, "sampler", "codes")
        return original(self, latent, conditions, source)

    monkeypatch.setattr(export.ExportedModel, "with_conditions", with_effects)
    path, seen = exported("vaegan_projection"), keep_latents(monkeypatch)
    draw(path, tmp_path, image=(pictures[0],), label=("class 1",))
    style = seen[0][1, CLASSES:]  # of the picture's own class, which does not move
    np.testing.assert_allclose(seen[0][:, CLASSES:], style + np.array([[-1], [0], [1]]), rtol=1e-5)


@pytest.mark.parametrize(
    ("name", "flags", "said"),
    [
        ("vaegan_projection", {}, "--image: add --label: .* is told the class of the pictures, give one of class 0"),
        ("vaegan_projection", {"label": ("class 9",)}, "--label class 9: 'class 9' is unknown"),
        ("vaegan_projection", {"label": ("1",), "strength": (0, 1)}, "--strength 0 1: a picture has one class and not"),
        ("vaegan_projection", {"label": ("1",), "steps": 3}, "--steps 3: a picture has one class and not a strength"),
        ("vaegan_projection", {"label": ("1",), "attributes": ("clas 1",)}, "did you mean class 1.*The model knows cl"),
        ("vaegan_concat", {}, "--image: add --with or --without: .* is told the attributes of the pictures"),
        ("vaegan_concat", {"with_": ("attribute 1",), "strength": (-1, 1)}, "--strength -1 1: this model is told attr"),
        ("vae", {"label": ("1",)}, "--label 1: .* is not conditioned on labels"),
        ("gan_projection", {}, "does not encode pictures to latents"),
    ],
)
def test_what_cannot_be_is_refused(name, flags, said, exported, pictures, tmp_path):
    with pytest.raises(InputError, match=said):
        draw(exported(name), tmp_path, image=(pictures[0],), **flags)
    assert not list(tmp_path.iterdir())


def test_a_class_of_pictures_needs_pictures(exported, tmp_path):
    with pytest.raises(InputError, match="--label class 1: it says what the pictures of --image show: add --image"):
        draw(exported("vaegan_projection"), tmp_path, label=LABELS[1:2])

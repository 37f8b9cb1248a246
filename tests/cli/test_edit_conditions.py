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
from tfgan_models.cli import edit, edit_conditions, training_data
from tfgan_models.data.image_set import ImageSet
from tfgan_models.data.pixels import to_bytes, to_float
from tfgan_models.export import own_conditions
from tfgan_models.export.condition_edits import with_attribute, with_classes
from tfgan_models.export.refinement import Refiner
from tfgan_models.plots import class_names

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
    flags = {"attributes": tuple(names[1:]), "strength": (0, 1), "steps": 3}
    drawn = cells(draw(path, tmp_path, count=2, **flags), 4, 4)
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


def test_strengths_of_attributes_exaggerate_by_default(exported, pictures, tmp_path, monkeypatch):
    path, seen = exported("vaegan_concat"), keep_latents(monkeypatch)
    draw(path, tmp_path, image=(pictures[0],), without=("attribute 1",), attributes=("attribute 0",))
    names = export.load(path).manifest["condition"]["names"]
    np.testing.assert_array_equal(seen[0][:, names.index("attribute 0")], [-1, -0.5, 0, 0.5, 1, 1.5, 2])
    np.testing.assert_array_equal(seen[0][:, names.index("attribute 1")], 0)


def test_the_class_that_a_model_reads_is_certain_before_its_style_is_refined(exported, pictures, tmp_path, monkeypatch):
    refined = []
    monkeypatch.setattr(Refiner, "__call__", lambda self, images, codes, _: refined.append(codes) or codes)
    draw(exported("semi_supervised_aae"), tmp_path, image=tuple(pictures), refine=3)
    assert np.isin(refined[0][:, :CLASSES], (0, 1)).all() and (refined[0][:, :CLASSES].sum(1) == 1).all()


def test_clusters_are_no_classes(exported):
    model = export.load(exported("clustering_aae"))
    model.manifest["attribute_vectors"] = None
    assert edit_conditions.changes_condition(edit.EditFlags(model="m"), model)
    model.manifest["attribute_vectors"] = {"names": ["0", "1"]}  # vectors of digits, whose numbers clusters have, too
    assert not edit_conditions.changes_condition(edit.EditFlags(model="m", attributes=("1",)), model)


def test_numbers_of_classes_beside_vectors(exported):
    model = export.load(exported("semi_supervised_aae"))
    model.manifest["attribute_vectors"] = {"names": ["Hat"]}
    for names, inside in ((("1",), True), (("Hat",), False), ((), False)):
        assert edit_conditions.changes_condition(edit.EditFlags(model="m", attributes=names), model) is inside
    with pytest.raises(InputError, match="is changed in the latent itself, in a sheet of its own: remove Hat"):
        edit_conditions.changes_condition(edit.EditFlags(model="m", attributes=("Hat", "1")), model)


def test_a_legend_where_the_sheet_has_numbers(exported, pictures, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(edit_conditions, "drawable", lambda names: class_names.ClassNames(names, (), True))
    draw(exported("vaegan_projection"), tmp_path, image=(pictures[0],), label=("0",))
    assert capsys.readouterr().out.endswith("\n  0: class 0\n  1: class 1\n  2: class 2\n")


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
        (
            "vaegan_concat",
            {"with_": ("attribute 1",), "attributes": ("attribute 1",), "directions": ("weights_1",)},
            "--attributes attribute 1: attribute 1 is changed in the latent itself.*: remove weights_1",
        ),
        (
            "gan_projection",
            {"image": (), "count": 9**9},
            "pictures, 3 classes would have .* --count, or name some --att",
        ),
        ("vae", {"label": ("1",)}, "--label 1: .* is not conditioned on labels"),
        ("gan_projection", {}, "does not encode pictures to latents"),
    ],
)
def test_what_cannot_be_is_refused(name, flags, said, exported, pictures, tmp_path):
    with pytest.raises(InputError, match=said):
        draw(exported(name), tmp_path, **{"image": (pictures[0],), **flags})
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(("flag", "value"), [("label", LABELS[1:2]), ("with_", ("attribute 1",))])
def test_a_condition_of_pictures_needs_pictures(flag, value, exported, tmp_path):
    said = f"--{flag.rstrip('_')} {value[0]}: it says what the pictures of --image show, and there are none"
    with pytest.raises(InputError, match=said):
        draw(exported("vaegan_projection"), tmp_path, **{flag: value})


def test_in_python_latents_are_checked(exported):
    model = export.load(exported("vaegan_projection"))
    latents = model("sample", count=2, seed=0)["latent"]
    assert with_classes(model, latents, ()).shape == (2, 0, latents.shape[1])
    assert with_classes(model, latents[:0], LABELS).shape == (0, CLASSES, latents.shape[1])
    with pytest.raises(InputError, match=r"latents of shape \[2, 2\]: give"):
        with_classes(model, latents[:, :2], LABELS)
    with pytest.raises(InputError, match="is not conditioned on attributes"):
        with_attribute(model, latents, "class 1", np.ones(1))

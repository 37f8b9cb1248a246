"""``tfgan sample --reconstruct`` and ``--between`` with models that are told the class or the attributes."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from tests.cli.test_sample_pictures import cells, draw
from tests.generated import keep_latents
from tests.models.conditional import MODELS as CONDITIONAL
from tests.models.sizes import CLASSES
from tests.models.small import MODELS
from tfgan_models import InputError, export
from tfgan_models.data.own_pictures import read_like_training
from tfgan_models.data.pixels import to_bytes
from tfgan_models.export import own_conditions


@pytest.fixture
def pictures(tmp_path) -> list[str]:
    """Four pictures in color that are not square."""
    paths = [str(tmp_path / f"{i}.png") for i in range(4)]
    for i, path in enumerate(paths):
        Image.fromarray(np.random.default_rng(i).integers(0, 256, (20, 30, 3), np.uint8)).save(path)
    return paths


@pytest.mark.parametrize(
    ("name", "flags", "condition"),
    [
        ("vaegan_projection", {"label": ("class 1",)}, [0, 1, 0]),
        ("vaegan_concat", {"without": ("attribute 2",)}, [0, 0, 0]),
        ("vaegan_concat", {"with_": ("attribute 0",)}, [0, 1, 0]),  # the order is attribute 2, 0, 1
        ("vaegan_concat", {"with_": ("attribute 1", "attribute 2"), "without": ("attribute 0",)}, [1, 0, 1]),
        ("supervised_aae", {"label": ("2",)}, 2),
    ],
)
def test_pictures_are_reconstructed_with_their_class_or_attributes(
    name, flags, condition, exported, pictures, tmp_path, capsys
):
    model = export.load(exported(name))
    drawn = cells(draw(exported(name), tmp_path, reconstruct=tuple(pictures), **flags), 2, 4)
    words = "".join(f" {how.replace('label', 'as').rstrip('_')} {', '.join(names)}" for how, names in flags.items())
    assert f"sheet.png: 4 pictures and their reconstructions{words} by {exported(name)}\n" in capsys.readouterr().out
    images = read_like_training(pictures, model.manifest)
    of_each = np.array([condition] * 4, np.float32)
    told = {"label": of_each.astype(np.int32)} if name == "supervised_aae" else {"condition": of_each}
    np.testing.assert_array_equal(drawn[1], to_bytes(model("reconstruct", image=images, **told)["image"]))


@pytest.mark.parametrize(
    ("name", "flags", "said"),
    [
        ("vaegan_projection", {}, "--reconstruct: add --label: .* is told the class of the pictures, give one of cla"),
        ("vaegan_projection", {"label": ("0", "1")}, "--label 0 1: .* is told the class of the pictures, give one of"),
        ("vaegan_projection", {"label": ("7",)}, "--label 7: '7' is unknown, give one of class 0, class 1, class 2"),
        ("vaegan_projection", {"with_": ("a",)}, "--with a: .* is not conditioned on attributes"),
        ("vaegan_concat", {}, "--reconstruct: add --with or --without: .* which are attribute 2, attribute 0, attrib"),
        ("vaegan_concat", {"label": ("0",)}, "--label 0: .* is not conditioned on labels"),
        ("supervised_aae", {}, "--reconstruct: add --label: .* is told the class of the pictures, give one of 0, 1, 2"),
        ("vae", {"label": ("0",)}, "--label 0: .* is not conditioned on labels"),
        ("semi_supervised_aae", {"label": ("0",)}, "--label 0: .* reconstructs pictures without it, remove it"),
    ],
)
def test_a_condition_that_does_not_fit_the_model_is_refused(name, flags, said, exported, pictures, tmp_path):
    with pytest.raises(InputError, match=f"^{said}") as error:
        draw(exported(name), tmp_path, reconstruct=tuple(pictures), **flags)
    assert "\n" not in str(error.value)
    assert not (tmp_path / "sheet.png").exists()


@pytest.mark.parametrize(
    ("name", "flags"),
    [("vaegan", {}), ("vaegan_projection", {"label": ("1",)}), ("supervised_aae", {"label": ("1",)})],
)
def test_refined_reconstructions_are_nearer_to_the_pictures(name, flags, tmp_path, capsys):
    model = {**MODELS, **CONDITIONAL}[name]()
    for variable in model.decoder.trainable_variables:
        if variable.name == "kernel":
            variable.assign(15 * variable)  # so that images of different latents differ
    path = export.save(model, tmp_path / "model", {})
    loaded = export.load(path)
    latents = loaded("sample", count=4, seed=9)["latent"]
    if flags:
        latents[:, :CLASSES] = np.eye(CLASSES)[1]
    images = loaded("generate", latent=latents)["image"]
    pictures = tuple(str(tmp_path / f"{i}.png") for i in range(4))
    for file, image in zip(pictures, to_bytes(images), strict=True):
        Image.fromarray(image[..., 0]).save(file)

    def drawn(refine: int, **options) -> np.ndarray:
        return draw(path, tmp_path, refine=refine, **options, **flags).astype(int)

    plain, refined = (cells(drawn(steps, reconstruct=pictures), 2, 4) for steps in (0, 60))
    errors = [np.square(sheet[1] - sheet[0]).mean() for sheet in (plain, refined)]
    assert errors[1] < errors[0] / 2
    assert capsys.readouterr().err.splitlines().count("Refining the codes of 4 pictures: 60 steps each") == 1
    np.testing.assert_array_equal(cells(drawn(60, reconstruct=pictures), 2, 4), refined)
    walk = cells(drawn(60, between=pictures, steps=2), 3, 4)
    np.testing.assert_array_equal(walk[0, 1], refined[1, 0])


def test_only_codes_can_be_refined(exported, pictures, tmp_path):
    with pytest.raises(InputError, match="--refine 5: it has no effect without --reconstruct or --between"):
        draw(exported("vaegan"), tmp_path, refine=5)


@pytest.mark.parametrize(
    ("name", "told", "conditions"),
    [
        ("supervised_aae", {"label": ("2", "0", "0")}, np.eye(CLASSES)[[2, 0, 0]]),
        ("supervised_aae", {"label": ("1",)}, np.eye(CLASSES)[[1, 1, 1]]),
        ("vaegan_projection", {"label": ("class 2", "class 1", "0")}, np.eye(CLASSES)[[2, 1, 0]]),
        ("vaegan_concat", {"with_": ("attribute 1",)}, None),
    ],
)
def test_models_that_are_told_the_condition_walk_between_pictures(
    name, told, conditions, exported, pictures, tmp_path, monkeypatch
):
    path, model, seen = exported(name), export.load(exported(name)), keep_latents(monkeypatch)
    if conditions is None:
        conditions = np.tile(np.isin(model.manifest["condition"]["names"], told["with_"]), (3, 1))
    conditions = conditions.astype(np.float32)
    drawn = cells(draw(path, tmp_path, between=tuple(pictures[:3]), steps=2, **told), 2, 4)
    images = read_like_training(pictures[:3], model.manifest)
    np.testing.assert_array_equal(drawn[0, 0], to_bytes(images[0]))
    expected = own_conditions.reconstruct(model, images, conditions)
    assert len(seen) == 2 and np.abs(expected).max() > 1e-5
    for i, walk in enumerate(seen[:2]):  # its ends are the codes of two pictures, whose images are the reconstructions
        np.testing.assert_array_equal(walk[:, : conditions.shape[1]], conditions[i : i + 2])
        reconstructions = model("generate", latent=walk)["image"]
        np.testing.assert_allclose(reconstructions, expected[i : i + 2], rtol=1e-4, atol=1e-7)

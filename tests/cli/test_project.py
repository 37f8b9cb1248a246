"""``tfgan project``: pictures of a model's own are found again, and their latents can be edited."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import keras
import numpy as np
import pytest
from PIL import Image

from tests.cli.test_edit import cells
from tests.cli.test_edit_directions import VECTORS
from tests.cli.test_edit_directions import draw as edit_sheet
from tests.cli.test_edit_directions import exported as with_directions
from tests.latent.test_projection import vivid_gan
from tests.models.sizes import CLASSES, SIZE
from tests.tiers import tiered
from tfgan_models import InputError, export
from tfgan_models.cli import project
from tfgan_models.data.pixels import to_bytes, to_float
from tfgan_models.metrics import in_domain_extractor


def pictures(model: export.ExportedModel, folder: Path, count: int = 2) -> tuple[tuple[str, ...], np.ndarray]:
    """Samples of the model, as files and as bytes."""
    images = to_bytes(model("sample", count=count, seed=77)["image"])
    paths = tuple(str(folder / f"{i}.png") for i in range(count))
    for path, image in zip(paths, images, strict=True):
        Image.fromarray(image[..., 0]).save(path)
    return paths, images


def images_of(paths: tuple[str, ...]) -> np.ndarray:
    return np.stack([np.asarray(Image.open(path))[..., np.newaxis] for path in paths])


def run(model: export.ExportedModel, folder: Path, image: tuple[str, ...], **flags) -> dict[str, np.ndarray]:
    settings = {"steps": 60, "restarts": 2, "feature_weight": 0.0, **flags}
    output = str(folder / "projected.png")
    project.main(project.ProjectFlags(model=str(model.path), image=image, output=output, **settings))
    with np.load(folder / "projected.npz") as file:
        return dict(file)


def test_pictures_of_a_gan_are_found_again_and_their_latents_edited(tmp_path, capsys):
    model = with_directions("gan", tmp_path / "model", vivid_gan())
    paths, images = pictures(model, tmp_path)
    start = run(model, tmp_path, paths, steps=1)
    found = run(model, tmp_path, paths)
    assert (found["pixel_errors"] < start["pixel_errors"] / 3).all()
    printed = capsys.readouterr().out
    assert f"0.png: pixel error {found['pixel_errors'][0]:.4f}" in printed
    assert f"projected.png: 2 pictures projected by {model.path}; latents: " in printed
    projections = model("generate", latent=found["latents"])["image"]
    drawn = cells(np.asarray(Image.open(tmp_path / "projected.png"))[..., None], 2, 3)
    np.testing.assert_array_equal(drawn[:, 0], images)
    np.testing.assert_array_equal(drawn[:, 1], to_bytes(projections))
    errors = np.square(images / np.float32(127.5) - 1 - projections).mean((1, 2, 3))
    np.testing.assert_allclose(found["pixel_errors"], errors, rtol=1e-4)
    sheet = edit_sheet(
        model, tmp_path, latents=str(tmp_path / "projected.npz"), directions=("weights_1",), steps=1, strength=(1, 1)
    )
    edited = model("generate", latent=found["latents"] + VECTORS[1])["image"]
    np.testing.assert_allclose(np.int32(cells(sheet, 2, 2)[:, 1]), np.int32(to_bytes(edited)), atol=1)


def test_the_result_repeats_for_a_seed(exported, tmp_path):
    model = export.load(exported("gan"))
    paths, _ = pictures(model, tmp_path, 1)
    first, again, other = (run(model, tmp_path, paths, steps=5, seed=seed)["latents"] for seed in (0, 0, 1))
    np.testing.assert_array_equal(first, again)
    assert (first != other).all()


def test_a_model_with_an_encoder_starts_at_the_code(exported, tmp_path):
    model = export.load(exported("vae"))
    paths, images = pictures(model, tmp_path, 1)
    found = run(model, tmp_path, paths, steps=1, restarts=1, learning_rate=1e-6)
    np.testing.assert_allclose(found["latents"], model.codes(images / np.float32(127.5) - 1), atol=1e-3)


@pytest.mark.parametrize("name", tiered(["gan_projection", "vaegan_concat"], ["vaegan_concat"]))
def test_a_condition_does_not_move(name, exported, tmp_path):
    model = export.load(exported(name))
    paths, _ = pictures(model, tmp_path, 1)
    condition = set(run(model, tmp_path, paths, steps=20)["latents"][0, : len(model.manifest["condition"]["names"])])
    assert condition <= {0, 1}


def test_the_class_in_a_latent_does_not_move(exported, tmp_path):
    model = export.load(exported("semi_supervised_aae"))
    paths, _ = pictures(model, tmp_path, 1)
    starts = model("sample", count=2, seed=0)["latent"]
    first, last = (run(model, tmp_path, paths, steps=steps)["latents"][0] for steps in (1, 20))
    possible = np.concatenate([starts[:, :CLASSES], model.codes(to_float(images_of(paths)))[:, :CLASSES]])
    for latent in (first, last):
        assert np.abs(possible - latent[:CLASSES]).max(1).min() < 1e-5
    assert (np.abs(first[CLASSES:] - last[CLASSES:]) > 1e-4).all()


def test_features_of_the_data_set_lead_the_descent(exported, tmp_path, monkeypatch, capsys):
    keras.utils.set_random_seed(0)
    network = keras.Sequential([keras.Input((SIZE, SIZE, 1)), keras.layers.Flatten(), keras.layers.Dense(6)])
    extractor = SimpleNamespace(network=lambda images, training: (network(images, training=training), None))
    monkeypatch.setattr(in_domain_extractor, "in_domain", lambda *arguments: extractor)
    model = with_directions("gan", tmp_path / "model", vivid_gan())
    paths, images = pictures(model, tmp_path, 1)
    wanted = network(to_float(images))

    def error(**flags) -> float:
        latents = run(model, tmp_path, paths, learning_rate=0.3, restarts=1, **flags)["latents"]
        return float(np.mean(np.square(network(model("generate", latent=latents)["image"]) - wanted)))

    assert error(feature_weight=10.0) < error(feature_weight=10.0, steps=1) / 10
    assert capsys.readouterr().err.count("Projecting 0.png (picture 1 of 1): 60 steps") == 1


def test_what_cannot_be_is_refused(tmp_path):
    gan = with_directions("gan", tmp_path / "gan")
    with pytest.raises(InputError, match=r"nowhere\.png"):
        run(gan, tmp_path, (str(tmp_path / "nowhere.png"),))
    paths, _ = pictures(gan, tmp_path, 1)
    with pytest.raises(InputError, match=r"--latents .*: it is not a file that tfgan project has written"):
        edit_sheet(gan, tmp_path, latents=paths[0])
    np.save(tmp_path / "array.npy", np.zeros((1, 2)))
    (tmp_path / "empty.npz").touch()
    np.savez_compressed(tmp_path / "damaged.npz", latents=np.zeros((1, 2)), weights="")
    damaged = bytearray((tmp_path / "damaged.npz").read_bytes())
    stream = 30 + int.from_bytes(damaged[26:28], "little") + int.from_bytes(damaged[28:30], "little")
    damaged[stream] = 0xFF  # no kind of block, so that zlib raises an error of its own
    (tmp_path / "damaged.npz").write_bytes(damaged)
    damaged[6] |= 1  # the flag of an encrypted file
    damaged[damaged.rindex(b"PK\1\2") + 8] |= 1
    damaged[damaged.index(b"PK\1\2") + 8] |= 1
    (tmp_path / "encrypted.npz").write_bytes(damaged)
    for name in ("array.npy", "empty.npz", "damaged.npz", "encrypted.npz"):
        with pytest.raises(InputError, match=r"--latents .*: it is not a file that tfgan project has written"):
            edit_sheet(gan, tmp_path, latents=str(tmp_path / name))
    (tmp_path / "projected.npz").mkdir()
    with pytest.raises(InputError, match=r"--output .*projected\.npz: it is a folder"):
        run(gan, tmp_path, paths, steps=1)
    (tmp_path / "projected.npz").rmdir()
    run(gan, tmp_path, paths, steps=1)
    for flags in ({"count": 3}, {"seed": 1}):
        with pytest.raises(InputError, match=r"--(count|seed) \d: it is about held-out pictures, .* with --latents"):
            edit_sheet(gan, tmp_path, latents=str(tmp_path / "projected.npz"), **flags)
    other = with_directions("wgan", tmp_path / "other")
    with np.load(tmp_path / "projected.npz") as file:
        np.savez(tmp_path / "other.npz", **{**file, "weights": np.array("0123")})
    with pytest.raises(InputError, match="it is of other weights than"):
        edit_sheet(other, tmp_path, latents=str(tmp_path / "other.npz"))

"""The functions behind the tabs on models: samples, subjects, edits, walks, neighbors and maps. No Gradio."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from tests.models.sizes import ATTRIBUTES, LATENT, SIZE
from tests.studio.conftest import images
from tfgan_models import InputError, export
from tfgan_models.data.pixels import to_bytes, to_float
from tfgan_models.export.refinement import Refiner
from tfgan_models.studio import edit, html, latent_map, neighbors, sampling, subject, walk
from tfgan_models.studio import workspace as workspace_module
from tfgan_models.studio.workspace import Workspace


def test_samples_are_those_of_the_export_and_change_with_the_seed(workspace):
    model = workspace.model("gan")
    drawn = sampling.draw(workspace, "gan", 3, 5)
    np.testing.assert_array_equal(drawn["image"], to_bytes(model("sample", count=5, seed=3)["image"]))
    np.testing.assert_array_equal(drawn["image"][:2], sampling.draw(workspace, "gan", 3, 2)["image"])
    assert (drawn["image"] != sampling.draw(workspace, "gan", 4, 5)["image"]).any()
    shown = html.sheet(drawn["image"], ["a"] * 5)
    assert shown.count("<img") == 5 and shown.count("data:image/png;base64,") == 5


def test_truncation_moves_latents_to_the_mean_of_the_source(workspace):
    full, half, none = (sampling.draw(workspace, "gan", 0, 4, truncation=t)["latent"] for t in (1, 0.5, 0))
    center = workspace.reference("gan", None).mean(0)
    np.testing.assert_allclose(none, np.tile(center, (4, 1)), atol=1e-6)
    np.testing.assert_allclose(half, (full + center) / 2, atol=1e-6)


@pytest.mark.parametrize(("side", "averaged"), [(20, 20), (32, 32), (33, 17), (64, 32), (66, 22), (255, 32)])
def test_neighbors_are_compared_by_at_most_32_pixels_a_side(side, averaged):
    images = np.linspace(-1, 1, 2)[:, None, None, None] * np.ones((2, side, side, 3), np.float32)
    found = neighbors.features(images)
    np.testing.assert_allclose(found, [[-1.0] * (3 * averaged**2), [1.0] * (3 * averaged**2)])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("other", 0), "there is no model 'other', choose one of vae, gan"),
        (("gan", None), "seed: give a whole number from 0 to"),
        (("gan", 0, 101), "number of samples: give a whole number from 1 to 100"),
        (("gan", 0, 4, "codes"), "--sampler codes"),
        (("gan", 0, 4, None, 1.0, "cat"), "this model has no condition 'cat'"),
        (("gan_concat", 0, 4, None, 1.0, None, ("cat",)), "no condition 'cat': choose from"),
        (("gan_concat", 0, 4, None, 1.0, None, ("attribute 0",), ("attribute 0",)), "^attribute 0 is in With and in"),
    ],
)
def test_what_samples_refuse(workspace, arguments, message):
    with pytest.raises(InputError, match=message):
        sampling.draw(workspace, *arguments)


def test_a_slider_changes_the_picture_as_the_export_edits_it_and_returns(workspace):
    model = workspace.model("vae")
    chosen = subject.choose(workspace, "vae", subject.HELD_OUT, 2, None)
    np.testing.assert_array_equal(chosen.image, images(model, "test").images[1])
    still = edit.edited(model, chosen.latent, [0] * ATTRIBUTES)
    np.testing.assert_array_equal(still, to_bytes(model("reconstruct", image=to_float(chosen.image[None]))["image"])[0])
    # The manifest's areas are 0.9, unknown and 0.5, so the order is that of the names.
    assert edit.attributes(model) == [("attribute 0", 0.9), ("attribute 2", 0.5), ("attribute 1", None)]
    changed = edit.edited(model, chosen.latent, [0, 2, None])
    np.testing.assert_array_equal(changed, to_bytes(model.edit(chosen.latent[None], {"attribute 2": 2}))[0])
    assert (changed != still).any()
    np.testing.assert_array_equal(edit.edited(model, chosen.latent, [0] * ATTRIBUTES), still)
    along = edit.edited(model, chosen.latent, [0] * ATTRIBUTES, [0, 1.5])
    moved = chosen.latent + 1.5 * np.eye(2, LATENT, dtype=np.float32)[1]
    np.testing.assert_array_equal(along, to_bytes(model("generate", latent=moved[None])["image"])[0])
    assert edit.labels(model, 5) == [
        "attribute 0 · 0.90",
        "attribute 2 · 0.50",
        "attribute 1",
        None,
        None,
        "codes 1",
        "weights 1",
    ]


def test_a_model_without_encoder_edits_samples_alone(workspace):
    model = workspace.model("gan")
    assert subject.sources(model) == [subject.SAMPLE] and edit.attributes(model) == []
    assert "neither attribute vectors nor directions" in edit.explanation(model)
    chosen = subject.choose(workspace, "gan", subject.SAMPLE, 7, None)
    np.testing.assert_array_equal(edit.edited(model, chosen.latent, [1, 1]), chosen.image)
    for source in (subject.HELD_OUT, subject.OWN):
        with pytest.raises(InputError, match="GAN does not encode pictures to latents"):
            subject.choose(workspace, "gan", source, 1, "a.png")


def test_an_upload_is_read_as_the_training_pictures_were(workspace, tmp_path):
    pixels = np.random.default_rng(0).integers(0, 256, (SIZE, SIZE), np.uint8)
    Image.fromarray(pixels).save(tmp_path / "me.png")
    chosen = subject.choose(workspace, "vae", subject.OWN, 0, str(tmp_path / "me.png"))
    np.testing.assert_array_equal(chosen.image[..., 0], pixels)
    assert chosen.text == "me.png"


def test_a_code_comes_closer_to_its_picture(workspace, monkeypatch):
    monkeypatch.setattr(workspace_module, "REFINING_STEPS", 5)
    model, near = workspace.model("vae"), Workspace({"vae": workspace.model("vae")}, images)
    chosen = subject.choose(near, "vae", subject.HELD_OUT, 2, None)
    closer = subject.choose(near, "vae", subject.HELD_OUT, 2, None, closer=True)
    expected = Refiner(model, 5)(to_float(chosen.image[np.newaxis]), chosen.latent[np.newaxis])[0]
    np.testing.assert_array_equal(closer.latent, expected)
    assert (closer.latent != chosen.latent).any() and closer.text == chosen.text
    sample = subject.choose(near, "vae", subject.SAMPLE, 7, None, closer=True)
    np.testing.assert_array_equal(sample.latent, subject.choose(near, "vae", subject.SAMPLE, 7, None).latent)


def bomb() -> bytes:
    """A small file with more pixels than are read."""
    file = io.BytesIO()
    Image.new("1", (20_000, 20_000)).save(file, "PNG")
    return file.getvalue()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"no picture", r"^'me\.png' cannot be read as a picture \(not pictures\): give another$"),
        (b"\x89PNG\r\n\x1a\n" + b"junk" * 9, r"^'me\.png' cannot be read as a picture \(damaged\): give another$"),
        (bomb(), r"^'me\.png' cannot be read as a picture \(.*pixels.*\): give another$"),
        (b"x" * (subject.MAX_BYTES + 10**6), r"^'me\.png' has 21 MB, choose a file of at most 20 MB$"),
        (None, r"^'me\.png' is not on this machine any more"),
    ],
    ids=["text", "damaged", "bomb", "large", "gone"],
)
def test_uploads_that_cannot_be_read_are_one_sentence_without_the_folder(workspace, tmp_path, content, message):
    if content is not None:
        (tmp_path / "me.png").write_bytes(content)
    with pytest.raises(InputError, match=message) as error:
        subject.choose(workspace, "vae", subject.OWN, 0, str(tmp_path / "me.png"))
    assert str(tmp_path) not in str(error.value)


def test_a_walk_begins_and_ends_with_the_reconstructions(workspace):
    model = workspace.model("vae")
    start, end = (subject.of_held_out(workspace, "vae", number) for number in (1, 2))
    for share, chosen in ((0, start), (1, end)):
        expected = edit.edited(model, chosen.latent, [])
        np.testing.assert_array_equal(walk.between(model, start, end, share), expected)
    middle = to_bytes(model("generate", latent=(start.latent + end.latent)[None] / 2)["image"])[0]
    np.testing.assert_allclose(walk.between(model, start, end, 0.5), middle, atol=1)
    with Image.open(io.BytesIO(walk.gif(model, start, end))) as image:
        assert image.format == "GIF" and 2 < image.n_frames <= 2 * walk.FRAMES - 2  # equal frames are joined
        first = np.asarray(image.convert("L"))[:: image.height // SIZE, :: image.width // SIZE]
    np.testing.assert_array_equal(first, walk.between(model, start, end, 0)[..., 0])
    with pytest.raises(InputError, match="choose two pictures first"):
        walk.between(model, start, None, 0.5)
    with pytest.raises(InputError, match="different models"):
        walk.between(model, start, subject.of_sample(workspace, "gan", 0), 0.5)


def test_samples_of_a_gaussian_prior_walk_on_a_great_circle(workspace):
    start, end = (subject.of_sample(workspace, "gan", seed) for seed in (0, 1))
    lengths = np.linalg.norm(walk.path(start, end, 3), axis=1)
    assert lengths[1] >= min(lengths[0], lengths[2]) - 1e-5


def test_a_training_image_is_its_own_nearest_neighbor(workspace):
    train = images(None, "train").images
    chosen = subject.Subject("vae", train[17], np.zeros(LATENT, np.float32), "a copy")
    nearest = neighbors.find(workspace, "vae", chosen, 3)
    np.testing.assert_array_equal(nearest.images[0], train[17])
    assert nearest.distances[0] == 0 < nearest.distances[1] <= nearest.distances[2]
    differences = (train.astype(float) - train[17]) / 255
    assert nearest.distances[1] == pytest.approx(np.sort(np.sqrt((differences**2).mean((1, 2, 3))))[1], rel=1e-4)
    assert neighbors.features(np.zeros((2, 96, 96, 3), np.float32)).shape == (2, 32 * 32 * 3)


def test_a_click_on_the_map_is_the_latent_of_its_place(exported):
    flat = export.load(exported("aae_informed"))
    workspace = Workspace({"flat": flat}, images)
    assert latent_map.has_map(flat)
    half = latent_map.extent(workspace, "flat")
    sheet = latent_map.draw(workspace, "flat")
    assert sheet.shape[:2] == (latent_map.GRID * SIZE,) * 2
    image, text = latent_map.at(workspace, "flat", 0.5 / latent_map.GRID, 0.5 / latent_map.GRID)
    np.testing.assert_array_equal(sheet[:SIZE, :SIZE], image)
    assert text == f"z = ({-half * 14 / 15:.2f}, {half * 14 / 15:.2f})"
    with pytest.raises(InputError, match="click on the map"):
        latent_map.at(workspace, "flat", 2, 0)


def test_models_without_a_map_say_so(workspace):
    model = workspace.model("vae")
    assert latent_map.classes(model) == [] and f"{LATENT} dimensions" in latent_map.explanation(model)
    with pytest.raises(InputError, match="a map needs latents of two dimensions"):
        latent_map.draw(workspace, "vae")
    with pytest.raises(InputError, match="no classes"):
        latent_map.style_sheet(workspace, "vae", 0)

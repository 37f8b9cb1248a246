"""The flags of conditional models: the condition that they make, and data that they refuse."""

from __future__ import annotations

import sys
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from tests.tiers import tiered
from tfgan_models import VAE, VAEGAN, InputError
from tfgan_models.callbacks.condition_sheet import STYLES, ConditionSheet, row_latents
from tfgan_models.cli import command_line, replay, train
from tfgan_models.data.image_set import ImageSet
from tfgan_models.latent import parts
from tfgan_models.latent.sampler import Sampler
from tfgan_models.plots import image_grid
from tfgan_models.training import flags, trial

RECIPES = ("gan", "wgan_gp", "r3gan")
LABELS = np.array([0, 1, 1, -1], np.int32)
ATTRIBUTES = np.array([[0, 1], [1, 1], [0, 1], [0, 0]], np.uint8)
DATA = ImageSet(np.zeros((4, 16, 16, 1), np.uint8), LABELS, ATTRIBUTES, ("cat", "dog"), ("Smiling", "Male"), "pets")
PLAIN = ImageSet(DATA.images, None, None, (), (), "plain")


@pytest.fixture
def build(monkeypatch):
    """Read a command line, prepare the data, and build the model."""

    def build(script: str, *words: str, data: ImageSet = DATA):
        monkeypatch.setattr(sys, "argv", [f"{script}.py", "--network", "mlp", "--width", "0.05", *words])
        recipe = train.load(script)
        given = command_line.read(recipe.flags, recipe.presets)
        flags.check(given)
        trial.build(recipe, given)
        prepared, _ = recipe.prepare_data(given, data, data)
        context = SimpleNamespace(folder=".", writer=None, sampler=None)
        return recipe.build(given, prepared), recipe.callbacks(given, context)

    return build


def test_the_divergence_of_a_conditional_vae_weighs_more_by_default(build):
    assert build("vae")[0].beta == 0.01
    assert build("vae", "--condition", "labels")[0].beta == 1
    assert build("vae", "--condition", "labels", "--beta", "0.5")[0].beta == 0.5


@pytest.mark.parametrize("script", tiered(RECIPES, ("gan",)))
def test_a_model_is_told_labels_or_attributes(script, build, capsys):
    model, callbacks = build(script, "--condition", "labels", "--latent_dim", "7")
    assert "1 of 4 pictures" in capsys.readouterr().err  # which has no label
    assert model.condition.names == ("cat", "dog") and model.condition.conditioning == "projection"
    assert model.condition.frequencies == pytest.approx((1 / 3, 2 / 3))
    assert model.generator.input_shape[-1] == 2 + 7
    assert [type(callback) for callback in callbacks] == [ConditionSheet]
    words = ["--condition", "attributes", "--condition_attributes", "Male"]
    model, _ = build(script, *words, "--conditioning", "auxiliary", "--auxiliary_weight", "0.3")
    condition = model.condition
    assert (condition.names, condition.columns, condition.rows) == (("Male",), (1,), ("1", "1", "1", "0"))
    assert condition.auxiliary_weight == 0.3 and model.reads_condition
    model, callbacks = build(script)
    assert model.condition is None and callbacks == []


def test_a_vae_is_told_labels_or_attributes(build):
    model, callbacks = build("vae", "--condition", "labels", "--latent_dim", "7")
    assert model.condition.names == ("cat", "dog") and model.style_dim == 7
    assert [type(callback) for callback in callbacks] == [ConditionSheet]
    model, _ = build("vae", "--condition", "attributes", "--condition_attributes", "Male")
    assert (model.condition.names, model.condition.columns) == (("Male",), (1,))
    model, callbacks = build("vae")
    assert isinstance(model, VAE) and callbacks == []
    with pytest.raises(InputError, match="--condition labels: plain has no classes"):
        build("vae", "--condition", "labels", data=PLAIN)


def test_a_vae_gan_is_told_labels_or_attributes(build):
    model, callbacks = build("vaegan", "--condition", "labels", "--latent_dim", "7")
    assert model.condition.names == ("cat", "dog") and model.style_dim == 7 and not model.judge_samples
    assert model.condition.conditioning == "concat" and len(model.discriminator.inputs) == 1
    assert model.similarity_layer[0] == "image"
    assert [type(callback) for callback in callbacks] == [ConditionSheet]
    words = ["--condition", "attributes", "--condition_attributes", "Male", "--conditioning", "projection"]
    model, _ = build("vaegan", *words)
    assert (model.condition.names, model.condition.columns) == (("Male",), (1,))
    assert [tensor.shape[-1] for tensor in model.discriminator.inputs] == [1, 1]
    model, callbacks = build("vaegan")
    assert isinstance(model, VAEGAN) and not model.judge_samples and callbacks == []
    with pytest.raises(InputError, match="--condition attributes: plain has no attributes"):
        build("vaegan", "--condition", "attributes", data=PLAIN)
    with pytest.raises(InputError, match=r"--attribute_weight 1\.0: .* is told the condition"):
        build("vaegan", "--condition", "attributes", "--attribute_weight", "1")


@pytest.mark.parametrize("script", tiered(RECIPES, ("gan",)))
@pytest.mark.parametrize(
    ("words", "data", "said"),
    [
        (["--condition", "labels"], PLAIN, "--condition labels: plain has no classes, give a data set with labels"),
        (["--condition", "attributes"], PLAIN, "--condition attributes: plain has no attributes"),
        (
            ["--condition", "attributes", "--condition_attributes", "Hat"],
            DATA,
            "--condition_attributes Hat: give attributes of pets, each once: Smiling, Male",
        ),
        (["--condition_attributes", "Male"], DATA, "--condition_attributes Male: .*give --condition attributes"),
        (["--conditioning", "concat"], DATA, "--conditioning concat: it has no effect without --condition"),
        (
            ["--condition", "labels", "--auxiliary_weight", "2"],
            DATA,
            "--auxiliary_weight 2.0: .*give --conditioning auxiliary",
        ),
    ],
)
def test_what_cannot_be_is_refused(script, words, data, said, build):
    with pytest.raises(InputError, match=said) as error:
        build(script, *words, data=data)
    assert "\n" not in str(error.value)


def test_virtual_batch_normalization_is_refused(build):
    recipe = train.load("gan")
    given = recipe.flags()
    given.model.condition, given.model.generator_normalization = "labels", "virtual"
    with pytest.raises(InputError, match="--generator_normalization virtual: its reference batch has no conditions"):
        recipe.check(given)


def test_each_epoch_has_a_sheet_that_replay_shows(build, tmp_path):
    model, _ = build("gan", "--condition", "labels")
    run = tmp_path / "run"
    sheet = ConditionSheet(run)
    sheet.set_model(model)
    sheet.set_params({"epochs": 2})
    for epoch in (0, 1):
        sheet.on_epoch_end(epoch)
        expected = image_grid.grid(parts.generate_bytes(model, row_latents(model, Sampler(), 0)), STYLES)
        with Image.open(run / "conditions" / f"epoch-{epoch + 1:04d}.png") as picture:
            np.testing.assert_array_equal(np.asarray(picture), expected.squeeze())
        model.generator.set_weights([2 * weight + 1 for weight in model.generator.get_weights()])
    output = tmp_path / "conditions.gif"
    replay.main(replay.ReplayFlags(run=str(run), what="conditions", output=str(output)))
    with Image.open(output) as animation:
        assert animation.n_frames == 2


def test_the_sheet_has_a_row_for_each_condition_in_the_same_styles(build):
    model, _ = build("gan", "--condition", "labels")
    rows = row_latents(model, Sampler(), 0).reshape(2, STYLES, -1)
    np.testing.assert_array_equal(rows[..., :2], np.eye(2)[:, None].repeat(STYLES, 1))
    np.testing.assert_array_equal(rows[0, :, 2:], rows[1, :, 2:])
    model, _ = build("gan", "--condition", "attributes")
    rows = row_latents(model, Sampler(), 0).reshape(4, STYLES, -1)
    assert [rows[i, :, i // 2].tolist() for i in range(4)] == [[i % 2] * STYLES for i in range(4)]
    np.testing.assert_array_equal(rows[0, :, 1:], rows[1, :, 1:])

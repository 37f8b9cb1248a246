"""Flags that change the layers of the networks of GANs, and the prior of their latents."""

from __future__ import annotations

from types import SimpleNamespace

import keras
import numpy as np
import pytest

from tests.recipes.test_gan_flags import kinds
from tfgan_models import InputError
from tfgan_models.cli import train
from tfgan_models.layers import InstanceNormalization, PixelShuffle
from tfgan_models.networks.growing import Growth
from tfgan_models.training import earlier_flags


@pytest.mark.parametrize("script", ["gan", "wgan"])
@pytest.mark.parametrize("kind", ["average", "max"])
def test_downsampling_reaches_the_discriminator_alone(build, script, kind):
    _, model = build(script, "--width", "0.1", "--downsampling", kind)
    pool = {"average": keras.layers.AveragePooling2D, "max": keras.layers.MaxPooling2D}[kind]
    assert pool in kinds(getattr(model, {"gan": "discriminator", "wgan": "critic"}[script]))
    assert pool not in kinds(model.generator)


@pytest.mark.parametrize("script", ["gan", "wgan"])
@pytest.mark.parametrize(
    ("flags", "player", "layer"),
    [
        (["--upsampling", "pixel_shuffle"], "generator", PixelShuffle),
        (["--output_activation", "sigmoid"], "generator", keras.layers.Rescaling),
        (["--generator_normalization", "instance"], "generator", InstanceNormalization),
        (["--normalization", "instance"], "opponent", InstanceNormalization),
    ],
)
def test_a_flag_reaches_one_network(build, script, flags, player, layer):
    _, model = build(script, "--width", "0.1", *flags)
    opponent = getattr(model, {"gan": "discriminator", "wgan": "critic"}[script])
    assert {name for name, n in (("generator", model.generator), ("opponent", opponent)) if layer in kinds(n)} == {
        player
    }


def doublings(network: keras.Model) -> set[str]:
    """Names of the layers of a network that double maps."""
    return {"Conv2DTranspose", "UpSampling2D", "PixelShuffle"} & {kind.__name__ for kind in kinds(network)}


@pytest.mark.parametrize(
    ("flags", "layer"), [([], "Conv2DTranspose"), (["nearest"], "UpSampling2D"), (["pixel_shuffle"], "PixelShuffle")]
)
@pytest.mark.parametrize("network", ["dcgan", "vaegan"])
def test_upsampling_of_a_vae_gan_is_that_of_its_decoder(build, network, flags, layer):
    upsampling = ["--upsampling", *flags] if flags else []
    _, model = build("vaegan", "--width", "0.1", "--network", network, *upsampling, size=32)
    assert doublings(model.decoder) == {layer}


@pytest.mark.parametrize(("size", "expected"), [(64, "Conv2DTranspose"), (128, "UpSampling2D")])
def test_a_vae_gan_of_large_images_repeats_pixels(build, size, expected):
    _, model = build("vaegan", "--width", "0.1", size=size)
    assert doublings(model.decoder) == {expected}
    _, model = build("vaegan", "--preset", "larsen", "--width", "0.1", size=size)
    assert doublings(model.decoder) == {"Conv2DTranspose"}


def test_a_network_that_grows_to_large_images_repeats_pixels_from_the_first_stage():
    recipe, data = train.load("vaegan"), SimpleNamespace(images=np.zeros((10, 8, 8, 1)), attribute_names=())
    assert doublings(recipe.build(recipe.flags(), data, Growth(128)).decoder) == {"UpSampling2D"}


@pytest.mark.parametrize(
    ("size", "preset", "expected"),
    [(64, None, None), (128, None, "transposed"), (64, "larsen", "transposed"), (128, "bergamini", "transposed")],
)
def test_only_large_runs_that_began_before_the_flag_must_name_it(size, preset, expected):
    """Those of a preset have it from the preset."""
    recipe = train.load("vaegan")
    now = recipe.presets[preset] if preset else recipe.flags()
    earlier = {"data": {"image_size": size}, "model": {"network": now.model.network, "preset": preset}}
    assert earlier_flags.with_defaults(earlier, now)["model"]["upsampling"] == expected


def test_upsampling_of_a_vae_gan_without_maps_is_refused(build):
    with pytest.raises(InputError, match=r"^--upsampling nearest: the mlp decoder has no maps to double, remove"):
        build("vaegan", "--upsampling", "nearest", "--network", "mlp")


@pytest.mark.parametrize(("pooling", "downsampling"), [(False, None), (True, "average")])
def test_runs_with_the_former_flag_of_pooling_go_on(pooling, downsampling):
    flags = train.load("gan").flags()
    earlier = {"model": {"network": "dcgan", "pooling": pooling}}
    assert earlier_flags.with_defaults(earlier, flags)["model"]["downsampling"] == downsampling


@pytest.mark.parametrize("script", ["gan", "wgan"])
def test_the_prior_reaches_the_model(build, script):
    assert build(script, "--width", "0.1")[1].prior_name == "standard_gaussian"
    assert build(script, "--width", "0.1", "--prior", "normal")[1].prior_name == "standard_gaussian"
    assert build(script, "--width", "0.1", "--prior", "uniform")[1].prior_name == "centered_uniform"


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        (
            ["--downsampling", "max", "--network", "mlp"],
            "^--downsampling max: the mlp discriminator does not have",
        ),
        (["--upsampling", "nearest", "--network", "mlp"], "^--upsampling nearest: the mlp generator does not have"),
        (["--normalization", "instance", "--network", "mlp"], "^--normalization instance: mlp has no maps"),
        (["--generator_normalization", "instance", "--network", "mlp"], "^--generator_normalization instance: mlp has"),
        (["--prior", "uniform", "--condition", "labels"], "^--prior uniform: .* remove it or --condition"),
    ],
)
def test_what_cannot_be_is_refused_in_one_line(build, flags, said):
    with pytest.raises(InputError, match=said) as error:
        build("gan", *flags)
    assert "\n" not in str(error.value)

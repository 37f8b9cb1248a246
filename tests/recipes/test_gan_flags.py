"""The flags of GANs: what they ask of the networks and of the model, and the presets."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from tfgan_models import R1, DiffAugment, HistoricalAverage, InputError, InputNoise, Replay, TargetOptions
from tfgan_models.cli import train
from tfgan_models.layers.latent_dropout import LatentDropout
from tfgan_models.layers.latent_noise import LatentNoise
from tfgan_models.layers.maxout import Maxout
from tfgan_models.layers.spectral_normalization import SpectralNormalization
from tfgan_models.layers.virtual_batch_normalization import has_virtual_batch_norm
from tfgan_models.training import checkpoint
from tfgan_models.training import run_folder as folders


def kinds(network: keras.Model) -> set[type]:
    return {type(layer) for layer in network._flatten_layers()}


@pytest.mark.parametrize(
    ("flags", "attribute", "value"),
    [
        (["--loss", "hinge"], "loss", "hinge"),
        (["--discriminator_steps", "3"], "discriminator_steps", 3),
        (["--concat_real_fake"], "concat_real_fake", True),
        (["--feature_matching", "features"], "feature_matching", "features"),
        (["--r1", "2.5"], "penalties", (R1(2.5),)),
        (["--historical_averaging", "0.1"], "penalties", (HistoricalAverage(0.1),)),
        (["--augmentation", "color,cutout"], "augment", DiffAugment("color,cutout")),
        (["--input_noise", "0.1", "--input_noise_steps", "50"], "input_noise", InputNoise(0.1, 50)),
        (["--generator_steps", "2"], "generator_steps", 2),
        (["--sequential_updates"], "sequential_updates", True),
        (["--replay_buffer", "50", "--replay_share", "0.25"], "replay", Replay(50, 0.25)),
    ],
)
def test_a_flag_reaches_the_model_and_changes_nothing_else(build, flags, attribute, value):
    _, plain = build("gan", "--width", "0.1")
    _, model = build("gan", "--width", "0.1", *flags)
    assert getattr(model, attribute) == value != getattr(plain, attribute)
    there, here = (m.get_config() for m in (plain, model))
    changed = {
        name for name in here if here[name] != there[name] and name not in ("generator", "discriminator", "name")
    }
    assert changed == {attribute}


def test_label_flags_reach_the_model(build):
    _, model = build(
        "gan", "--width", "0.1", *["--real_target", "0.9", "--label_noise", "0.1", "--swap_targets_every", "20"]
    )
    assert model.targets == TargetOptions(0.9, 0.1, swap_every=20)
    assert build("gan", "--width", "0.1")[1].targets is None


def test_a_fake_target_reaches_the_model_with_a_warning(build, capsys):
    _, model = build("gan", "--width", "0.1", "--fake_target", "0.1")
    assert model.targets == TargetOptions(fake=0.1)
    said = capsys.readouterr().err
    assert said.startswith("--fake_target 0.1: where there are fakes and no data")
    assert said.count("\n") == 1


def test_network_flags_reach_the_networks(build):
    _, spectral = build("gan", "--width", "0.1", "--normalization", "spectral", "--generator_normalization", "virtual")
    assert SpectralNormalization in kinds(spectral.discriminator)
    assert has_virtual_batch_norm(spectral.generator)
    flags = [
        "--network",
        "mlp",
        "--maxout",
        "--dropout",
        "0.5",
        "--pixel_dropout",
        "0.25",
        "--discriminator_units",
        "8",
        "7",
        "--width",
        "1",
    ]
    _, maxout = build("gan", *flags)
    assert {Maxout, keras.layers.Dropout} <= kinds(maxout.discriminator)
    assert maxout.discriminator.get_layer("features").units == 7
    drops = [layer.rate for layer in maxout.discriminator.layers if isinstance(layer, keras.layers.Dropout)]
    assert drops == [0.25, 0.5, 0.5]
    _, penalized = build("gan", "--width", "0.1", "--r1", "1")
    assert "BatchNormalization" not in {kind.__name__ for kind in kinds(penalized.discriminator)}


@pytest.mark.parametrize("script", ["gan", "wgan"])
def test_a_generator_may_have_dropout_that_changes_no_initial_weight(build, script):
    flags = ["--width", "0.1", "--generator_dropout", "0.5"]
    models = [build(script, *words)[1] for words in (["--width", "0.1"], flags, [*flags, "--dropout_in_samples"])]
    dropouts = [[layer for layer in m.generator.layers if isinstance(layer, LatentDropout)] for m in models]
    assert [{layer.in_inference for layer in layers} for layers in dropouts] == [set(), {False}, {True}]
    latents = np.random.default_rng(0).normal(size=(3, 100)).astype(np.float32)
    assert {layer.rate for layer in dropouts[1]} == {0.5}
    assert np.abs(models[2].generate(latents) - models[1].generate(latents)).max() > 0


@pytest.mark.parametrize("network", ["dcgan", "mlp"])
def test_a_generator_may_have_noise_and_leaky_units(build, network):
    flags = ["--network", network, "--generator_noise", "0.5", "--generator_activation", "leaky_relu"]
    generator = build("gan", "--width", "0.1", *flags)[1].generator
    noisy = [layer for layer in generator.layers if isinstance(layer, LatentNoise)]
    assert noisy and {layer.stddev for layer in noisy} == {0.5}
    assert not any(isinstance(layer, keras.layers.ReLU) for layer in generator.layers)
    latents = np.random.default_rng(0).normal(size=(3, 100)).astype(np.float32)
    assert np.abs(generator(latents, training=True) - generator(latents)).max() > 1e-3


@pytest.mark.parametrize("script", ["gan", "wgan"])
def test_each_network_may_have_a_width_of_its_own(build, script):
    opponent = {"gan": "discriminator", "wgan": "critic"}[script]
    flags = ["--generator_width", "0.25", "--discriminator_width", "0.125"]
    (_, narrow), (_, wide), (_, model) = (
        build(script, *words) for words in (["--width", "0.125"], ["--width", "0.25"], ["--width", "2", *flags])
    )
    for network, like, unlike in (("generator", wide, narrow), (opponent, narrow, wide)):
        weights = getattr(model, network).count_params()
        assert weights == getattr(like, network).count_params() != getattr(unlike, network).count_params()


@pytest.mark.parametrize(
    ("flags", "optimizer", "momentum"),
    [([], "FusedAdam", 0.5), (["--optimizer", "sgd", "--momentum", "0.7"], "SGD", 0.7)],
)
def test_the_optimizer_and_its_momentum(build, flags, optimizer, momentum):
    _, model = build("gan", "--width", "0.1", *flags)
    for one in model.optimizers.values():
        config = one.get_config()
        assert type(one).__name__ == optimizer
        assert config.get("beta_1", config.get("momentum")) == momentum


@pytest.mark.parametrize(("script", "opponent"), [("gan", "discriminator"), ("wgan", "critic")])
def test_the_opponent_may_have_another_optimizer(build, script, opponent):
    words = ["--optimizer", "adam", "--discriminator_optimizer", "sgd", "--momentum", "0.25"]
    _, model = build(script, "--width", "0.1", *words)
    assert type(model.optimizers["generator"]).__name__ == "FusedAdam"
    assert type(model.optimizers[opponent]).__name__ == "SGD"
    assert (model.optimizers["generator"].beta_1, model.optimizers[opponent].momentum) == (0.25, 0.25)


@pytest.mark.parametrize("script", ["gan", "wgan"])
def test_presets_are_flags_to_begin_with(build, script):
    for name, preset in train.load(script).presets.items():
        given, _ = build(script, "--preset", name)
        assert given == preset
        changed, model = build(script, "--seed", "7", f"--preset={name}", "--latent_dim", "3")
        assert (changed.training.seed, model.generator.input_shape[-1]) == (7, 3)
        assert changed.training.learning_rate == preset.training.learning_rate


def test_flags_of_several_numbers_do_not_keep_a_run_from_going_on(build, tmp_path):
    given, model = build("gan", "--preset", "goodfellow")
    first = folders.RunFolder(tmp_path, "gan", given, "pictures", "float32", chief=True)
    checkpoint.save(model, first.checkpoints, 1)
    first.release()
    again = folders.RunFolder(tmp_path, "gan", given, "pictures", "float32", chief=True)
    assert again.restore(model) == 1
    again.release()


def test_the_presets_are_what_they_say(build):
    _, goodfellow = build("gan", "--preset", "goodfellow")
    assert {Maxout, keras.layers.Dropout} <= kinds(goodfellow.discriminator)
    assert {type(o).__name__ for o in goodfellow.optimizers.values()} == {"SGD"}
    assert goodfellow.discriminator_steps == 1
    _, slides = build("wgan", "--preset", "feature_matching_vbn")
    assert has_virtual_batch_norm(slides.generator)
    assert (slides.feature_matching, slides.real_target, slides.clip) == ("features", 0.9, 0.01)
    assert {type(o).__name__ for o in slides.optimizers.values()} == {"RMSprop"}


def test_a_joined_batch_is_for_layers_that_every_pass_changes(build):
    """Of which the power iteration of spectral normalization is one."""
    assert build("gan", "--width", "0.1", "--concat_real_fake", "--normalization", "spectral")[1].concat_real_fake


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        (["--preset", "nobody"], "'nobody'"),
        (
            ["--downsampling", "max", "--network", "mlp"],
            "--downsampling max: the mlp discriminator does not have this option",
        ),
        (["--generator_units", "3"], "--generator_units 3: the dcgan generator does not have this option"),
        (["--maxout"], "--maxout: the dcgan discriminator does not have this option"),
        (["--dropout", "1.5"], "dropout 1.5"),
        (["--dropout_in_samples"], "--dropout_in_samples.*: it has no effect without --generator_dropout"),
        (["--generator_dropout", "1"], "--generator_dropout 1"),
        (["--generator_noise", "-1"], "--generator_noise -1.0: give a standard deviation of 0 or more"),
        (["--pixel_dropout", "0.1"], "--pixel_dropout 0.1: the dcgan discriminator does not have this option"),
        (["--momentum", "1"], "--momentum 1.0"),
        (["--augmentation", "colour"], "--augmentation colour: 'colour' is unknown, give some of color"),
        (["--loss", "hinge", "--real_target", "0.9"], "^loss hinge has margins"),
        (["--feature_matching", "nowhere"], "^feature_matching nowhere: the discriminator has .*features"),
        (["--label_noise", "2"], "--label_noise 2.0"),
        (["--real_target", "nan"], "--real_target nan"),
        (["--fake_target", "1"], "--fake_target 1.0: give a target from 0 to less than 1.0"),
        (["--real_target", "1.5"], "--real_target 1.5: over 1"),
        (["--swap_targets_steps", "3"], "--swap_targets_steps 3: .*--swap_targets_every, which is 0"),
        (["--r1", "1", "--normalization", "batch"], "--r1 1.0: --normalization batch"),
        (["--optimizer", "rmsprop", "--momentum", "0.9"], "--momentum 0.9: rmsprop has no momentum"),
        (["--network", "mlp", "--generator_units", "8", "0"], "--generator_units 8 0"),
        (["--network", "mlp", "--discriminator_units=-5"], "--discriminator_units -5"),
        (["--discriminator_steps", "0"], "--discriminator_steps 0"),
        (["--generator_steps", "0"], "--generator_steps 0"),
        (["--replay_share", "0.2"], "--replay_share 0.2: it has no effect without --replay_buffer"),
        (["--replay_buffer", "9", "--replay_share", "1.5"], "--replay_share 1.5"),
        (["--r1=-1"], "--r1 -1"),
        (["--generator_width", "0"], "--generator_width 0"),
        (["--discriminator_width", "17"], "--discriminator_width 17.0: give a factor of at most 16"),
        (["--input_noise_steps", "5"], "--input_noise_steps 5: it has no effect without --input_noise"),
        (
            ["--concat_real_fake", "--minibatch_discrimination"],
            "--concat_real_fake: --minibatch_discrimination would compare",
        ),
        (["--concat_real_fake", "--r1", "1"], "--concat_real_fake: this discriminator has no batch or spectral"),
        (
            ["--concat_real_fake", "--normalization", "none"],
            "--concat_real_fake: this discriminator has no batch or spectral",
        ),
    ],
)
def test_what_cannot_be_is_refused_in_one_line(build, flags, said):
    with pytest.raises(InputError, match=said) as error:
        build("gan", *flags)
    assert "\n" not in str(error.value)

"""Flags are refused before data are read, if nothing but flags decides."""

from __future__ import annotations

import dataclasses
import sys

import pytest

from tfgan_models.cli import train
from tfgan_models.data import sources
from tfgan_models.data.sources import load
from tfgan_models.recipes import aae_semi_supervised, gan, vaegan
from tfgan_models.training import checkpoint, trial
from tfgan_models.training import flags as common_flags

SMALL = ["--image_size", "8", "--network", "mlp", "--precision", "float32"]
# By the stage that refuses them: while flags are read, or in a trial of the model.
FLAGS = [
    ("gan", ["--r1", "1", "--normalization", "batch"], "--r1 1.0: --normalization batch"),
    ("gan", ["--optimizer", "rmsprop", "--momentum", "0.5"], "--momentum 0.5: rmsprop has no momentum"),
    ("wgan", ["--momentum", "0.5"], "--momentum 0.5: rmsprop has no momentum"),
    ("gan", ["--rmsprop_epsilon", "1e-7"], "--rmsprop_epsilon 1e-07: no player has rmsprop, remove the flag or give"),
    ("vaegan", ["--rmsprop_epsilon", "1e-7"], "--rmsprop_epsilon 1e-07: no player has rmsprop, remove the flag"),
    ("gan", ["--concat_real_fake", "--minibatch_discrimination"], "--concat_real_fake: --minibatch_discrimination"),
    ("gan", ["--real_target", "1.5"], "--real_target 1.5: over 1"),
    ("gan", ["--dropout", "1"], "--dropout 1.0: give a number of 0 or more, and less than 1"),
    ("gan", ["--pixel_dropout", "-1"], "--pixel_dropout -1.0: give a number of 0 or more"),
    ("vaegan", ["--no-judge_reconstructions"], "--no-judge_reconstructions: add --judge_samples"),
    ("vaegan", ["--attribute_weight", "1", "--dataset", "folder:p"], "--attribute_weight 1.0: folder:p has no attrib"),
    ("vae", ["--attributes", "a.txt"], "--attributes a.txt: it cannot be used with --dataset faces, give folder:PATH"),
    ("vae", ["--layout", "classes"], "--layout classes: it cannot be used with --dataset faces, give folder:PATH"),
    ("vae", ["--schedule", "cosine", "--warmup", "3", "--epochs", "3"], "--schedule cosine: it would begin after --w"),
    (
        "vaegan",
        ["--reconstruction", "pixels", "--similarity_layer", "features"],
        "--similarity_layer features: it has no effect with --reconstruction pixels, remove one of them",
    ),
    (
        "vaegan",
        ["--preset", "larsen", "--reconstruction", "pixels", "--similarity_layer", "image"],
        "--similarity_layer image: it has no effect with --reconstruction pixels, remove one of them",
    ),
    (
        "vaegan",
        ["--preset", "larsen", "--network", "mlp", "--upsampling", "nearest"],
        "--upsampling nearest: the mlp decoder has no maps to double, remove the flag or give another --network",
    ),
    (
        "aae_semi_supervised",
        ["--num_labels", "0", "--baseline_steps", "9"],
        "--baseline_steps 9: it has no effect without labels: remove it or add --num_labels above 0",
    ),
    ("vae", ["--image_size", "4"], "--image_size 4: choose 8 to 1024 pixels"),
    ("vae", ["--image_size", "2048"], "--image_size 2048: choose 8 to 1024 pixels"),
]
TRIALS = [
    ("gan", ["--swap_targets_every", "-1"], "--swap_targets_every -1"),
    ("gan", ["--label_noise", "2"], "--label_noise 2.0"),
    ("gan", ["--feature_matching", "nowhere"], "--feature_matching"),
    ("gan", ["--downsampling", "max"], "--downsampling max: the mlp discriminator does not have this option"),
    ("gan", ["--augmentation", "colour"], "colour"),
    ("wgan", ["--feature_matching", "nowhere"], "--feature_matching"),
    ("vaegan", ["--similarity_layer", "nowhere"], "--similarity_layer nowhere"),
]


@pytest.mark.parametrize(("script", "words", "said"), [*FLAGS, *TRIALS], ids=lambda value: str(value))
def test_what_flags_decide_is_refused_before_data_are_read(script, words, said, monkeypatch, capfd):
    def read(*_, **__):
        raise AssertionError("the data were read")

    monkeypatch.setattr(sources, "load", read)
    monkeypatch.setattr(train, "end_on_signals", lambda *_: None)
    if (script, words, said) in FLAGS:
        monkeypatch.setattr(train, "import_tensorflow", read)
    monkeypatch.setattr(sys, "argv", [f"{script}.py", *SMALL, *words])
    with pytest.raises(SystemExit) as stop:
        train.command(script)
    assert stop.value.code == 2
    (line,) = [line for line in capfd.readouterr().err.splitlines() if "error:" in line]
    assert said in line


def test_flags_without_an_effect_that_the_user_has_not_given_are_accepted():
    larsen = vaegan.PRESETS["larsen"]
    common_flags.check(dataclasses.replace(larsen, model=dataclasses.replace(larsen.model, reconstruction="pixels")))
    clusters = aae_semi_supervised.SemiSupervisedAAEFlags()
    for steps in (2000, 0):
        model = dataclasses.replace(clusters.model, num_labels=(0,), baseline_steps=steps)
        common_flags.check(dataclasses.replace(clusters, model=model))
    common_flags.check(common_flags.Flags(training=common_flags.Training(warmup=3, epochs=3)))


def test_limits_of_the_size_are_those_of_the_data():
    from tfgan_models.training.flag_rules import walk

    (size,) = (flag for flag in walk(common_flags.Data()) if flag.name == "image_size")
    (limit,) = (rule for rule in size.rules if hasattr(rule, "low"))
    assert (limit.low, limit.high) == (sources.MIN_SIZE, sources.MAX_SIZE)


def test_a_trial_leaves_the_weights_as_they_are(tmp_path):
    import keras

    flags = gan.GANFlags(
        data=common_flags.Data(dataset="digits", image_size=8), model=gan.Model(network="mlp", width=0.1, latent_dim=4)
    )
    digits = load("digits", "train", image_size=8, cache_dir=str(tmp_path))
    digests = set()
    for trials in range(3):
        for _ in range(trials):
            trial.build(gan.RECIPE, flags)
        keras.utils.set_random_seed(0)
        digests.add(checkpoint.digest(gan.build(flags, digits)))
    assert len(digests) == 1

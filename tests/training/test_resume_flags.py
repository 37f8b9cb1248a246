"""The flags of a run that goes on: which may change, and those of older runs with other names and defaults."""

from __future__ import annotations

import dataclasses
import json
from typing import Annotated

import pytest

from tests.training.earlier_runs import again, config
from tfgan_models import InputError
from tfgan_models.cli import train
from tfgan_models.recipes import vaegan
from tfgan_models.training import flags
from tfgan_models.training.flag_rules import MayChange


@dataclasses.dataclass(kw_only=True)
class Beside:
    """A script's own flags."""

    beta: float = 1.0
    vae_epochs: Annotated[int | None, MayChange()] = None
    baseline_steps: Annotated[int, MayChange()] = 3


def test_flags_that_may_change_do_not_raise(folder):

    @dataclasses.dataclass(kw_only=True)
    class Own(flags.Flags):
        """A script's, with flags that say how long what it is compared with is trained."""

        model: Beside = dataclasses.field(default_factory=Beside)

    folder.release()
    again(folder, flags=Own()).release()
    again(folder, flags=Own(model=Beside(vae_epochs=0, baseline_steps=7))).release()
    with pytest.raises(InputError, match=r"--beta 2\.0"):
        again(folder, flags=Own(model=Beside(beta=2.0)))


@pytest.mark.parametrize(
    ("script", "beside", "idle"),
    [
        ("aae", {}, {"label_seed": 2}),
        ("vaegan", {"equilibrium": False}, {"equilibrium_margin": 0.5, "equilibrium_center": 0.6}),
        ("aae_semi_supervised", {}, {"head_distance": 2.0}),
        ("aae_semi_supervised", {"num_labels": (100,)}, {"clusters": 8}),
        ("aae_semi_supervised", {"num_labels": (0,)}, {"label_seed": (2,)}),
    ],
)
def test_unused_flags_of_an_earlier_run_are_ignored(script, beside, idle, folder):
    """Which were taken once, and which a sweep keeps in its runs."""
    kind = train.load(script).flags
    model = type(kind().model)
    folder.release()
    earlier = config(kind(model=model(**beside, **idle)))
    (folder.path / "config.json").write_text(json.dumps(earlier))
    now = kind(model=model(**beside))
    again(folder, flags=now).release()
    kept = json.loads((folder.path / "config.json").read_text())
    assert kept["model"] == json.loads(json.dumps(dataclasses.asdict(now.model)))


def test_changed_flag_raises_input_error(folder):
    folder.release()
    refused = {
        True: r"--equilibrium_margin 0\.35: the run in .* has --equilibrium_margin 0\.5; give that",
        False: "--equilibrium: .* has --no-equilibrium; give that",
    }
    for equilibrium, said in refused.items():
        earlier = vaegan.VAEGANFlags(model=vaegan.Model(equilibrium=equilibrium, equilibrium_margin=0.5))
        (folder.path / "config.json").write_text(json.dumps(config(earlier)))
        with pytest.raises(InputError, match=said):
            again(folder, flags=vaegan.VAEGANFlags(model=vaegan.Model(equilibrium=True)))


def test_a_changed_list_is_quoted_as_on_a_command_line(folder):
    folder.release()
    earlier = vaegan.VAEGANFlags(model=vaegan.Model(similarity_layer=("conv_1", "conv_2")))
    (folder.path / "config.json").write_text(json.dumps(config(earlier)))
    with pytest.raises(InputError) as error:
        again(folder, flags=vaegan.VAEGANFlags(model=vaegan.Model(similarity_layer=("conv_1",))))
    assert str(error.value) == (
        f"--similarity_layer conv_1: the run in {folder.path} has --similarity_layer conv_1 conv_2; give that, another "
        "--run_dir, or --no-resume to start over"
    )
    again(folder, flags=earlier).release()


def test_a_run_that_is_older_than_a_flag_goes_on_with_the_flag_s_default(folder):

    @dataclasses.dataclass(kw_only=True)
    class Own(flags.Flags):
        """A script's, whose default is not that of all scripts."""

        training: flags.Training = dataclasses.field(default_factory=lambda: flags.Training(learning_rate_decay=0.7))

    folder.release()
    before = config(flags.Flags())
    del before["training"]["learning_rate_decay"], before["data"]["horizontal_flip"]
    for script, other in ((flags.Flags, 0.7), (Own, 1.0)):
        (folder.path / "config.json").write_text(json.dumps(before))
        with pytest.raises(InputError, match=f"--learning_rate_decay {other}: the run in"):
            again(folder, flags=script(training=flags.Training(learning_rate_decay=other)))
        with pytest.raises(InputError, match=r"--horizontal_flip: the run in .* has --no-horizontal_flip; give that"):
            again(folder, flags=script(data=flags.Data(horizontal_flip=True)))
        again(folder, flags=script()).release()


def test_a_run_that_is_older_than_a_flag_has_what_all_runs_had_then(folder):
    """Which is not the default of later runs."""
    old = {"training": {"cooldown": 0.0, "ema": None}, "model": {"balanced_gradients": False, "judge_samples": True}}
    folder.release()
    earlier = config(vaegan.VAEGANFlags())
    for group, names in old.items():
        for name in names:
            del earlier[group][name]
    (folder.path / "config.json").write_text(json.dumps(earlier))
    now = vaegan.VAEGANFlags()
    with pytest.raises(InputError, match=r"--cooldown 0\.5: the run in .* has --cooldown 0\.0"):
        again(folder, flags=now)
    training = dataclasses.replace(now.training, **old["training"])
    with pytest.raises(InputError, match=r"--balanced_gradients: the run in .* has --no-balanced_gradients") as error:
        again(folder, flags=vaegan.VAEGANFlags(training=training))
    assert error.value.argument == "balanced_gradients"
    again(folder, flags=vaegan.VAEGANFlags(training=training, model=vaegan.Model(**old["model"]))).release()


RENAMED = [
    ("autoencoder", "data", "flip", "horizontal_flip", True),
    ("vaegan", "data", "flip", "horizontal_flip", True),
    ("vaegan", "model", "equilibrium_centre", "equilibrium_center", 0.5),
    ("gan", "model", "flip_every", "swap_targets_every", 20),
    ("gan", "model", "flip_steps", "swap_targets_steps", 2),
    ("gan", "model", "flip_chance", "swap_targets_chance", 0.1),
    ("gan", "model", "flip_when_accuracy", "swap_targets_when_accuracy", 0.9),
    ("gan", "model", "joined_batch", "concat_real_fake", True),
    ("improved_gan", "model", "labels", "num_labels", (20,)),
    ("improved_gan", "model", "unlabelled_weight", "unlabeled_weight", 2.0),
    ("aae", "model", "informed_labels", "num_prior_labels", 100),
]


@pytest.mark.parametrize(("script", "group", "former", "present", "value"), RENAMED)
def test_a_run_that_began_with_a_flag_s_former_name_goes_on(script, group, former, present, value, folder):
    """With the same value alone."""
    kind = train.load(script).flags
    usual = kind()
    if former == "equilibrium_centre":
        usual.model.equilibrium = True  # without which that flag decides nothing
    now = dataclasses.replace(usual, **{group: dataclasses.replace(getattr(usual, group), **{present: value})})
    folder.release()
    earlier = config(now)
    earlier[group][former] = earlier[group].pop(present)
    path = folder.path / "config.json"
    path.write_text(json.dumps(earlier))
    with pytest.raises(InputError, match=rf"--(no-)?{present}\b.*: the run in .* has ") as error:
        again(folder, flags=usual)
    assert error.value.argument == present
    again(folder, flags=now).release()
    kept = json.loads(path.read_text())
    assert former not in kept[group]
    assert kept[group][present] == json.loads(json.dumps(value))


@pytest.mark.parametrize(
    ("script", "options"),
    [
        ("wgan", {}),
        ("wgan", {"optimizer": "rmsprop"}),
        ("vaegan", {"optimizer": "rmsprop"}),
        ("gan", {"discriminator_optimizer": "rmsprop"}),
        ("gan", {}),
    ],
)
def test_a_run_of_rmsprop_that_is_older_than_its_epsilon_must_name_it(script, options, folder):
    """For it had Keras' own. A run without RMSprop goes on."""
    kind = train.load(script).flags
    now = kind(model=type(kind().model)(**options))
    folder.release()
    earlier = config(now)
    del earlier["model"]["rmsprop_epsilon"]
    if not options:
        del earlier["model"]["optimizer"]  # as in runs from before that flag, when a WGAN had RMSprop too
    (folder.path / "config.json").write_text(json.dumps(earlier))
    if script == "gan" and not options:
        again(folder, flags=now).release()
        return
    with pytest.raises(InputError, match=r"--rmsprop_epsilon 1e-16: the run in .* has --rmsprop_epsilon 1e-07; give"):
        again(folder, flags=now)
    again(folder, flags=kind(model=type(now.model)(**options, rmsprop_epsilon=1e-7))).release()


@pytest.mark.parametrize("preset", ["larsen", "bergamini"])
@pytest.mark.parametrize("size", [64, 128])
@pytest.mark.parametrize("network", ["vaegan", "mlp"])
def test_a_run_of_a_preset_that_is_older_than_upsampling_goes_on(preset, size, network, folder):
    """Whose networks have transposed convolutions, as those of the preset have today."""
    now = train.load("vaegan").presets[preset]
    model = dataclasses.replace(now.model, network=network)
    now = dataclasses.replace(now, model=model, data=dataclasses.replace(now.data, image_size=size))
    folder.release()
    earlier = config(now)
    del earlier["model"]["upsampling"], earlier["model"]["rmsprop_epsilon"]
    (folder.path / "config.json").write_text(json.dumps(earlier))
    now = dataclasses.replace(now, model=dataclasses.replace(model, rmsprop_epsilon=1e-7))
    again(folder, flags=now).release()
    assert json.loads((folder.path / "config.json").read_text())["model"]["upsampling"] == "transposed"


def test_a_run_that_began_with_a_preset_s_former_name_goes_on(folder):
    recipe = train.load("wgan")
    now = recipe.presets["feature_matching_vbn"]
    usual = dataclasses.replace(now, model=dataclasses.replace(now.model, preset=None))
    folder.release()
    earlier = config(now)
    earlier["model"]["preset"] = "slides"
    (folder.path / "config.json").write_text(json.dumps(earlier))
    with pytest.raises(InputError, match=r"--preset None: the run in .* has --preset feature_matching_vbn"):
        again(folder, flags=usual)
    again(folder, flags=now).release()

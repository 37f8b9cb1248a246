"""A run's folder: what it goes on with, and what it says where there is nothing to go on with."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
from typing import Annotated

import pytest

from tests.cli.scripts import start
from tests.models.small import MODELS, compiled
from tfgan_models import InputError
from tfgan_models.cli import train
from tfgan_models.recipes import vaegan
from tfgan_models.training import checkpoint, flags, run_folder
from tfgan_models.training import flags as common_flags
from tfgan_models.training.flag_rules import MayChange


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """The folder of a run that wrote checkpoints of its epochs 1, 2 and 3."""
    model = compiled(MODELS["autoencoder"])
    for epoch in (1, 2, 3):
        checkpoint.save(model, tmp_path / "checkpoints", epoch)
    (tmp_path / "config.json").write_text(json.dumps(config(flags.Flags())))
    found = run_folder.RunFolder(tmp_path, "autoencoder", flags.Flags(), "some pictures", "float32", chief=True)
    yield found
    with contextlib.suppress(OSError):  # which a test may have done
        found.release()


def config(flags) -> dict:
    written = dataclasses.asdict(flags)
    written["training"]["precision"], written["data"]["pictures"] = "float32", "some pictures"
    return written


def damage(folder, *epochs: int) -> None:
    for epoch in epochs:
        os.truncate(folder.checkpoints / f"epoch-{epoch:05d}" / checkpoint.VARIABLES, 10)


@pytest.mark.parametrize(("damaged", "done"), [((), 3), ((3,), 2), ((2, 3), 1), ((1, 2), 3)])
def test_a_run_goes_on_from_the_newest_whole_checkpoint(damaged, done, folder, capsys):
    damage(folder, *damaged)
    assert folder.restore(compiled(MODELS["autoencoder"])) == done
    said = capsys.readouterr()
    assert f"{done} epochs done" in said.out
    passed_over = [epoch for epoch in damaged if epoch > done]
    assert said.err.count("damaged:") == said.err.count("taking the checkpoint before it") == len(passed_over)


def test_where_none_is_whole_the_run_says_that_it_starts_over(folder, capsys):
    damage(folder, 1, 2, 3)
    model = compiled(MODELS["autoencoder"])
    assert folder.restore(model) == 0
    *others, last = capsys.readouterr().err.splitlines()
    assert all(line.endswith("; taking the checkpoint before it") for line in others)
    assert last.endswith("; none is whole: starting over")
    assert (len(others), "epoch-00001" in last) == (2, True)
    # And the first epoch that is finished again can be gone on from, however few are kept.
    saved = checkpoint.save(model, folder.checkpoints, 1, keep=1)
    assert checkpoint.checkpoints(folder.checkpoints) == [saved]
    assert folder.restore(model) == 1


def again(folder, **changes):
    """The same run, begun anew in the same folder."""
    flags = changes.pop("flags", common_flags.Flags())
    given = {"algorithm": "autoencoder", "pictures": "some pictures", "precision": "float32", "chief": True, **changes}
    return type(folder)(folder.path, flags=flags, **given)


def test_a_folder_is_one_process_s(folder):
    with pytest.raises(InputError, match="another process is training there"):
        again(folder)
    again(folder, chief=False)  # other workers of the same run write nothing


def test_another_algorithm_is_refused_and_changes_nothing(folder):
    """Though its flags are the same, and its variables may be: a GAN's are those of an R3GAN."""
    folder.release()
    config = folder.path / "config.json"
    before = config.read_bytes()
    with pytest.raises(InputError, match=r"the run there is of autoencoder, this one of vae"):
        again(folder, algorithm="vae")
    assert config.read_bytes() == before
    again(folder).release()


def test_a_run_that_is_older_than_the_algorithm_s_name_goes_on(folder):
    folder.release()
    path = folder.path / "config.json"
    kept = json.loads(path.read_text())
    assert kept.pop("algorithm") == "autoencoder"
    path.write_text(json.dumps(kept))
    again(folder).release()
    assert json.loads(path.read_text())["algorithm"] == "autoencoder"


@dataclasses.dataclass(kw_only=True)
class Beside:
    """A script's own flags."""

    beta: float = 1.0
    vae_epochs: Annotated[int | None, MayChange()] = None
    baseline_steps: Annotated[int, MayChange()] = 3


def test_what_is_trained_beside_a_run_may_change(folder):

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
def test_a_run_goes_on_without_the_flags_that_decided_nothing(script, beside, idle, folder):
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


def test_a_flag_that_decides_something_is_held_to_what_it_was(folder):
    folder.release()
    refused = {True: r"--equilibrium_margin 0\.35: the run in .* has 0\.5", False: "--equilibrium True: .* has False"}
    for equilibrium, said in refused.items():
        earlier = vaegan.VAEGANFlags(model=vaegan.Model(equilibrium=equilibrium, equilibrium_margin=0.5))
        (folder.path / "config.json").write_text(json.dumps(config(earlier)))
        with pytest.raises(InputError, match=said):
            again(folder, flags=vaegan.VAEGANFlags(model=vaegan.Model(equilibrium=True)))


def test_the_folder_one_is_in_is_not_put_aside(folder, monkeypatch):
    folder.release()
    anew = flags.Flags(output=flags.Output(resume=False))
    (below := folder.path / "below").mkdir()
    for place in (folder.path, below):
        monkeypatch.chdir(place)
        with pytest.raises(InputError, match="you are in it"):
            again(folder, flags=anew)
    monkeypatch.chdir("/")
    again(folder, flags=anew).release()


def test_other_pictures_are_refused(folder):
    path = folder.path
    folder.release()
    with pytest.raises(InputError, match=f"--dataset faces: its pictures are not those that the run in {path} began"):
        again(folder, pictures="others")
    again(folder).release()


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
        with pytest.raises(InputError, match=r"--horizontal_flip True: the run in .* has False; give that"):
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
    with pytest.raises(InputError, match=r"--cooldown 0\.5: the run in .* has 0\.0"):
        again(folder, flags=now)
    training = dataclasses.replace(now.training, **old["training"])
    with pytest.raises(InputError, match=r"--balanced_gradients True: the run in .* has False") as error:
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
    with pytest.raises(InputError, match=rf"--{present} .*: the run in .* has ") as error:
        again(folder, flags=usual)
    assert error.value.argument == present
    again(folder, flags=now).release()
    kept = json.loads(path.read_text())
    assert former not in kept[group]
    assert kept[group][present] == json.loads(json.dumps(value))


def test_a_run_that_began_with_a_preset_s_former_name_goes_on(folder):
    recipe = train.load("wgan")
    now = recipe.presets["feature_matching_vbn"]
    usual = dataclasses.replace(now, model=dataclasses.replace(now.model, preset=None))
    folder.release()
    earlier = config(now)
    earlier["model"]["preset"] = "slides"
    (folder.path / "config.json").write_text(json.dumps(earlier))
    with pytest.raises(InputError, match=r"--preset None: the run in .* has feature_matching_vbn"):
        again(folder, flags=usual)
    again(folder, flags=now).release()


@pytest.mark.parametrize("content", [None, "", "{", "[1"])
def test_checkpoints_without_their_flags_are_refused(content, folder):
    folder.release()
    config = folder.path / "config.json"
    config.unlink() if content is None else config.write_text(content)
    with pytest.raises(InputError, match=r"config.json is missing or damaged.*--no-resume"):
        again(folder)


@pytest.mark.slow
def test_a_collapsed_run_ends_with_1_and_so_does_every_further_start_until_it_starts_over(tmp_path):
    """Driven into collapse by a learning rate at which the generator's units die."""
    flags = ["--learning_rate", "0.5", "--steps_per_epoch", "26", "--epochs", "9"]
    for already in (False, True):
        process = start("gan.py", tmp_path, *flags, "--stop_on_collapse")
        printed, _ = process.communicate(timeout=300)
        assert process.returncode == 1, printed[-3000:]
        assert ("Start over with --no-resume" in printed) == already
        assert "gan.py: error: samples differ 0.0" in printed.replace("epochs 1 and 2: ", "")
        assert "Traceback" not in printed
    marker = (tmp_path / "run" / "collapsed.txt").read_text()
    assert marker.rstrip(".") in printed
    assert [path.name for path in checkpoint.checkpoints(tmp_path / "run" / "checkpoints")] == [
        "epoch-00001",
        "epoch-00002",
    ]
    assert not (tmp_path / "export" / "1").exists()

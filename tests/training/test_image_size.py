"""The image size of a run without ``--image_size``."""

from __future__ import annotations

import dataclasses
import json

import pytest

from tests.data.pictures import save
from tfgan_models import InputError
from tfgan_models.cli import train
from tfgan_models.data.own_size import OwnSize, own_size
from tfgan_models.data.sources import load, name_of
from tfgan_models.training.image_size import describe, with_image_size

ALGORITHMS = ("aae", "aae_supervised", "aae_semi_supervised", "improved_gan")
DIGITS = OwnSize((8, 8), (8, 8), (8, 8))


def flags_of(algorithm: str, tmp_path, **data):
    usual = train.load(algorithm).flags()
    output = dataclasses.replace(usual.output, run_dir=str(tmp_path / "run"))
    return dataclasses.replace(usual, data=dataclasses.replace(usual.data, **data), output=output)


def size(algorithm: str, tmp_path, own: OwnSize | None, network: str | None = None, **data) -> int | None:
    flags = flags_of(algorithm, tmp_path, **data)
    if network:
        flags = dataclasses.replace(flags, model=dataclasses.replace(flags.model, network=network))
    return with_image_size(algorithm, flags, own).data.image_size


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_it_follows_the_data_set(algorithm, tmp_path):
    for side, expected in ((8, 8), (28, 28), (480, 32), (3, 8)):
        assert size(algorithm, tmp_path, OwnSize(*[(side, side + 9)] * 3)) == expected
    assert size(algorithm, tmp_path, None) == 32
    assert size(algorithm, tmp_path, DIGITS, image_size=12) == 12


@pytest.mark.parametrize(
    ("network", "side", "expected"),
    [("mlp", 28, 28), ("dcgan", 28, 28), ("dcgan", 25, 28), ("dcgan", 30, 32), ("vaegan", 28, 32)],
)
def test_the_network_can_take_it(network, side, expected, tmp_path):
    assert size("aae", tmp_path, OwnSize(*[(side, side)] * 3), network) == expected
    with pytest.raises(InputError, match="image_size 28: the vaegan networks take 32"):
        size("vaegan", tmp_path, None, network="vaegan", image_size=28)


def test_other_algorithms_have_their_size(tmp_path):
    assert size("vae", tmp_path, DIGITS) == 32
    assert size("gan", tmp_path, None) == 32


def test_a_run_that_goes_on_has_the_size_that_it_began_with(tmp_path):
    photos = OwnSize(*[(640, 480)] * 3)
    config = tmp_path / "run" / "config.json"
    (tmp_path / "run" / "checkpoints" / "epoch-00001").mkdir(parents=True)
    config.write_text(json.dumps({"algorithm": "aae", "data": {"image_size": 8}}))
    assert size("aae", tmp_path, photos) == 8
    flags = flags_of("aae", tmp_path)
    flags = dataclasses.replace(flags, output=dataclasses.replace(flags.output, resume=False))
    assert with_image_size("aae", flags, photos).data.image_size == 32
    config.write_text("damaged")
    assert size("aae", tmp_path, photos) == 32


def test_sizes_of_a_folder(tmp_path):
    for i, shape in enumerate([(640, 480), (640, 480), (300, 200), (1000, 900)]):
        save(tmp_path / "in" / f"{i}.png", size=shape)
    (tmp_path / "in" / "notes.txt").write_text("no picture")
    own = own_size(f"folder:{tmp_path / 'in'}")
    assert own is not None and own.side == 480
    assert describe(32, own) == (
        "images:      trained at 32×32 pixels; the pictures have 300×200 to 1000×900 pixels, about 640×480"
    )
    assert describe(8, own_size("digits")) == "images:      trained at 8×8 pixels; the pictures have 8×8 pixels"
    assert describe(64, own_size("faces")) == "images:      trained at 64×64 pixels"


def test_names_are_those_of_the_sets(tmp_path):
    for i in range(3):
        save(tmp_path / "My pets" / f"{i}.png")
    source = f"folder:{tmp_path / 'My pets'}/"
    assert load(source, "train", image_size=8, cache_dir=str(tmp_path / "cache")).name == name_of(source)
    assert name_of("digits") == "digits"

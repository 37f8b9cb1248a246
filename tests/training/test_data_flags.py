"""The flags about reading pictures: what they take, what they refuse, and runs from before they existed."""

from __future__ import annotations

import json
import sys

import pytest

from tfgan_models.cli import command_line
from tfgan_models.cli.evaluate import EvaluateFlags
from tfgan_models.cli.subjects import _reading
from tfgan_models.data.reading import Reading
from tfgan_models.errors import InputError
from tfgan_models.export.saved_model import ENTRIES
from tfgan_models.training import flags
from tfgan_models.training.earlier_flags import with_defaults
from tfgan_models.training.run_export import _same_manifest


@pytest.fixture
def read(monkeypatch):
    """Read and check a command line."""

    def read(*arguments: str, kind: type = flags.Flags):
        monkeypatch.setattr(sys, "argv", ["train/some.py", *arguments])
        given = command_line.read(kind)
        if kind is flags.Flags:
            flags.check(given)
        return given

    return read


def test_values_that_can_be_given(read):
    data = read("--range", "0", "4095", "--background", "1,2,3", "--fit", "pad", "--channels", "4").data
    assert (data.range, data.background, data.fit, data.channels) == ((0.0, 4095.0), "1,2,3", "pad", 4)
    data = read("--range", "auto").data
    assert (data.range, data.background, data.fit) == ("auto", None, "crop")
    assert read("--range", "-1.5", "1e6", kind=EvaluateFlags).range == (-1.5, 1e6)
    assert read(kind=EvaluateFlags).range is None


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--range", "9", "3"], "--range 9.0 3.0: give two numbers, the lower one first, such as 0 4095, or auto"),
        (["--range", "0", "nan"], "--range 0.0 nan: give two numbers"),
        (["--range", "much"], "--range much: give"),
        (["--range", "5"], "--range 5: give"),
        (["--background", "pink"], "--background pink: give white, black, checker, none or a color as three numbers"),
        (["--fit", "stretch"], "'stretch' is unknown, give crop or pad or squeeze"),
        (["--fit", "pad", "--crop", "9"], "--crop 9: with --fit pad nothing is cut, leave one of them out"),
        (["--channels", "2"], "--channels 2: give 1 for gray, 3 for color or 4 for color with transparency"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_bad_values_are_refused_in_one_line(read, arguments, message):
    with pytest.raises(InputError) as error:
        read(*arguments)
    assert message in str(error.value) and "\n" not in str(error.value)
    assert error.value.argument == message.partition(":")[0].split()[0].strip("-") or "unknown" in message


def test_runs_from_before_these_flags_have_what_was_usual():
    completed = with_defaults({"data": {"dataset": "faces"}}, flags.Flags())
    data = completed["data"]
    assert (data["fit"], data["background"], data["range"]) == ("crop", None, "auto")


def test_an_evaluation_reads_pictures_as_the_training_did_unless_flags_are_set():
    manifest = Reading(20, "crop", "black", {"uint16": (0.0, 4095.0)}).manifest()
    assert _reading(EvaluateFlags(), manifest) == manifest
    assert _reading(EvaluateFlags(), {"channels": 3}) == {
        "crop": None,
        "fit": "crop",
        "background": None,
        "range": None,
    }
    padded = _reading(EvaluateFlags(fit="pad", range=(0, 1), background="white"), manifest)
    assert padded == {"crop": None, "fit": "pad", "background": "white", "range": (0, 1)}
    cropped = _reading(EvaluateFlags(crop=9), Reading(fit="pad").manifest())
    assert (cropped["crop"], cropped["fit"]) == (9, "crop")


def test_a_finished_run_of_an_earlier_version_has_nothing_new_to_export(tmp_path):
    before = dict.fromkeys(ENTRIES) | {"dataset": "faces", "crop": None, "seed": 0}
    (tmp_path / "manifest.json").write_text(json.dumps(before))
    now = before | Reading(ranges={"uint8": (0, 255)}).manifest()
    assert _same_manifest(tmp_path, now)
    assert not _same_manifest(tmp_path, now | {"crop": 9})
    (tmp_path / "manifest.json").write_text(json.dumps(now))
    assert _same_manifest(tmp_path, now) and not _same_manifest(tmp_path, now | {"fit": "pad"})

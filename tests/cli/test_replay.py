"""``tfgan replay``: the epochs of a run in order, and what it refuses."""

from __future__ import annotations

import sys

import numpy as np
import pytest
from PIL import Image

from tests.cli.test_main import tfgan  # noqa: F401  a fixture
from tests.plots.test_animation import decoded
from tests.training.test_flags import without_tensorflow  # noqa: F401  a fixture
from tfgan_models import InputError
from tfgan_models.cli import command_line, replay
from tfgan_models.plots import animation

SIDE = 300


def write(run, kind: str, epoch: int, size: tuple[int, int] = (SIDE, SIDE), mode: str = "L") -> None:
    """A picture whose pixels are all the epoch's number."""
    (run / kind).mkdir(parents=True, exist_ok=True)
    Image.new(mode, size, (epoch,) * len(mode)).save(run / kind / f"epoch-{epoch:04d}.png")


@pytest.fixture
def run(tmp_path):
    """A run with pictures every third epoch, that ended after 8 epochs and later went on to 10."""
    for epoch in (3, 6, 8, 9, 10):
        write(tmp_path / "run", "samples", epoch)
    for epoch in (3, 6):
        write(tmp_path / "run", "samples_prior", epoch + 100)
    write(tmp_path / "run", "reconstructions", 200)
    (tmp_path / "run" / "samples" / "epoch-old.png").write_text("of something else")
    return tmp_path / "run"


def epochs(path) -> list[int]:
    """The epochs that an animation shows, by the pixels below the captions."""
    return [int(frame[-1, -1, 0]) for frame in decoded(path)[0]]


def play(run, tmp_path, **flags) -> list[int]:
    output = tmp_path / "training.gif"
    replay.main(replay.ReplayFlags(run=str(run), output=str(output), **flags))
    return epochs(output)


def test_each_epoch_is_shown_once_in_order_with_its_number(run, tmp_path, capsys):
    assert play(run, tmp_path) == [3, 6, 8, 9, 10]
    frames, milliseconds = decoded(tmp_path / "training.gif")
    assert frames.shape[1:] == (animation.captioned_height(SIDE), SIDE, 3)
    for frame, epoch in zip(frames, (3, 6, 8, 9, 10), strict=True):
        picture = np.full((SIDE, SIDE, 1), epoch, np.uint8)
        np.testing.assert_array_equal(frame[..., :1], animation.captioned(picture, f"epoch {epoch}"))
    assert milliseconds == [250] * 4 + [2250]
    assert f"training.gif: samples of {run} after 5 epochs, from 3 to 10\n" in capsys.readouterr().out


def test_flags(run, tmp_path):
    assert play(run, tmp_path, what="samples_prior") == [103, 106]
    assert play(run, tmp_path, what="reconstructions") == [200]
    assert play(run, tmp_path, every=2) == [6, 9, 10]
    assert play(run, tmp_path, loop="back_and_forth") == [3, 6, 8, 9, 10, 9, 8, 6]
    play(run, tmp_path, frames_per_second=10, pause=0)
    assert decoded(tmp_path / "training.gif")[1] == [100] * 5
    replay.main(replay.ReplayFlags(run=str(run), output=str(tmp_path / "a.webp")))
    with Image.open(tmp_path / "a.webp") as image:
        assert (image.format, image.n_frames) == ("WEBP", 5)


def test_epochs_of_more_digits_follow(run, tmp_path):
    write(run, "samples_codes", 99)
    Image.new("L", (SIDE, SIDE), 7).save(run / "samples_codes" / "epoch-10000.png")
    assert play(run, tmp_path, what="samples_codes") == [99, 7]


def test_pictures_of_other_sizes_and_modes_are_filled_up(run, tmp_path):
    write(run, "samples", 11, (SIDE // 2, SIDE - 10), "RGB")
    np.testing.assert_allclose(play(run, tmp_path)[:-1], [3, 6, 8, 9, 10], atol=4)  # among other colors
    frame = decoded(tmp_path / "training.gif")[0][-1]
    top = len(frame) - SIDE
    np.testing.assert_allclose(frame[top:-10, : SIDE // 2].astype(int), 11, atol=4)
    assert (frame[-10:] > 250).all() and (frame[top:, SIDE // 2 :] > 250).all()


def test_small_sheets_are_enlarged_below_a_caption_that_can_be_read(tmp_path):
    write(tmp_path / "run", "samples", 5, (30, 30))
    play(tmp_path / "run", tmp_path)
    assert decoded(tmp_path / "training.gif")[0].shape[1:] == (animation.captioned_height(240), 240, 3)


def test_damaged_pictures_are_skipped_and_counted(run, tmp_path, capsys):
    path = run / "samples" / "epoch-0006.png"
    path.write_bytes(path.read_bytes()[:60])
    assert play(run, tmp_path) == [3, 8, 9, 10]
    assert capsys.readouterr().err == f"skipped 1 of 5 pictures: damaged (first: {str(path)!r})\n"
    (run / "reconstructions" / "epoch-0200.png").write_bytes(b"")
    with pytest.raises(InputError, match=r"^--run .*: none of its pictures can be read \(first: .*epoch-0200.png"):
        play(run, tmp_path, what="reconstructions")


@pytest.mark.parametrize("words", [["{run}", "--every", "2"], ["--every", "2", "--run", "{run}"]])
def test_the_run_may_be_the_first_word(words, run, monkeypatch):
    monkeypatch.setattr(sys, "argv", ["tfgan replay", *(word.format(run=run) for word in words)])
    flags = command_line.read(replay.ReplayFlags)
    assert (flags.run, flags.every) == (str(run), 2)


def test_what_cannot_be_is_refused(run, tmp_path, monkeypatch):
    def refused(match: str, **flags) -> None:
        with pytest.raises(InputError, match=match) as error:
            replay.main(replay.ReplayFlags(**{"run": str(run), "output": str(tmp_path / "a.gif"), **flags}))
        assert "\n" not in str(error.value)
        assert not (tmp_path / "a.gif").exists()

    refused(r"^--output a.png: give a file name that ends in .gif or .webp", output="a.png")
    refused(r"^--run nowhere: there is no such folder, give that of a run", run="nowhere")
    refused(r"^--run .*: it has no pictures of epochs, such as samples/epoch-0001.png", run=str(run / "samples"))
    refused(r"^--what samples_codes: .* give --what samples or reconstructions or samples_prior$", what="samples_codes")
    refused(r"^--every 0: give a number above 0", every=0)
    refused(r"^--frames_per_second 51", frames_per_second=51)
    monkeypatch.setattr(animation, "MAX_PIXELS", 2 * SIDE * animation.captioned_height(SIDE))
    refused(r"^--every 1: the 5 frames would have 0 million pixels.*; give 3$")
    assert play(run, tmp_path, every=3) == [8, 10]


def test_it_needs_no_tensorflow(run, tfgan, tmp_path):  # noqa: F811
    done = tfgan("replay", str(run), "--output", "some/a.gif")
    assert (done.returncode, done.stderr) == (0, "")
    assert epochs(tmp_path / "some" / "a.gif") == [3, 6, 8, 9, 10]

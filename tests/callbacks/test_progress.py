"""Output of a training: a bar on a terminal, plain lines elsewhere."""

from __future__ import annotations

import re
import sys
import threading

import pytest
import tensorflow as tf

from tests.models.small import BATCH, MODELS, batch, compiled
from tfgan_models.callbacks.progress import Progress
from tfgan_models.data import utils

CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f]")  # all but the end of a line


@pytest.fixture(scope="module")
def model():
    return compiled(MODELS["vaegan"])


def printed(model, capsys, monkeypatch, terminal: bool, verbose: int) -> str:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: terminal, raising=False)
    data = tf.data.Dataset.from_tensors(batch())
    callbacks = [Progress(BATCH, verbose)]
    options = {"epochs": 2, "steps_per_epoch": 3, "verbose": 0, "shuffle": False}
    model.fit(data.repeat(), validation_data=data, callbacks=callbacks, **options)
    return capsys.readouterr().out


@pytest.mark.parametrize(("terminal", "verbose"), [(False, 1), (False, 2), (True, 2)])
def test_a_line_for_each_epoch(model, capsys, monkeypatch, terminal, verbose):
    text = printed(model, capsys, monkeypatch, terminal, verbose)
    assert not CONTROL.search(text)
    number = r"-?[\d.,e+-]+"
    names = ("encoder_loss", "decoder_loss", "discriminator_loss", "val_pixel_error")
    values = ", ".join(f"{name} {number}" for name in names)
    first, second = text.splitlines()
    for epoch, line in enumerate((first, second), 1):
        assert re.fullmatch(rf"epoch {epoch}/2: {number} s, {number} images/s, {values}", line)


def test_a_bar_on_a_terminal_has_at_most_five_values(model, capsys, monkeypatch):
    text = printed(model, capsys, monkeypatch, terminal=True, verbose=1)
    assert "\r" in text
    values = [re.findall(r" - (\w+):", line) for line in re.split(r"[\r\n]", text)]
    assert max(map(len, values)) == 5
    assert {"encoder_loss", "decoder_loss", "discriminator_loss", "val_pixel_error"} <= set(values[-2] or values[-1])


@pytest.mark.parametrize("terminal", [False, True])
def test_nothing_is_printed_without_verbosity(model, capsys, monkeypatch, terminal):
    assert printed(model, capsys, monkeypatch, terminal, 0) == ""


def test_a_quiet_thread_prints_nothing_and_others_go_on(capsys, monkeypatch):
    def read() -> None:
        list(utils.with_progress(iter("abc"), 3, "Decoding"))

    monkeypatch.setattr(utils, "_verbose", 2)
    with pytest.raises(ValueError, match="unreadable"), utils.quiet():
        read()
        other = threading.Thread(target=read)
        other.start()
        other.join()
        raise ValueError("unreadable")
    assert capsys.readouterr().err == "Decoding: 3 pictures\n"
    read()
    assert capsys.readouterr().err == "Decoding: 3 pictures\n"


@pytest.mark.parametrize(("terminal", "level"), [(False, 0), (False, 1), (False, 2), (True, 0), (True, 1), (True, 2)])
def test_progress_through_pictures(capsys, monkeypatch, terminal, level):
    monkeypatch.setattr(utils, "_verbose", 1)
    monkeypatch.setattr(sys.stderr, "isatty", lambda: terminal, raising=False)
    utils.set_verbose(level)
    assert list(utils.with_progress(iter("abc"), 3000, "Decoding")) == ["a", "b", "c"]
    out, err = capsys.readouterr()
    assert out == ""
    if level == 1 and terminal:
        assert "\r" in err
    else:
        assert err == ("Decoding: 3,000 pictures\n" if level else "")

"""``tfgan studio``: its flags, and what it refuses before TensorFlow is imported."""

from __future__ import annotations

import socket

import pytest

from tests.cli.scripts import ROOT
from tests.cli.test_main import tfgan  # noqa: F401  a fixture
from tests.data.pictures import save
from tests.training.test_flags import without_tensorflow  # noqa: F401  a fixture
from tfgan_models import InputError
from tfgan_models.cli import studio


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--label_names", "a"], "--label_names a: it has no effect without --label"),
        (["--port", "0"], "--port 0: give a number from 1 to 65535"),
        (["--run", "nowhere"], "--run nowhere: there is no such folder"),
        (["--run", str(ROOT)], f"--run {ROOT}: it has no config.json of a run"),
        (["--label", "nowhere"], "--label 'nowhere': there is no such folder"),
        (
            ["--answers", str(ROOT / "README.md")],
            f"--answers '{ROOT / 'README.md'}': it is damaged or not a file of answers",
        ),
        (["--answers", "/proc/answers.sqlite"], "--answers /proc/answers.sqlite: it cannot be written"),
        (["--answers", str(ROOT)], f"--answers {ROOT}: it is a folder, give the name of a file"),
    ],
)
def test_one_line_says_what_is_wrong(tfgan, arguments, message):  # noqa: F811
    done = tfgan("studio", *arguments)
    assert done.returncode == 2 and done.stderr.count("\n") == 1
    assert done.stderr.startswith(f"tfgan studio: error: {message}")


def test_a_port_in_use_is_refused(tfgan):  # noqa: F811
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        done = tfgan("studio", "--port", str(port))
    assert (done.returncode, done.stderr) == (
        2,
        f"tfgan studio: error: --port {port}: address already in use; give another, or leave the flag out\n",
    )


def test_without_gradio_the_error_says_what_to_install(monkeypatch, tmp_path):
    monkeypatch.setattr(studio.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(InputError, match=r"the studio needs Gradio: pip install 'tfgan_models\[studio\]'"):
        studio.start(studio.StudioFlags(), str(tmp_path))


def test_the_ready_model_opens_by_default(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    assert studio.ready_model() == str(ROOT / studio.READY)
    (tmp_path / studio.READY).mkdir(parents=True)
    assert studio.ready_model() == str(tmp_path / studio.READY)
    (tmp_path / studio.READY).rmdir()
    monkeypatch.setattr(studio, "READY", "saved_models/none")
    with pytest.raises(InputError, match="there is no saved_models/none here, give --model"):
        studio.ready_model()


def test_names_are_short_unless_two_are_the_same(tmp_path):
    paths = [tmp_path / "one" / "a", tmp_path / "two" / "a", tmp_path / "two" / "b"]
    assert studio.short_names(paths, 1) == [str(paths[0]), str(paths[1]), "b"]
    assert studio.short_names(paths, 2) == ["one/a", "two/a", "two/b"]


def test_runs_and_labels_need_no_model(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(studio, "READY", "saved_models/none")
    with pytest.raises(InputError, match="there is no saved_models/none here, give --model"):
        studio.default_models(studio.StudioFlags())
    assert studio.default_models(studio.StudioFlags(label="photos")) == ()
    assert studio.default_models(studio.StudioFlags(run=("runs/a",))) == ()


def test_a_table_of_labels_that_cannot_be_written_is_refused_at_the_start(tfgan, tmp_path):  # noqa: F811
    save(tmp_path / "photos" / "a.png")
    (tmp_path / "file").touch()
    labels = ("--label", str(tmp_path / "photos"), "--label_names", "a", "--label_file", str(tmp_path / "file" / "t"))
    done = tfgan("studio", *labels)
    assert done.returncode == 2 and done.stderr.count("\n") == 1
    assert f"--label_file {tmp_path / 'file' / 't'}: it cannot be written" in done.stderr
    link = tmp_path / "link.csv"
    link.symlink_to(tmp_path / "file" / "t")
    done = tfgan("studio", *labels[:-1], str(link))
    assert done.returncode == 2 and done.stderr.count("\n") == 1
    assert f"--label_file {tmp_path / 'file' / 't'}: it cannot be written" in done.stderr

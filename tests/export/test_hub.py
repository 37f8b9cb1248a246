"""Uploads to the Hugging Face hub and downloads from it, against a stand-in on this machine."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import keras
import numpy as np
import pytest
from huggingface_hub import constants

from tests.export import hub_server
from tests.shared import trained
from tfgan_models import InputError, export
from tfgan_models.cli import pull, push
from tfgan_models.export import card_files, hub, portable, sharing

PRIVATE = {
    "dataset": "folder:/home/ann/patients",
    "attributes": "/home/ann/patients.csv",
    "relative_to": "/home/ann",
    "parent": {"path": "/home/ann/runs/x", "weights": "0123"},
}


@pytest.fixture
def server(monkeypatch, tmp_path) -> Iterator[hub_server.Hub]:
    """A hub that huggingface_hub talks to, with a token; nothing else is read or written in its name."""
    with hub_server.running() as running:
        monkeypatch.setattr(constants, "ENDPOINT", running.address)
        address_of_files = f"{running.address}/{{repo_id}}/resolve/{{revision}}/{{filename}}"
        monkeypatch.setattr(constants, "HUGGINGFACE_CO_URL_TEMPLATE", address_of_files)
        monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "cache"))
        monkeypatch.setattr(constants, "HF_TOKEN_PATH", str(tmp_path / "no token"))
        monkeypatch.setenv("HF_TOKEN", hub_server.TOKEN)
        monkeypatch.chdir(tmp_path)
        yield running


@pytest.fixture
def version(exported, tmp_path) -> Path:
    """An export of private pictures, with files of an evaluation."""
    version = Path(shutil.copytree(exported("vaegan"), tmp_path / "models" / "vaegan" / "1"))
    manifest = export.read_manifest(version) | PRIVATE
    (version / "manifest.json").write_text(json.dumps(manifest))
    report = {
        "model": "/home/ann/m",
        "dataset": PRIVATE["dataset"],
        "human": {"people": ["Ann"]},
        "extractor": {"name": "folder-patients-rotations", "digest": "0123456789ab"},
        "figures": {"a": 1.5},
    }
    (version / "evaluation.json").write_text(json.dumps(report))
    (version / "neighbours.png").write_bytes(b"training images")
    (version / "evaluation-folder_home_ann.json").write_text("{}")
    return version


def command(module, monkeypatch, capsys, *words: str) -> tuple[int, str, str]:
    """The exit code of a subcommand, and what it printed on both outputs."""
    monkeypatch.setattr(sys, "argv", ["tfgan x", *words])
    code = 0
    try:
        module.command()
    except SystemExit as end:
        code = end.code
    return code, *capsys.readouterr()


def test_a_model_makes_the_round_trip(server, version, monkeypatch, capsys):
    arguments = ("--model", "models/vaegan", "--to", "owner/faces", "--private")
    code, printed, _ = command(push, monkeypatch, capsys, *arguments)
    assert code == 0 and f"uploaded:    {server.address}/owner/faces" in printed
    assert server.private == {"owner/faces"}
    code, printed, _ = command(pull, monkeypatch, capsys, "owner/faces", "--output", "pulled")
    assert code == 0 and "downloaded:  pulled/1 " in printed and "trust owner" in printed
    names = {path.name for path in Path("pulled/1").rglob("*") if path.is_file()}
    left_out = {"neighbours.png", "evaluation-folder_home_ann.json"}
    assert names == {path.name for path in version.rglob("*") if path.is_file()} - left_out
    loaded, original = export.load("pulled"), export.load(version)
    images = [model("sample", count=2, seed=1)["image"] for model in (loaded, original)]
    np.testing.assert_array_equal(*images)
    assert (Path("pulled/1") / "README.md").read_text() == (version / "README.md").read_text()
    command(pull, monkeypatch, capsys, "owner/faces", "--output", "pulled")
    assert [path.name for path in export.versions("pulled")] == ["1", "2"]


def test_nothing_private_is_uploaded_and_all_that_is_uploaded_is_said(server, version, monkeypatch, capsys):
    arguments = ("--model", str(version), "--to", "owner/faces")
    _, announced, _ = command(push, monkeypatch, capsys, *arguments, "--dry_run")
    assert server.requests == [] and "uploaded:" not in announced
    assert "left out:    evaluation-folder_home_ann.json, neighbours.png" in announced
    code, printed, _ = command(push, monkeypatch, capsys, *arguments)
    assert code == 0 and printed.startswith(announced)
    files = server.models["owner/faces"]
    assert not [
        name for name, content in files.items() if any(word in content for word in (b"ann/", b"Ann", b"patients"))
    ]
    listed = {
        line.split()[1]: int(line.split()[0].replace(",", "")) for line in announced.splitlines() if line[0] == " "
    }
    assert listed == {name: len(content) for name, content in files.items() if name != ".gitattributes"}
    manifest, report = (json.loads(files[name]) for name in ("manifest.json", "evaluation.json"))
    assert manifest["dataset"] == "folder:PICTURES" and manifest["attributes"] == "PICTURES"
    assert manifest["parent"] == {"path": "PICTURES", "weights": "0123"} and "relative_to" not in manifest
    extractor = {"name": "folder-PICTURES-rotations", "digest": "0123456789ab"}
    assert report == {"model": "PICTURES", "dataset": "folder:PICTURES", "extractor": extractor, "figures": {"a": 1.5}}
    assert manifest["signatures"] == export.read_manifest(version)["signatures"]


def test_a_second_upload_replaces_the_first(server, version, exported, monkeypatch, capsys):
    command(push, monkeypatch, capsys, "--model", str(version), "--to", "owner/faces")
    server.models["owner/faces"]["notes.txt"] = b"of the user"
    command(push, monkeypatch, capsys, "--model", str(exported("autoencoder")), "--to", "owner/faces")
    files = server.models["owner/faces"]
    assert json.loads(files["manifest.json"])["algorithm"] == "AutoEncoder"
    assert "evaluation.json" not in files and "samples.png" not in files and files["notes.txt"] == b"of the user"


def test_keras_loads_the_repository(server, exported, monkeypatch, capsys):
    version, model = exported("vae"), trained("vae")
    assert command(push, monkeypatch, capsys, "--model", str(version), "--to", "owner/vae")[0] == 0
    assert "model.keras" not in server.models["owner/vae"]
    loaded = keras.saving.load_model("hf://owner/vae")
    latents = np.ones((2, model.decoder.input_shape[-1]), np.float32)
    np.testing.assert_array_equal(loaded.generate(latents), model.generate(latents))
    command(pull, monkeypatch, capsys, "owner/vae")
    packed = keras.saving.load_model("saved_models/vae/1/model.keras")
    np.testing.assert_array_equal(packed.generate(latents), model.generate(latents))


def test_an_export_without_a_card_gets_one(version):
    (version / card_files.CARD).unlink()
    (version / "evaluation.json").unlink()
    text = hub.prepare(version, "owner/faces").files[card_files.CARD]
    assert isinstance(text, bytes) and b"\n# VAEGAN-folder-" in text and b"ann" not in text.replace(b"channel", b"")


def test_a_card_of_the_user_with_a_path_of_this_machine_is_refused(version, monkeypatch, capsys, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path))
    (version / card_files.CARD).write_text(f"see {tmp_path}/notes")
    code, _, errors = command(push, monkeypatch, capsys, "--model", str(version), "--to", "owner/faces")
    assert code == 2 and f"it names the folder {tmp_path} of this machine" in errors


def refused(module, monkeypatch, capsys, *words: str) -> str:
    """The line of a command that ends with code 2."""
    code, _, errors = command(module, monkeypatch, capsys, *words)
    (line,) = [line for line in errors.splitlines() if "error: " in line]
    assert code == 2 and "Traceback" not in errors
    return line


def test_errors_are_one_line_that_says_what_to_do(server, version, monkeypatch, capsys):
    upload, download = ("--model", str(version), "--to", "owner/faces"), ("owner/nothing",)
    assert "owner/nothing: there is no such model on the hub" in refused(pull, monkeypatch, capsys, *download)
    assert not Path("saved_models").exists() or not list(Path("saved_models").rglob("*.*"))
    server.models["owner/text"] = {"config.json": b"{}"}
    assert "owner/text: this model is not an export" in refused(pull, monkeypatch, capsys, "owner/text")
    foreign = (*upload[:-1], "other/faces")
    assert "other/faces: the hub refuses (403): check the owner" in refused(push, monkeypatch, capsys, *foreign)
    monkeypatch.setenv("HF_TOKEN", "wrong")
    assert "owner/faces: the hub refuses (401)" in refused(push, monkeypatch, capsys, *upload)
    monkeypatch.delenv("HF_TOKEN")
    assert "there is no token for the hub, give a token in HF_TOKEN" in refused(push, monkeypatch, capsys, *upload)
    monkeypatch.setitem(sys.modules, "huggingface_hub", None)
    for module, words in ((push, upload), (pull, download)):
        assert "pip install 'tfgan_models[hub]'" in refused(module, monkeypatch, capsys, *words)


def test_a_hub_that_does_not_answer(server, version, monkeypatch, capsys):
    monkeypatch.setattr(constants, "ENDPOINT", "http://127.0.0.1:9")
    for module, words in ((push, ("--model", str(version), "--to", "owner/faces")), (pull, ("owner/faces",))):
        assert "http://127.0.0.1:9 does not answer, check the connection" in refused(
            module, monkeypatch, capsys, *words
        )
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    assert "does not answer" in refused(pull, monkeypatch, capsys, "owner/faces")
    assert not list(Path().glob("saved_models/*/*"))


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("variables/variables.index", "variables/variables.index"),
        ("variables/variables.data-00000-of-00001", "variables/variables.data"),
    ],
)
def test_an_export_without_its_weights_is_refused(name, said, version, monkeypatch, capsys):
    os.truncate(version / name, 0)
    code, printed, error = command(
        push, monkeypatch, capsys, "--model", str(version), "--to", "owner/faces", "--dry_run"
    )
    assert (code, printed) == (2, "")
    assert f"{version}: {said} is missing or empty, export the model again\n" in error


def test_a_model_without_its_weights_is_not_downloaded(server, version, monkeypatch, capsys):
    command(push, monkeypatch, capsys, "--model", str(version), "--to", "owner/faces")
    del server.models["owner/faces"]["variables/variables.index"]
    code, printed, error = command(pull, monkeypatch, capsys, "owner/faces", "--output", "pulled")
    assert (code, printed) == (2, "")
    assert (
        "owner/faces: variables/variables.index is missing or empty, ask the owner to upload the model again\n" in error
    )
    assert not list(Path().glob("pulled/*"))


def test_damaged_files_are_one_line(exported, tmp_path):
    version = Path(shutil.copytree(exported("vae"), tmp_path / "1"))
    (version / "evaluation.json").write_text("{")
    for name, call in (
        ("evaluation.json", lambda: sharing.contents(version)),
        ("model.keras", lambda: sharing.contents(version)),
        ("code_prior.npz", lambda: portable.read_code_prior(version)),
    ):
        for size in (100, 0):
            (version / name).touch()
            os.truncate(version / name, min(size, (version / name).stat().st_size))
            with pytest.raises(InputError, match=f"{name}' is damaged"):
                call()
        (version / name).unlink()

"""The page without a browser: its requests, errors, sources and what it does not serve."""

from __future__ import annotations

import json
import types
import urllib.error
import urllib.request

import gradio
import numpy as np
import pytest

from tests.cli.scripts import ROOT
from tests.studio.conftest import built, event, in_event_loop
from tfgan_models import InputError
from tfgan_models.studio import app, latent_map, neighbors, page, samples, subject, walk
from tfgan_models.studio import workspace as workspace_module
from tfgan_models.studio.workspace import Workspace


def ask(address: str, path: str, data: dict | None = None, **headers: str) -> tuple[int, str, dict[str, str]]:
    """The status, text and headers of an answer."""
    body = json.dumps(data).encode() if data is not None else None
    return answered(urllib.request.Request(address + path, body, {"Content-Type": "application/json", **headers}))


def answered(request: urllib.request.Request) -> tuple[int, str, dict[str, str]]:
    """The status, text and headers of the answer to a request."""
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, answer.read().decode(errors="replace"), dict(answer.headers)
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode(errors="replace"), dict(error.headers)


def test_the_page_is_of_this_machine_alone(address):
    assert address.startswith("http://127.0.0.1:")
    status, text, headers = ask(address, "")
    assert status == 200 and "tfgan studio" in text
    policy = headers["content-security-policy"]
    assert "default-src 'self'" in policy and "http" not in policy and "*" not in policy
    assert "googleapis" not in text and "gstatic" not in text and "cdnjs" not in text
    config = json.loads(ask(address, "config")[1])
    assert config["analytics_enabled"] is False
    assert all(dependency["api_visibility"] == "private" for dependency in config["dependencies"])
    styles = ask(address, "theme.css")[1]
    assert "system-ui" in styles and "@import" not in styles
    assert "http" not in styles.replace("http://www.w3.org/2000/svg", "")


@pytest.mark.parametrize(
    "path",
    [
        "gradio_api/file=/etc/passwd",
        "gradio_api/file=../../../../etc/passwd",
        "gradio_api/file=%2e%2e/%2e%2e/etc/passwd",
        "gradio_api/file=secret.png",
        f"gradio_api/file={ROOT / 'pyproject.toml'}",
        f"gradio_api/file/{ROOT / 'pyproject.toml'}",
        "gradio_api/file=http://127.0.0.1:9/",
        "gradio_api/proxy=http://127.0.0.1:9/",
        "static/../../../../etc/passwd",
        "assets/..%2f..%2f..%2f..%2fetc/passwd",
        "custom_component/../../../etc/passwd",
    ],
)
def test_no_file_of_this_machine_is_served(address, path):
    status, text, _ = ask(address, path)
    assert status in (400, 403, 404, 405, 422), text
    assert not any(content in text for content in ("root:", "[project]", "of the working folder"))


@pytest.mark.parametrize(("size", "status"), [(1_000, 200), (subject.MAX_BYTES + 1_000_000, 413)])
def test_a_large_upload_is_refused(address, size, status):
    parts = b'--x\r\nContent-Disposition: form-data; name="files"; filename="me.png"\r\n\r\n', b"\r\n--x--\r\n"
    body = bytes(size).join(parts)
    request = urllib.request.Request(address + "gradio_api/upload", body)
    request.add_header("Content-Type", "multipart/form-data; boundary=x")
    assert answered(request)[0] == status


def test_a_file_that_was_not_uploaded_is_no_upload(address, tmp_path):
    """A request that names a file of this machine as an uploaded one, to each function that takes files."""
    (tmp_path / "secret.png").write_bytes(b"no picture")
    config = json.loads(ask(address, "config")[1])
    files = {c["id"] for c in config["components"] if c["type"] == "file"}
    named = {"path": str(tmp_path / "secret.png"), "meta": {"_type": "gradio.FileData"}}
    tried = 0
    for dependency in config["dependencies"]:
        if not files & set(dependency["inputs"]):
            continue
        values = {c["id"]: c["props"].get("value") for c in config["components"]}
        data = [named if component in files else values[component] for component in dependency["inputs"]]
        body = {"data": data, "fn_index": dependency["id"], "session_hash": "test"}
        status, text, _ = ask(address, "gradio_api/run/predict", body)
        assert status >= 400 and "cannot be read as a picture" not in text, text
        tried += 1
    assert tried


def test_another_name_of_this_machine_is_refused(address):
    assert ask(address, "", Host="elsewhere.example:7860")[0] == 403
    assert ask(address, "", Host=f"localhost:{address.rstrip('/').rpartition(':')[2]}")[0] == 200


def test_a_request_of_another_page_is_refused(address):
    """A page elsewhere may send requests to this machine; the browser names that page in each of them."""
    for origin in ("https://elsewhere.example", "null", "http://127.0.0.1:1"):
        assert ask(address, "gradio_api/upload", {}, Origin=origin)[0] == 403
    assert ask(address, "config", Origin=address.rstrip("/"))[0] == 200


def test_a_request_of_another_page_that_does_not_name_it_is_refused(address):
    """A picture or a script of another page has no origin, but the browser says that it is of another page."""
    for site in ("cross-site", "same-site"):
        other = {"Sec-Fetch-Site": site, "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}
        assert ask(address, "config", **other)[0] == 403
        assert ask(address, "", **other | {"Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "image"})[0] == 403
        assert ask(address, "", **other | {"Sec-Fetch-Dest": "iframe"})[0] == 403
        assert ask(address, "", **other)[0] == 200  # a link
    assert ask(address, "config", **{"Sec-Fetch-Site": "same-origin"})[0] == 200


@pytest.mark.parametrize(
    "route",
    ["file=http:", "file/http:", "file/https:", "file%3Dhttp:", "file%2Fhttp:", "file/%68ttp%3A", "proxy=http:"],
)
def test_no_address_is_fetched_for_a_visitor(address, route):
    assert ask(address, f"gradio_api/{route}//127.0.0.1:9/")[:2] == (403, "refused")


def test_errors_are_one_sentence(capsys):
    def refused(name):
        raise InputError(f"seed <{name}>: give a number")

    def broken(name):
        raise ZeroDivisionError("secret")

    with pytest.raises(gradio.Error) as error:
        page.guarded(refused)("b")
    assert error.value.message == "Seed &lt;b&gt;: give a number." and not error.value.print_exception
    assert capsys.readouterr().err == ""
    with pytest.raises(gradio.Error, match="The studio has a defect") as error:
        page.guarded(broken)("b")
    assert "secret" not in error.value.message and "ZeroDivisionError: secret" in capsys.readouterr().err


@pytest.fixture
def stub() -> Workspace:
    """A model whose training data cannot be read."""

    def read_images(*_):
        raise InputError("the data are gone")

    model = types.SimpleNamespace(encodes=True, manifest={"signatures": {}}, check_encodes=lambda: None)
    return Workspace({"b": model}, read_images)  # pyright: ignore[reportArgumentType]


def test_after_a_failed_change_of_the_model_nothing_is_left_of_the_one_before(stub):
    blocks = built(walk, stub)
    with pytest.warns(UserWarning, match="The data are gone"):
        assert event(blocks, "switch_model").fn("b", 1)[-2:] == [None, ""]
    before = subject.Subject("a", np.zeros((8, 8, 1), np.uint8), np.zeros(2, np.float32), "of the model before")
    with pytest.raises(gradio.Error, match="The pictures are of another model"):
        event(blocks, "animate").fn("b", before, before, 0.5)


def test_answers_to_earlier_choices_are_cancelled(stub):
    blocks = built(neighbors, stub)
    cancelled = {number for found in blocks.fns.values() for number in found.cancels}
    assert {event(blocks, name)._id for name in ("look", "open_tab", "choose")} <= cancelled


def test_the_newest_model_is_answered_and_not_the_one_before(stub):
    shown = event(built(latent_map, stub), "show_map")
    assert shown.trigger_mode == "always_last"
    blocks = built(samples, stub)
    redrawn = [found._id for found in blocks.fns.values() if getattr(found.fn, "__name__", "") == "show_all"]
    cancelled = {number for found in blocks.fns.values() for number in found.cancels}
    assert len(redrawn) == 2 and set(redrawn) <= cancelled


def test_a_picture_is_chosen_closer_if_the_box_is_ticked(workspace, monkeypatch):
    monkeypatch.setattr(workspace_module, "REFINING_STEPS", 3)
    chosen = event(built(walk, workspace), "choose")
    assert any(isinstance(component, gradio.Checkbox) for component in chosen.inputs)
    plain, closer = (chosen.fn("vae", subject.HELD_OUT, 2, None, ticked)[0] for ticked in (False, True))
    assert (plain.image == closer.image).all() and (plain.latent != closer.latent).any()


def test_what_a_source_shows(workspace, monkeypatch):
    assert page._visible(workspace, True, "vae", subject.OWN) == [True, False, False, True]
    assert page._visible(workspace, True, "vae", subject.HELD_OUT) == [False, True, True, True]
    assert page._visible(workspace, False, "vae", subject.HELD_OUT) == [False, True, True, False]
    assert page._visible(workspace, True, "vae", subject.SAMPLE) == [False, True, True, False]
    monkeypatch.setitem(workspace.model("vae").manifest, "signatures", ["generate", "encode", "reconstruct"])
    assert page._visible(workspace, True, "vae", subject.HELD_OUT) == [False, True, True, False]  # without samples


@pytest.mark.parametrize(
    ("dataset", "name"),
    [
        ("folder:photos/", "photos"),
        ("folder:/a/photos", "photos"),
        ("zip:a/b.zip", "b.zip"),
        ("hf:me/pets", "hf:me/pets"),
    ],
)
def test_a_data_set_is_named_by_its_last_part(dataset, name):
    assert app.dataset_name(dataset) == name


def test_without_a_model_there_are_the_tabs_of_runs_and_labels(tmp_path):
    async def build():
        return app.build(Workspace({}, lambda *_: None, {"a": tmp_path}), "Run")

    blocks = in_event_loop(build())
    tabs = [block.label for block in blocks.blocks.values() if isinstance(block, gradio.Tab)]
    assert tabs == ["Run", "Label"]

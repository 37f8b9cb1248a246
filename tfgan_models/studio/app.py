"""The page of the studio, and its server, which only this machine can reach."""

from __future__ import annotations

import html
import os
import re
from collections.abc import Callable, Mapping
from typing import Any

from tfgan_models.studio import (
    edit,
    label,
    latent_map,
    look,
    neighbors,
    real_or_fake,
    runs,
    samples,
    trial_script,
    walk,
)
from tfgan_models.studio.page import LIVE, Page, guarded
from tfgan_models.studio.subject import MAX_BYTES
from tfgan_models.studio.workspace import Workspace

HOST = "127.0.0.1"
# Tabs in their order: title, and the function that builds the tab.
TABS: dict[str, Callable[[Page, Any], None]] = {
    "Samples": samples.build,
    "Edit": edit.build,
    "Walk": walk.build,
    "Run": runs.build,
    "Neighbors": neighbors.build,
    "Map": latent_map.build,
    "Real or fake?": real_or_fake.build,
    "Label": label.build,
}
WITHOUT_MODEL = ("Run", "Label")  # the tabs that need no model
# Nothing but this server may be a source of scripts, styles, fonts and pictures, or be sent anything. Gradio itself has
# scripts and styles in its HTML.
POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self' data: blob:; media-src 'self' data: blob:; "
    "worker-src 'self' blob:; object-src 'none'; form-action 'self'; frame-ancestors 'self'"
)
# Routes of Gradio that fetch an address of the network for the visitor. The studio needs none of them.
FETCHING = re.compile(r"/(reverse_)?proxy=|/file[=/]https?:", re.IGNORECASE)


def prepare(folder: str | os.PathLike) -> None:
    """Set what Gradio reads from the environment when it is imported.

    Args:
        folder: folder for uploaded pictures.
    """
    os.environ.update(
        GRADIO_ANALYTICS_ENABLED="False",
        GRADIO_TEMP_DIR=os.fspath(folder),
        HF_HUB_DISABLE_TELEMETRY="1",
        HF_HUB_OFFLINE="1",
    )


def build(workspace: Workspace, opened: str = "Samples") -> Any:
    """Build the page: a ``gradio.Blocks``.

    Args:
        workspace: everything that it shows. Without a model it has the tabs of runs and labels alone.
        opened: title of the tab that is open at first.
    """
    import gradio

    blocks = gradio.Blocks(title="tfgan studio", analytics_enabled=False, delete_cache=(3600, 3600), fill_width=True)
    names = list(workspace.models)
    with blocks:
        with gradio.Row(equal_height=True):
            first = names[0] if names else None
            about = gradio.HTML(describe(workspace, first) if first else "<h1>tfgan studio</h1>", elem_id="head")
            model = gradio.Dropdown(names, value=first, label="Model", visible=len(names) > 1, min_width=320, scale=0)
        page = Page(workspace, blocks, model)
        with gradio.Tabs(selected=opened):
            for title in TABS if names else WITHOUT_MODEL:
                with gradio.Tab(title, id=title) as tab:
                    TABS[title](page, tab)
        model.change(guarded(lambda name: describe(workspace, name)), [model], [about], **LIVE)
    return blocks


def describe(workspace: Workspace, name: str) -> str:
    """The head of the page: what the model is, as HTML."""
    manifest = workspace.model(name).manifest
    height, width, channels = manifest["image_shape"]
    parts = [manifest["algorithm"], f"{height} × {width} pixels", {1: "gray", 3: "color", 4: "transparent"}[channels]]
    parts += [f"{manifest['latent_dim']} latent dimensions"]
    parts += [f"trained on {dataset_name(manifest['dataset'])}"] if manifest.get("dataset") else []
    return f"<h1>{html.escape(name)}</h1><p>{html.escape(' · '.join(parts))}</p>"


def dataset_name(dataset: str) -> str:
    """A data set as the page names it: of a path, which may end in a slash, the last part."""
    kind, colon, path = dataset.partition(":")
    last = os.path.basename(path.rstrip("/")) if colon and kind in ("folder", "zip", "tar") else ""
    return last or dataset


def launch(blocks: Any, port: int | None = None) -> str:
    """Start the server in a thread of its own, and return the address of the page."""
    blocks.queue(max_size=200, default_concurrency_limit=4)
    _, url, _ = blocks.launch(
        server_name=HOST,
        server_port=port,
        share=False,
        prevent_thread_lock=True,
        quiet=True,
        show_error=False,
        footer_links=[],
        run_history=False,
        enable_monitoring=False,
        ssr_mode=False,
        pwa=False,
        mcp_server=False,
        allowed_paths=[],
        max_file_size=MAX_BYTES,
        theme=look.theme(),
        css=look.CSS + trial_script.CSS,
        js=look.KEYS % label.KEYS,
        app_kwargs={"middleware": [(Closed, (), {})]},  # a class, its arguments, and those with names
    )
    return url


class Closed:
    """Middleware that adds ``POLICY`` to every answer, and refuses routes that fetch and requests of other pages."""

    def __init__(self, app: Any):
        self.app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer a request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def send_with_policy(message: Any) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], (b"content-security-policy", POLICY.encode())]
            await send(message)

        # The path is the one that the router sees, without percent encoding.
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        if not is_own(scope["path"], headers) or FETCHING.search(scope["path"]):
            await send_with_policy({"type": "http.response.start", "status": 403, "headers": []})
            await send({"type": "http.response.body", "body": b"refused"})
            return
        await self.app(scope, receive, send_with_policy)


def is_own(path: str, headers: Mapping[str, str]) -> bool:
    """Whether a request is of the studio's own page, or of a program of this machine.

    Others are those to another name than this machine's, because a page elsewhere could give its own name the address
    of this machine, and those of another page, which the browser sends although it hides the answers. A link of another
    page may open the studio.
    """
    host = headers.get("host", "")
    if host.partition(":")[0] not in (HOST, "localhost") or headers.get("origin") not in (None, f"http://{host}"):
        return False
    if headers.get("sec-fetch-site") not in ("cross-site", "same-site"):
        return True
    return path == "/" and (headers.get("sec-fetch-mode"), headers.get("sec-fetch-dest")) == ("navigate", "document")

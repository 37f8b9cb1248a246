"""The tab *Map*: pictures all over a prior of two dimensions, and sheets of classes and styles."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

import numpy as np

from tfgan_models.data.pixels import to_bytes
from tfgan_models.errors import InputError
from tfgan_models.export.conditional_samples import rows_of, with_most
from tfgan_models.export.latent_classes import condition_of, is_told_attributes, latents_of
from tfgan_models.plots import image_grid
from tfgan_models.studio import html, sampling
from tfgan_models.studio.page import LIVE, SLOW, Page, guarded
from tfgan_models.studio.workspace import Workspace

if TYPE_CHECKING:
    from tfgan_models.export import ExportedModel

GRID, STYLES = 15, 6  # pictures on a side of the map; rows of a sheet of styles
QUANTILE = 0.99  # of samples inside the map, along each axis
# Sends the place of a click in the map, from 0 to 1, and marks it. The arrow keys go on from there by a picture.
CLICK = f"""
const arrows = {{ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1]}};
const send = (map, x, y) => {{
  Object.assign(map.dataset, {{x, y}});
  const mark = map.querySelector("i");
  Object.assign(mark.style, {{left: `${{100 * x}}%`, top: `${{100 * y}}%`, display: "block"}});
  trigger("click", {{x, y}});
}};
element.addEventListener("click", (event) => {{
  const map = event.target.closest(".map");
  if (!map) return;
  const box = map.getBoundingClientRect();
  send(map, (event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height);
}});
element.addEventListener("keydown", (event) => {{
  const map = event.target.closest(".map");
  const step = arrows[event.key] || (event.key === "Enter" && [0, 0]);
  if (!map || !step || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  const place = ["x", "y"].map((axis, i) => Number(map.dataset[axis] ?? 0.5) + step[i] / {GRID});
  send(map, ...place.map((value) => Math.min(Math.max(value, 0), 1)));
}});
"""

MAP = (
    '<div class="map" tabindex="0" role="application" aria-label="map of the latents: click or use the arrow keys">'
    '<img src="{}" alt="pictures of latents all over the plane"><i></i></div>'
)


def has_map(model: ExportedModel) -> bool:
    """Whether latents have two dimensions."""
    return model.manifest["latent_dim"] == 2


def extent(workspace: Workspace, name: str) -> float:
    """Half side of the map: nearly all latents of the sampler are in it."""
    model = workspace.model(name)
    if not sampling.samplers(model):
        return 2.5
    return float(np.quantile(np.abs(workspace.reference(name, None)), QUANTILE)) * 1.05


def draw(workspace: Workspace, name: str) -> np.ndarray:
    """Pictures of latents all over the plane, in the order of a map: uint8 ``[h, w, c]`` without gaps.

    Raises:
        InputError: latents do not have two dimensions.
    """
    model = workspace.model(name)
    if not has_map(model):
        raise InputError(f"a map needs latents of two dimensions, and this model has {model.manifest['latent_dim']}")
    half = extent(workspace, name)
    centers = half * (np.arange(1, 2 * GRID, 2, dtype=np.float32) / GRID - 1)
    latents = np.stack(np.meshgrid(centers, centers[::-1]), -1).reshape(-1, 2)
    return image_grid.grid(model("generate", latent=latents)["image"], GRID, gap=0)


def at(workspace: Workspace, name: str, x: float, y: float) -> tuple[np.ndarray, str]:
    """The picture at a place of the map and its latent as text.

    Args:
        workspace: models.
        name: name of the model.
        x: place from 0 at the left to 1 at the right.
        y: place from 0 at the top to 1 at the bottom.
    """
    model, half = workspace.model(name), extent(workspace, name)
    if not has_map(model) or not (0 <= x <= 1 and 0 <= y <= 1):
        raise InputError("click on the map")
    latent = np.array([[2 * x - 1, 1 - 2 * y]], np.float32) * half
    return to_bytes(model("generate", latent=latent)["image"])[0], f"z = ({latent[0, 0]:.2f}, {latent[0, 1]:.2f})"


def classes(model: ExportedModel) -> list[str]:
    """Names of the classes or attributes that have a column in a sheet of styles; empty if there is no such sheet."""
    return list((condition_of(model) or {"names": ()})["names"])


def style_sheet(workspace: Workspace, name: str, seed: int) -> str:
    """A row for each style and a column for each class, as HTML.

    Raises:
        InputError: the model has no classes.
    """
    model = workspace.model(name)
    columns = classes(model)
    if not columns:
        raise InputError("this model has no classes in its latents: train with --condition, or an AAE of classes")
    seed = sampling.check_number("seed", seed, 0, sampling.MAX_SEED)
    styles = latents_of(model(model.sampler(), count=STYLES, seed=seed))
    rows = np.repeat(styles, len(columns), 0)
    conditions = np.tile(np.eye(len(columns), dtype=np.float32), (STYLES, 1))
    if is_told_attributes(model):  # with others of a training image
        of_images, random = rows_of(model), np.random.default_rng(seed)
        having = [with_most(of_images, [i], np.ones(1)) for i in range(len(columns))]
        conditions = np.stack([some[random.integers(len(some))] for _ in range(STYLES) for some in having])
    images = model("generate", latent=model.with_conditions(rows, conditions))["image"]
    pictures = to_bytes(images).reshape(STYLES, len(columns), *images.shape[1:])
    return html.table(pictures, [f"style {i}" for i in range(1, STYLES + 1)], [html.readable(c) for c in columns])


def build(page: Page, tab: Any) -> None:
    """Build the tab."""
    import gradio

    workspace = page.workspace
    about = gradio.HTML()
    with gradio.Row() as of_map:
        drawn = gradio.HTML(elem_id="map", js_on_load=CLICK)
        place = gradio.HTML(elem_id="map_place", elem_classes="shown")
    with gradio.Column() as of_styles:
        with gradio.Row():
            seed = gradio.Number(0, precision=0, minimum=0, label="Seed of the styles", min_width=200, scale=0)
        styles = gradio.HTML(elem_id="styles")

    def show_map(name: str, seed: int) -> list[Any]:
        model = workspace.model(name)
        plane, columns = has_map(model), classes(model)
        url = html.data_url(draw(workspace, name)) if plane else ""
        return [
            html.note(explanation(model)),
            gradio.update(visible=plane),
            MAP.format(url) if plane else "",
            gradio.update(visible=bool(columns)),
            style_sheet(workspace, name, seed) if columns else "",
        ]

    def click(name: str, event: Any) -> str:
        image, text = at(workspace, name, float(event.x), float(event.y))
        return html.picture(image, f"the picture of {text}", caption=text)

    gradio.on(
        [tab.select, page.model.change],
        guarded(show_map),
        [page.model, seed],
        [about, of_map, drawn, of_styles, styles],
        trigger_mode="always_last",  # a model that is chosen while a map is drawn
        **SLOW,
    )
    handler = guarded(click)
    handler.__annotations__ = {"event": gradio.EventData}  # by which Gradio knows that it takes the event
    clicked = drawn.click(handler, [page.model], [place], **LIVE)
    page.model.change(lambda: "", None, [place], cancels=[clicked], **LIVE)
    seed.change(guarded(functools.partial(style_sheet, workspace)), [page.model, seed], [styles], **LIVE)


def explanation(model: ExportedModel) -> str:
    """A line about what the tab shows of a model."""
    if has_map(model):
        return "Each picture is generated from the latent at its place. Click, or use the arrow keys, to see one large."
    if classes(model):
        return "A row for each style, and a column for each class or attribute."
    return (
        f"This tab shows models with latents of two dimensions, and models with classes. This model has latents of "
        f"{model.manifest['latent_dim']} dimensions without classes."
    )

"""The tab *Edit*: a picture, and a slider for each attribute and each direction."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from tfgan_models.data.pixels import to_bytes
from tfgan_models.export.condition_edits import attribute_effects
from tfgan_models.export.latent_classes import is_told_attributes
from tfgan_models.studio import html
from tfgan_models.studio.page import DRAG, LIVE, Page, chooser, guarded
from tfgan_models.studio.subject import Subject

if TYPE_CHECKING:
    from tfgan_models.export import ExportedModel

STRONGEST = 3.0  # of a slider; 1 adds the vector of an attribute once


def attributes(model: ExportedModel) -> list[tuple[str, float | None]]:
    """Names and areas under the curve of the attributes that can be edited, the best readable from codes first.

    Attributes that a conditional model is told have no area.
    """
    if is_told_attributes(model):
        return [(name, None) for name in model.manifest["condition"]["names"]]
    if not model.encodes or not model.editable:
        return []
    areas = (model.manifest.get("attribute_vectors") or {}).get("auc") or [None] * len(model.editable)
    pairs = zip(model.editable, areas, strict=True)
    return sorted(pairs, key=lambda pair: -(pair[1] or 0))


def labels(model: ExportedModel, count: int) -> list[str | None]:
    """Labels of ``count`` sliders of attributes, None for those that the model does not need, and of directions."""
    texts = [
        html.readable(name) + (f" · {area:.2f}" if area is not None else "") for name, area in attributes(model)[:count]
    ]
    return [*texts, *[None] * (count - len(texts)), *map(html.readable, model.directions)]


def vectors(model: ExportedModel) -> np.ndarray:
    """Vectors of all sliders, float32 ``[k, latent_dim]``, in the order of ``attributes``, then of directions."""
    rows = []
    if is_told_attributes(model):
        rows += list(attribute_effects(model))
    elif ordered := attributes(model):
        of_attribute = dict(zip(model.editable, model.vectors, strict=True))
        rows += [of_attribute[name] for name, _ in ordered]
    if model.directions:
        rows += list(model.direction_vectors)
    return np.asarray(rows, np.float32).reshape(len(rows), model.manifest["latent_dim"])


def edited(
    model: ExportedModel, latent: np.ndarray, attribute: Sequence[float], direction: Sequence[float] = ()
) -> np.ndarray:
    """Generate the picture of one latent that is moved along the vectors: uint8 ``[h, w, c]``.

    This is what ``edit`` of the export does, also for directions, and for models without an encoder.

    Args:
        model: the export.
        latent: ``[latent_dim]``.
        attribute: strengths of the attributes, in the order of ``attributes``. Further ones are of sliders that the
            model does not have.
        direction: strengths of the directions.
    """
    moves, of_attributes = vectors(model), len(attributes(model))
    values = [*attribute[:of_attributes], *direction[: len(model.directions)]]
    strengths = np.zeros(len(moves), np.float32)
    strengths[: len(values)] = [np.clip(value or 0, -STRONGEST, STRONGEST) for value in values]
    moved = latent + strengths @ moves
    return to_bytes(model("generate", latent=moved[np.newaxis])["image"])[0]


def explanation(model: ExportedModel) -> str:
    """A line about what can be edited, or about what is missing."""
    count = len(attributes(model))
    if is_told_attributes(model):
        return f"{count} attributes, which the model is told. 1 adds an attribute that is absent, and -1 removes it."
    if count:
        return (
            f"{count} attributes, the best readable from codes first. 1 adds the vector of an attribute once; the "
            "number after a name is the area under the curve."
        )
    if model.directions:
        return "This model has no attribute vectors. Directions without labels are below."
    return "This model has neither attribute vectors nor directions: train one with an encoder on data with attributes."


def build(page: Page, tab: Any) -> None:
    """Build the tab."""
    import gradio

    models = list(page.workspace.models.values())
    with gradio.Row():
        with gradio.Column(min_width=560, scale=2):
            shown = gradio.HTML(elem_id="edited", elem_classes="shown", render=False)
            subject = chooser(page, tab, "Picture to edit", 1, next_to=shown)
            reset = gradio.Button("Reset the sliders", elem_id="edit_reset")
        with gradio.Column(min_width=320, scale=3):
            about = gradio.HTML()
            sliders = _sliders(max(len(attributes(model)) for model in models), "edit_attributes")
            with gradio.Accordion("Directions without labels", open=False) as accordion:
                along = _sliders(max(len(model.directions) for model in models), "edit_directions")
    every = [*sliders, *along]

    def edit(name: str, chosen: Subject | None, *values: float) -> str:
        if chosen is None or chosen.model != name:
            return ""
        model, count = page.workspace.model(name), len(sliders)
        image = edited(model, chosen.latent, values[:count], values[count:])
        unchanged = "not edited" if np.array_equal(image, chosen.image) else "reconstructed"
        return html.picture(image, "the edited picture", caption="edited" if any(values) else unchanged)

    def switch(name: str) -> list[Any]:
        model = page.workspace.model(name)
        texts = labels(model, len(sliders))
        texts += [None] * (len(every) - len(texts))
        updates = [gradio.update(value=0, visible=text is not None, label=text or "") for text in texts]
        return [*updates, html.note(explanation(model)), gradio.update(visible=bool(model.directions))]

    inputs = [page.model, subject.state, *every]
    live = guarded(edit)
    gradio.on([slider.input for slider in every], live, inputs, [shown], **DRAG)
    subject.then(edit, inputs, [shown])
    reset.click(lambda: [0] * len(every), None, every, **LIVE).success(live, inputs, [shown], **LIVE)
    gradio.on([page.blocks.load, page.model.change], guarded(switch), [page.model], [*every, about, accordion], **LIVE)


def _sliders(count: int, name: str) -> list[Any]:
    """Sliders in a grid; their labels are those of the model."""
    import gradio

    with gradio.Row(elem_classes="sliders", elem_id=name):
        return [gradio.Slider(-STRONGEST, STRONGEST, 0, step=0.05, buttons=[], min_width=200) for _ in range(count)]

"""The tab *Samples*: pictures of a seed, from a sampler, with truncation and a condition."""

from __future__ import annotations

from typing import Any

import numpy as np

from tfgan_models.studio import html
from tfgan_models.studio.page import LIVE, SEEDS, Page, guarded
from tfgan_models.studio.sampling import COUNT, MOST, condition_names, draw, samplers
from tfgan_models.studio.workspace import Workspace

TRUNCATION = "Factor on the distance of latents from their mean. Below 1, samples have fewer faults and less variety."


def show(workspace: Workspace, name: str, seed: int, *arguments: Any) -> str:
    """Samples as HTML, with the arguments of ``draw``."""
    images = draw(workspace, name, seed, *arguments)["image"]
    return html.sheet(images, [f"sample {i} of seed {seed}" for i in range(1, len(images) + 1)])


def build(page: Page, tab: Any) -> None:
    """Build the tab."""
    import gradio

    workspace, model = page.workspace, page.workspace.model(page.first)
    sources = samplers(model)
    with gradio.Row():
        with gradio.Column(min_width=260, scale=1):
            with gradio.Row(equal_height=True, elem_classes="inline"):
                seed = gradio.Number(0, precision=0, minimum=0, label="Seed", min_width=120, elem_id="samples_seed")
                another = gradio.Button("Random", min_width=90, scale=0)
            count = gradio.Slider(1, MOST, COUNT, step=1, label="Number of samples", buttons=[])
            source = gradio.Radio(sources, value=sources[0] if sources else None, label="Source of the latents")
            truncation = gradio.Slider(0, 1, 1, step=0.05, label="Truncation", info=TRUNCATION, buttons=[])
            label = gradio.Dropdown(label="Class")
            present = gradio.Dropdown(multiselect=True, label="With")
            absent = gradio.Dropdown(multiselect=True, label="Without")
        with gradio.Column(scale=4):
            shown = gradio.HTML(elem_id="samples")
    conditions = [label, present, absent]
    numbers = [page.model, seed, count, truncation]

    def show_all(name: str, seed: Any, count: Any, truncation: float, *others: Any) -> str:
        source, *condition = others
        return show(workspace, name, seed, count, source, truncation, *condition)

    def switch(name: str, seed: Any, count: Any, truncation: float) -> list[Any]:
        model = workspace.model(name)
        sources, classes, names = (
            samplers(model),
            condition_names(workspace, name, "labels"),
            condition_names(workspace, name, "attributes"),
        )
        return [
            gradio.update(choices=sources, value=sources[0] if sources else None),
            gradio.update(choices=["", *classes], value="", visible=bool(classes)),
            *[gradio.update(choices=names, value=[], visible=bool(names))] * 2,
            show_all(name, seed, count, truncation, None),
        ]

    inputs, redraw = [*numbers, source, *conditions], guarded(show_all)
    # The new model may not have the source and the condition, so they are no inputs here.
    changed = gradio.on([component.input for component in inputs[1:]], redraw, inputs, [shown], **LIVE)
    drawn = another.click(lambda: int(np.random.default_rng().integers(SEEDS)), None, [seed], **LIVE)
    drawn = drawn.success(redraw, inputs, [shown], **LIVE)
    # A late picture of the model before must not replace that of the new one, so it is cancelled.
    events, last = [page.blocks.load, page.model.change], {"cancels": [changed, drawn], **LIVE}
    gradio.on(events, guarded(switch), numbers, [source, *conditions, shown], **last)

"""The parts of the page that several tabs share, and its errors."""

from __future__ import annotations

import dataclasses
import functools
import html
import traceback
from collections.abc import Callable
from typing import Any

import numpy as np

from tfgan_models.errors import InputError
from tfgan_models.studio import sampling, subject
from tfgan_models.studio.subject import Subject
from tfgan_models.studio.workspace import REFINING_STEPS, Workspace

CLOSER = "Closer to the picture"
REFINEMENT = (
    f"{REFINING_STEPS} steps of gradient descent after the encoder: more likeness, a little softer, a few seconds."
)
SEEDS = 10_000  # that the buttons *Random* choose from
# Requests of other programs are refused, the newest of several quick ones is answered, and no spinner covers pictures.
LIVE: dict[str, Any] = {
    "api_visibility": "private",
    "show_progress": "hidden",
    "trigger_mode": "always_last",
    "concurrency_limit": 4,
}
# A slider's picture takes milliseconds, so it does not wait in the queue of the page, which would take longer.
DRAG: dict[str, Any] = {**LIVE, "queue": False, "concurrency_limit": None}
SLOW: dict[str, Any] = {"api_visibility": "private", "concurrency_limit": 2}


@dataclasses.dataclass
class Page:
    """What a tab needs to build itself.

    Attributes:
        workspace: models, runs and pictures.
        blocks: the Gradio page.
        model: the component that chooses the model.
    """

    workspace: Workspace
    blocks: Any
    model: Any

    @property
    def first(self) -> str:
        """Name of the model that the page opens with."""
        return next(iter(self.workspace.models))


def guarded(function: Callable[..., Any]) -> Callable[..., Any]:
    """Let errors of a handler appear in the page as one sentence.

    Those of the input keep their sentence. Others are defects: their traceback is printed in the terminal.
    """

    @functools.wraps(function)
    def handler(*arguments: Any) -> Any:
        import gradio

        try:
            return function(*arguments)
        except InputError as error:
            # Gradio takes the message for HTML, and it may have the name of an uploaded file.
            raise gradio.Error(
                html.escape(sentence(str(error))), duration=10, print_exception=False, title=""
            ) from None
        except gradio.Error:
            raise
        except Exception:
            traceback.print_exc()
            message = "The studio has a defect and could not do this. Its terminal has the details."
            raise gradio.Error(message, print_exception=False, title="") from None

    return handler


def sentence(text: str) -> str:
    """A message as a sentence."""
    return f"{text[:1].upper()}{text[1:]}" + ("" if text.endswith((".", "!", "?")) else ".")


@dataclasses.dataclass
class Chooser:
    """Components with which a visitor chooses a picture.

    Attributes:
        state: the ``Subject``.
        chosen: events after which the state may be new.
    """

    state: Any
    chosen: list[Any]

    def then(self, function: Callable[..., Any], inputs: list[Any], outputs: list[Any], **options: Any) -> None:
        """Call a function whenever the picture may be new. Options are those of Gradio's events."""
        for event in self.chosen:
            event.success(guarded(function), inputs, outputs, **LIVE, **options)


def chooser(
    page: Page, tab: Any, title: str, start: int, first: str = "", next_to: Any = None, of_code: bool = True
) -> Chooser:
    """Build the components for one picture.

    Args:
        page: the page.
        tab: the tab that they are in. The picture is read when it is opened for the first time.
        title: label above them.
        start: number of the picture to start with.
        first: source to start with, if the model has it.
        next_to: component to show next to the picture, which is not rendered yet.
        of_code: whether the tab uses the code of the picture, so that a visitor may want a better one.
    """
    import gradio

    visible_of, choose = functools.partial(_visible, page.workspace, of_code), _chooses(page.workspace)
    possible = subject.sources(page.workspace.model(page.first))
    state, default = gradio.State(None), _default(possible, first)
    with gradio.Column(min_width=300):
        source = gradio.Radio(possible, value=default, label=title)
        with gradio.Row(equal_height=True, elem_classes="inline"):
            number = gradio.Number(start, precision=0, minimum=0, label="Number or seed", min_width=120)
            another = gradio.Button("Random", min_width=90, scale=0)
        closer = gradio.Checkbox(label=CLOSER, info=REFINEMENT, visible=visible_of(page.first, default)[-1])
        upload = gradio.File(label="Your own picture", type="filepath", height=120, visible=False)
        with gradio.Row(elem_classes="pictures"):
            shown = gradio.HTML(elem_classes="shown")
            if next_to is not None:
                next_to.render()
    inputs, outputs = [page.model, source, number, upload, closer], [state, shown]
    visible = [upload, number, another, closer]

    def open_tab(before: Subject | None, name: str, *arguments: Any) -> Any:
        if before is not None and before.model == name:
            return before, gradio.skip()
        return choose(name, *arguments)

    def switch(name: str, source: str | None) -> list[Any]:
        return [gradio.update(visible=shown) for shown in visible_of(name, source)]

    def switch_model(name: str, number: Any) -> list[Any]:
        names = subject.sources(page.workspace.model(name))
        default = _default(names, first)
        chosen = _or_warning(choose, name, default, number, None, False)  # without the seconds that a refinement takes
        unticked = gradio.update(value=False, visible=visible_of(name, default)[-1])
        return [gradio.update(choices=names, value=default), *switch(name, default)[:-1], unticked, *chosen]

    another.click(guarded(functools.partial(_random, page.workspace)), [page.model, source], [number], **LIVE)
    source.change(guarded(switch), [page.model, source], visible, **LIVE)
    opened = tab.select(guarded(open_tab), [state, *inputs], outputs, **SLOW)
    # A late answer to an earlier choice must not replace that to a later one, so it is cancelled.
    choices = [number.change, upload.upload, source.input, closer.input]
    changed = gradio.on(choices, guarded(choose), inputs, outputs, cancels=[opened], **LIVE)
    # The new model may not have the source, so the source is not an input here.
    last: dict[str, Any] = {"cancels": [opened, changed], **LIVE}
    switched = page.model.change(guarded(switch_model), [page.model, number], [source, *visible, *outputs], **last)
    return Chooser(state, [opened, changed, switched])


def _chooses(workspace: Workspace) -> Callable[..., tuple[Subject | None, str]]:
    """A handler that returns the picture that a visitor has chosen, and its HTML; none before a file is chosen."""

    def choose(
        name: str, source: str | None, number: Any, upload: str | None, closer: bool
    ) -> tuple[Subject | None, str]:
        if source is None or (source == subject.OWN and not upload):
            return None, ""
        chosen = subject.choose(workspace, name, source, number, upload, closer)
        return chosen, subject.show(chosen)

    return choose


def _visible(workspace: Workspace, of_code: bool, name: str, source: str | None) -> list[bool]:
    """Which of the upload, the number, the button *Random* and *Closer to the picture* a source of a model shows.

    A refinement needs samples, whose deviation is the unit of its steps.
    """
    own, refinable = source == subject.OWN, of_code and bool(sampling.samplers(workspace.model(name)))
    return [own, not own, not own, refinable and source in (subject.OWN, subject.HELD_OUT)]


def _or_warning(choose: Callable[..., tuple[Subject | None, str]], *arguments: Any) -> tuple[Subject | None, str]:
    """Choose a picture; if it cannot be had, none, with a warning. An error would leave that of the model before."""
    import gradio

    try:
        return choose(*arguments)
    except InputError as error:
        gradio.Warning(html.escape(sentence(str(error))), duration=10, title="")
        return None, ""


def _default(sources: list[str], first: str) -> str | None:
    return first if first in sources else next(iter(sources), None)


def _random(workspace: Workspace, name: str, source: str) -> int:
    """A number of a held-out picture, or a seed."""
    last = len(workspace.images(name, "test").images) if source == subject.HELD_OUT else SEEDS
    return int(np.random.default_rng().integers(1, last + 1))

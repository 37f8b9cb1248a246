"""The tab *Real or fake?*: people judge held-out pictures and samples, and read the report on all answers."""

from __future__ import annotations

import functools
import html
from pathlib import Path
from typing import Any, NamedTuple

from tfgan_models.errors import InputError
from tfgan_models.judge.pool import weights_of
from tfgan_models.judge.report import Report, reports, text
from tfgan_models.plots.learning_curve import learning_curve
from tfgan_models.studio import trial_list, trial_page, trial_script
from tfgan_models.studio.html import data_url, note
from tfgan_models.studio.page import DRAG, LIVE, SLOW, Page, guarded, sentence
from tfgan_models.studio.trial_list import TrialList
from tfgan_models.studio.workspace import Workspace

SHEETS, SINGLES = "Sheets of nine", "One by one"
# A second key before the next trial is there is no answer to it.
ONCE: dict[str, Any] = {**DRAG, "trigger_mode": "once"}


def start(
    workspace: Workspace,
    name: str,
    person: str,
    kind: str,
    feedback: bool,
    sheets: Any,
    control: Any,
    singles: Any,
    shown_ms: Any,
) -> TrialList:
    """Draw a list as the visitor wants it.

    Raises:
        InputError: a value is out of range, or the model's data or samples do not suffice.
    """
    if kind not in (SHEETS, SINGLES):
        raise InputError(f"there is no test {kind!r}, choose {SHEETS} or {SINGLES}")
    if kind == SHEETS:
        return trial_list.new_sheets(workspace, name, person, bool(feedback), sheets, control)
    return trial_list.new_singles(workspace, name, person, bool(feedback), singles, shown_ms)


def report(workspace: Workspace) -> str:
    """The report on all answers of the file, as HTML.

    Raises:
        InputError: the file cannot be read.
    """
    file = workspace.answers
    if file is None or not Path(file.path).exists():
        return note("There are no answers yet. Judge a list first.")
    answers = file.read()
    if not answers:
        return note("There are no answers yet. Judge a list first.")
    names = {weights_of(model): name for name, model in workspace.models.items()}
    return f'<div class="report">{"".join(_section(result, names) for result in reports(answers))}</div>'


def _section(result: Report, names: dict[str, str]) -> str:
    title = names.get(result.weights, "a model that is not open here")
    lines = text(result).partition("\n")[2]  # the first has the digest alone
    curves = {
        name: [((block.first + block.last) / 2, block.accuracy) for block in curve.blocks]
        for name, curve in result.learning.items()
    }
    picture = f'<img src="{data_url(learning_curve(curves))}" alt="accuracy over answers">' if curves else ""
    heading = f"<h3>{html.escape(title)} · weights {html.escape(result.weights[:16])}</h3>"
    return f"{heading}<pre>{html.escape(lines)}</pre>{picture}"


def build(page: Page, tab: Any) -> None:
    """Build the tab."""
    import gradio

    workspace, file = page.workspace, page.workspace.answers
    if file is None:
        gradio.HTML(note("Start the studio with --answers FILE to judge pictures here."))
        return
    state = gradio.State(None)  # is never sent to the browser
    with gradio.Row():
        with gradio.Column(min_width=260, scale=1):
            form = _form()
            gradio.HTML(note(f"Each answer is saved at once in {file.path}."))
        with gradio.Column(scale=4, min_width=600):
            stage = gradio.HTML(trial_page.show(None), elem_id="judge", js_on_load=trial_script.SCRIPT)
    with gradio.Accordion("Report on all answers", open=False):
        renew = gradio.Button("Compute the report", elem_id="judge_report_button", scale=0)
        shown = gradio.HTML(elem_id="judge_report")

    def begin_list(*arguments: Any) -> tuple[TrialList | None, str]:
        try:
            trials = start(workspace, *arguments)
        except InputError as error:
            return None, trial_page.show(None, problem=sentence(str(error)))
        return trials, trial_page.show(trials)

    def answer(trials: TrialList | None, event: Any) -> tuple[TrialList, str]:
        if trials is None:
            raise InputError("this list is not on the server any more, press Start")
        # After an error the trial stays in the page with its ticks, so that the person can answer again.
        trials = trial_list.answer(trials, file, event.trial, event.fakes, event.ms)
        return trials, trial_page.show(trials, str(file.path))

    def proceed(trials: TrialList | None) -> tuple[TrialList | None, str]:
        trials = trials and trial_list.proceed(trials)
        return trials, trial_page.show(trials, str(file.path))

    answered = guarded(answer)
    answered.__annotations__ = {"event": gradio.EventData}  # by which Gradio knows that it takes the event
    events = [form.begin.click, form.settings[0].submit]
    gradio.on(events, guarded(begin_list), [page.model, *form.settings], [state, stage], **SLOW)
    stage.answer(answered, [state], [state, stage], **ONCE)
    stage.proceed(guarded(proceed), [state], [state, stage], **ONCE)
    renew.click(guarded(functools.partial(report, workspace)), None, [shown], **SLOW)


class Form(NamedTuple):
    """Components of the settings in the order of the arguments of ``start``, and the button."""

    settings: list[Any]
    begin: Any


def _form() -> Form:
    """Build the settings of a list."""
    import gradio

    number = functools.partial(gradio.Number, precision=0, minimum=0)
    person = gradio.Textbox(label="Your name or number", max_length=trial_list.LONGEST_NAME, elem_id="judge_person")
    kind = gradio.Radio([SHEETS, SINGLES], value=SHEETS, label="Test", elem_id="judge_kind")
    with gradio.Column() as of_sheets:
        sheets = number(trial_list.SHEETS, label="Sheets", elem_id="judge_sheets")
        control = number(trial_list.CONTROL, label="Control sheets, real against real", elem_id="judge_control")
    with gradio.Column(visible=False) as of_singles:
        singles = number(trial_list.SINGLES, label="Pictures", elem_id="judge_singles")
        limit = number(0, label="Mask after milliseconds, 0: never", elem_id="judge_limit")
    feedback = gradio.Checkbox(True, label="Show the score after each answer", elem_id="judge_feedback")
    begin = gradio.Button("Start", variant="primary", elem_id="judge_start")

    def switch(kind: str) -> list[Any]:
        return [gradio.update(visible=kind == SHEETS), gradio.update(visible=kind == SINGLES)]

    kind.change(switch, [kind], [of_sheets, of_singles], **LIVE)
    return Form([person, kind, feedback, sheets, control, singles, limit], begin)

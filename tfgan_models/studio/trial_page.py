"""A trial of the human test as HTML. All pictures have the same markup and files of the same length.

Only the truth about a sheet that has been answered is in the HTML, and only with feedback.
"""

from __future__ import annotations

import html

from tfgan_models.judge.trials import Picture, Trial
from tfgan_models.studio.html import note, stored_url
from tfgan_models.studio.trial_list import TrialList

SHEET_SIDE, SINGLE_SIDE = 192, 320  # pixels of the screen that a picture gets, at most unless it is larger


def show(trials: TrialList | None, file: str = "", problem: str = "") -> str:
    """The current trial, the truth about the last one, or the result.

    Args:
        trials: the list; None before the start.
        file: file of the answers, as text.
        problem: sentence about why a list could not be drawn.
    """
    if trials is None:
        warning = f'<p class="problem" role="alert">{html.escape(problem)}</p>' if problem else ""
        return warning + note(
            "Enter your name and press Start. Some pictures are real, held out from the training; the others are "
            "samples of the model."
        )
    if trials.reviewed:
        return _review(trials)
    if trials.is_done:
        return _result(trials, file)
    trial = trials.trials[trials.place]
    body = _single(trial) if trial.kind == "single" else _sheet(trial)
    limit = f' data-limit="{trial.shown_ms}"' if trial.shown_ms else ""
    return (
        f'<div class="trial waiting" tabindex="-1" data-number="{trial.number}" data-session="{trials.session}"{limit}>'
        f"{_head(trials, trial)}{body}</div>"
    )


def _head(trials: TrialList, trial: Trial) -> str:
    """Where the person is in the list, and what became of the last answer."""
    what = "Picture" if trial.kind == "single" else "Sheet"
    head = f"<h2>{what} {trials.place + 1} of {len(trials.trials)}</h2>"
    if trials.last is None:
        return f'<div class="head">{head}</div>'
    if not trial.feedback:
        return f'<div class="head">{head}<span class="last">The last answer is saved.</span></div>'
    last = ""
    if trials.last.kind == "single":
        fake, right = bool(trials.last.fakes), trials.last.score(trials.ticked or ()) == 1
        text = f"{'Right' if right else 'Wrong'}, the last one was {'a fake' if fake else 'real'}."
        last = f'<span class="last {"right" if right else "wrong"}">{text}</span>'
    return f'<div class="head">{head}{last}<span class="last">{_total(trials)}</span></div>'


def _total(trials: TrialList) -> str:
    return f"{trials.right} of {trials.judged} right so far"


def _sheet(trial: Trial) -> str:
    ticks = "".join(
        f'<button type="button" class="tick" aria-pressed="false" data-position="{i}" title="key {i + 1}">'
        f"{_image(picture, SHEET_SIDE, f'picture {i + 1}')}<span>fake</span></button>"
        for i, picture in enumerate(trial.pictures)
    )
    return (
        '<p class="note">Click the pictures that are fakes: two to seven of the nine, or none. '
        "Keys: 1 to 9, and Enter.</p>"
        f'<div class="nine">{ticks}</div><button type="button" class="send">None is a fake</button>'
    )


def _single(trial: Trial) -> str:
    picture = trial.pictures[0]
    width, height = _size(picture, SINGLE_SIDE)
    image, size = _image(picture, SINGLE_SIDE, "picture"), f"width:{width}px;height:{height}px"
    limited = " It disappears after a moment; watch the cross." if trial.shown_ms else ""
    return (
        f'<p class="note">Is it real? About half of the pictures are fakes.{limited}</p>'
        f'<div class="exposure" style="{size}">{image}</div>'
        '<div class="decide"><button type="button" data-fake="0"><kbd>R</kbd> Real</button>'
        '<button type="button" data-fake="1"><kbd>F</kbd> Fake</button></div>'
    )


def _review(trials: TrialList) -> str:
    """The truth about the last sheet."""
    trial = trials.trials[trials.place - 1]
    ticked = trials.ticked or frozenset()
    cells = ""
    for i, picture in enumerate(trial.pictures):
        right = picture.is_fake == (i in ticked)
        text = f"{'fake' if picture.is_fake else 'real'} · {'right' if right else 'wrong'}"
        image = _image(picture, SHEET_SIDE, f"picture {i + 1}")
        cells += f'<div class="truth {"right" if right else "wrong"}">{image}<span>{text}</span></div>'
    following = "Show the result" if trials.is_done else "Next sheet"
    return (
        f'<div class="trial" tabindex="-1"><div class="head"><h2>{trial.score(ticked)} of {len(trial.pictures)}</h2>'
        f'<span class="last">on sheet {trials.place} of {len(trials.trials)} · {_total(trials)}</span></div>'
        '<p class="note">Below each picture: what it is, and whether you were right. Enter goes on.</p>'
        f'<div class="nine">{cells}</div><button type="button" class="proceed">{following}</button></div>'
    )


def _result(trials: TrialList, file: str) -> str:
    share = f"{trials.right} of {trials.judged} right, {100 * trials.right / trials.judged:.0f} %"
    text = (
        f"The answers of {trials.person} are in {file}. A guess is right in about half of the cases. "
        "Start draws another list with other pictures."
    )
    return f'<div class="trial"><div class="head"><h2>{share}</h2></div>{note(text)}</div>'


def _image(picture: Picture, side: int, text: str) -> str:
    width, height = _size(picture, side)
    return f'<img src="{stored_url(picture.pixels)}" alt="{text}" width="{width}" height="{height}" draggable="false">'


def _size(picture: Picture, side: int) -> tuple[int, int]:
    """Width and height on the screen: enlarged by a whole factor, which is the same for all pictures of a model."""
    factor = max(1, side // max(picture.pixels.shape[:2]))
    return factor * picture.pixels.shape[1], factor * picture.pixels.shape[0]

"""Sheets of a human test as PNG files with a key, and the answers to them."""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from tfgan_models.errors import InputError
from tfgan_models.files import atomic_write, read_json_or_empty
from tfgan_models.judge.answers import AnswerFile, answers_to
from tfgan_models.judge.trials import Picture, Trial
from tfgan_models.training.flag_rules import refusal

if TYPE_CHECKING:
    from tfgan_models.cli.judge import JudgeFlags

KEY, SIDE = "key.json", 160  # pixels of a picture on a sheet, at least
UNFINISHED = "unfinished"  # number of sheets that a stopped command may have left, in place of the key


def check_place(folder: str) -> None:
    """Check that the folder has no other ``key.json`` than one of sheets, which new sheets replace.

    Raises:
        InputError: it has.
    """
    path = Path(folder) / KEY
    old = read_json_or_empty(path)
    if path.exists() and not (_is_unfinished(old) or _is_key(old)):
        raise refusal("output_dir", folder, f"its {KEY} is not from this command, give another folder")


def write(trials: Sequence[Trial], weights: str, folder: str) -> None:
    """Write ``sheet-001.png`` and so on, and ``key.json``, in place of those of the last test.

    Raises:
        InputError: see ``check_place``.
    """
    from tfgan_models.plots import image_grid

    check_place(folder)
    Path(folder).mkdir(parents=True, exist_ok=True)
    path = Path(folder) / KEY
    old = read_json_or_empty(path)
    old_count = len(old.get("sheets", ())) or old.get(UNFINISHED, 0)  # other sheets are the user's pictures
    # In place of the old key, so that no answers to new sheets are compared with it if this stops.
    with atomic_write(path) as file:
        json.dump({UNFINISHED: max(old_count, len(trials))}, file)
    # A sheet that the new key does not have would be judged in vain.
    for number in range(1, old_count + 1):
        _sheet(folder, number).unlink(missing_ok=True)
    for trial in trials:
        pixels = np.stack([picture.pixels for picture in trial.pictures])
        factor = -(-SIDE // pixels.shape[1])
        sheet = image_grid.grid(pixels.repeat(factor, 1).repeat(factor, 2), columns=3, gap=8)
        image_grid.save(sheet, _sheet(folder, trial.number + 1))
    key = {
        "session": secrets.token_hex(8),
        "weights": weights,
        "sheets": [
            {
                "kind": trial.kind,
                "feedback": trial.feedback,
                "pictures": [picture.id for picture in trial.pictures],
                "fakes": sorted(trial.fakes),
            }
            for trial in trials
        ],
    }
    with atomic_write(path) as file:
        json.dump(key, file)


def enter(flags: JudgeFlags) -> None:
    """Append the answers of ``--answer`` or ``--answer_file``.

    Raises:
        InputError: there is no key, a line or a number cannot be used, or a sheet has been answered.
    """
    key = _key(flags.output_dir)
    entries = _lines(flags.answer_file) if flags.answer_file else [(flags.sheet or 0, flags.answer)]
    person, rows, scores = str(flags.person), [], []
    for number, numbers in entries:
        if not 1 <= number <= len(key["sheets"]):
            raise InputError(f"sheet {number}: {flags.output_dir} has sheets from 1 to {len(key['sheets'])}", "sheet")
        trial = _trial(number - 1, key["sheets"][number - 1])
        ticked = {number - 1 for number in numbers if number}
        score = f"sheet {number}: {trial.score(ticked)} of {len(trial.pictures)}"
        scores.append(score if trial.feedback else f"sheet {number}: saved")
        rows.append(answers_to(trial, ticked, person=person, session=key["session"], weights=key["weights"]))
    file = AnswerFile(flags.answers)
    for answers, score, (number, _) in zip(rows, scores, entries, strict=True):
        new = file.append(answers)
        print(score if new else f"sheet {number}: {person} has answered it before, and the first answer counts")


def _sheet(folder: str, number: int) -> Path:
    return Path(folder) / f"sheet-{number:03d}.png"


def _key(folder: str) -> dict[str, Any]:
    try:
        key = json.loads((Path(folder) / KEY).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise refusal("output_dir", folder, f"it has no {KEY} that can be read, write sheets with --model") from error
    if _is_unfinished(key):
        raise refusal("output_dir", folder, "its sheets are not complete, write them again with --model")
    if not _is_key(key):
        raise refusal("output_dir", folder, f"its {KEY} is not from this command, give a folder of sheets")
    return key


def _is_unfinished(key: object) -> bool:
    """Return True for what ``write`` leaves in place of the key if it stops."""
    return isinstance(key, dict) and key.keys() == {UNFINISHED} and isinstance(key[UNFINISHED], int)


def _is_key(key: object) -> bool:
    """Return True for what ``write`` has written, with the fields that are read here."""
    if not isinstance(key, dict) or not isinstance(key.get("sheets"), list):
        return False
    fields = {"kind": str, "feedback": bool, "pictures": list, "fakes": list}
    return all(isinstance(key.get(name), str) for name in ("session", "weights")) and all(
        isinstance(sheet, dict) and all(isinstance(sheet.get(name), type_) for name, type_ in fields.items())
        for sheet in key["sheets"]
    )


def _trial(number: int, entry: dict[str, Any]) -> Trial:
    """The trial of an entry of the key, without pixels."""
    empty = np.zeros((0, 0, 0), np.uint8)
    pictures = tuple(Picture(name, empty, i in entry["fakes"]) for i, name in enumerate(entry["pictures"]))
    return Trial(number, entry["kind"], pictures, entry["feedback"])


def _lines(path: str) -> list[tuple[int, tuple[int, ...]]]:
    """The sheets and ticked numbers of a file with lines such as ``3: 1 5 9``, and ``3: 0`` if none is a fake."""
    try:
        lines = Path(path).read_text(encoding="utf-8").splitlines()
    except (OSError, ValueError) as error:
        raise refusal("answer_file", path, "it cannot be read, give a text file") from error
    entries = []
    for line in filter(str.strip, lines):
        match = re.fullmatch(r"\s*(\d+)\s*:(\s*\d+(?:\s+\d+)*)\s*", line, re.ASCII)
        numbers = tuple(map(int, match[2].split())) if match else ()
        if not match or (0 in numbers and len(numbers) > 1):
            raise refusal("answer_file", path, f"give lines such as 3: 1 5 9, or 3: 0 for none, in place of {line!r}")
        entries.append((int(match[1]), numbers))
    return entries

"""Ask people which pictures are real: ``tfgan judge --model saved_models/faces --answers answers.sqlite``.

With ``--answer`` or ``--answer_file``, enter answers to the sheets. With ``--report``, print the figures.
"""

from __future__ import annotations

import dataclasses
import json
from typing import Annotated

from tfgan_models.cli import outputs
from tfgan_models.cli.command_line import read
from tfgan_models.cli.exits import end_on_signals, one_line_errors
from tfgan_models.cli.quiet_tensorflow import import_tensorflow
from tfgan_models.errors import InputError
from tfgan_models.training import flag_rules, hints
from tfgan_models.training.flag_rules import Above, AtLeast, Needs, refusal
from tfgan_models.training.flags import Seed
from tfgan_models.training.path_flags import IsPath

ONE_OF_THEM = "give one of --model, --answer, --answer_file and --report"
OF_SHEETS = "it is about sheets, and has no effect with --report: remove one of them"


def _reports(flags: JudgeFlags) -> bool:
    return flags.report


def _enters_file(flags: JudgeFlags) -> bool:
    return flags.answer_file is not None


@dataclasses.dataclass(kw_only=True)
class JudgeFlags:
    """Ask people which pictures are real: write sheets, enter answers, or report error rates."""

    answers: Annotated[str, IsPath()]
    """SQLite file of answers. A missing file is made by the first answer."""
    model: Annotated[str | None, IsPath()] = None
    """Folder of an export. Sheets of its samples and of held-out images of its data are written to --output_dir. A
    SavedModel can run any code, so load only models that you trust."""
    report: bool = False
    """Print error rates, d′ and learning with intervals, for each model in the answers."""
    output_dir: Annotated[str, IsPath(), Needs("report", OF_SHEETS, lambda report: not report)] = "sheets"
    """Folder of the sheets and of key.json, which knows the fakes."""
    sheets: Annotated[int, Above(0), Needs("model")] = 10
    """Number of sheets with fakes."""
    control: Annotated[int, AtLeast(0), Needs("model")] = 1
    """Number of further sheets on which all pictures are real."""
    feedback: Annotated[bool, Needs("model")] = False
    """Print the score of each sheet after its answer."""
    seed: Annotated[Seed, Needs("model", "it has no effect on answers, remove it", unless=_reports)] = 0
    """Seed of the pictures and their order, or of the bootstrap of --report."""
    person: Annotated[str | None, Needs("answer", unless=_enters_file)] = None
    """Name or number of the person who answers. It is saved with the answers."""
    sheet: Annotated[int | None, Above(0), Needs("answer")] = None
    """Number of the sheet that --answer is about."""
    answer: Annotated[tuple[int, ...], AtLeast(0)] = ()
    """Numbers of the pictures that are fakes, row by row from 1 to 9; 0 if none is."""
    answer_file: Annotated[str | None, IsPath()] = None
    """Text file of answers with a line for each sheet, such as 3: 1 5 9, or 3: 0 if none is a fake."""
    output: Annotated[str | None, IsPath(), Needs("report")] = None
    """PNG file for the learning curve of --report."""
    json: Annotated[str | None, IsPath(), Needs("report")] = None
    """JSON file for the figures of --report."""
    data_dir: Annotated[str | None, IsPath(), Needs("model")] = None
    """Folder of tensorflow-datasets; by default the one that tensorflow-datasets itself uses."""
    cache_dir: Annotated[str | None, IsPath(), Needs("model")] = None
    """Folder for decoded images; ~/.cache/tfgan_models by default."""


def check(flags: JudgeFlags) -> None:
    """Check the flags without TensorFlow.

    Raises:
        InputError: a flag breaks one of its rules, or flags contradict each other.
    """
    chosen = [name for name in ("model", "answer", "answer_file", "report") if getattr(flags, name)]
    if not chosen:
        raise InputError(ONE_OF_THEM)
    flag_rules.check(flags)
    if len(chosen) > 1:
        raise refusal(chosen[1], getattr(flags, chosen[1]), f"it cannot be with --{chosen[0]}: {ONE_OF_THEM}")
    if chosen[0].startswith("answer") and not (flags.person or "").strip():
        raise refusal(chosen[0], getattr(flags, chosen[0]), "add --person, by whom the answers are")
    if flags.answer and flags.sheet is None:
        raise refusal("answer", flags.answer, "add --sheet, the number of the sheet")
    if flags.answer and 0 in flags.answer and len(flags.answer) > 1:
        raise refusal("answer", flags.answer, "0 means that none is a fake: give 0 alone, or numbers from 1 to 9")
    if flags.output and not flags.output.lower().endswith(".png"):
        raise refusal("output", flags.output, "give a file name that ends in .png")


def main(flags: JudgeFlags) -> None:
    """Write sheets, enter answers, or report."""
    check(flags)
    for name in ("output", "json"):
        if path := getattr(flags, name):
            outputs.check_file(name, path)
    if flags.report:
        _report(flags)
    elif flags.model:
        _write_sheets(flags, flags.model)
    else:
        from tfgan_models.cli import judge_sheets

        judge_sheets.enter(flags)


def _report(flags: JudgeFlags) -> None:
    from tfgan_models.files import atomic_write
    from tfgan_models.judge.answers import AnswerFile
    from tfgan_models.judge.report import reports, text
    from tfgan_models.plots import image_grid
    from tfgan_models.plots.learning_curve import learning_curve

    answers = AnswerFile(flags.answers).read()
    if not answers:
        raise refusal("answers", flags.answers, "it has no answers yet, judge some sheets first")
    results = reports(answers, flags.seed)
    print("\n\n".join(map(text, results)))
    if flags.json:
        with atomic_write(flags.json) as file:
            json.dump([result.to_json() for result in results], file, indent=2, allow_nan=False, ensure_ascii=False)
            file.write("\n")
    if flags.output:
        curves = {
            f"{name}, {result.weights[:8]}" if len(results) > 1 else name: [
                ((block.first + block.last) / 2, block.accuracy) for block in curve.blocks
            ]
            for result in results
            for name, curve in result.learning.items()
        }
        image_grid.save(learning_curve(curves), flags.output)


def _write_sheets(flags: JudgeFlags, path: str) -> None:
    from tfgan_models.cli import judge_sheets

    outputs.check_folder("output_dir", flags.output_dir)
    judge_sheets.check_place(flags.output_dir)
    import_tensorflow()
    from tfgan_models import export
    from tfgan_models.cli.judge_pictures import load_pool
    from tfgan_models.judge.trials import SHEET

    pool = load_pool(
        export.load(path), SHEET * (flags.sheets + flags.control), flags.seed, flags.data_dir, flags.cache_dir
    )
    trials = pool.sheets(flags.sheets, flags.seed, feedback=flags.feedback, control=flags.control)
    judge_sheets.write(trials, pool.weights, flags.output_dir)
    print(f"{flags.output_dir}: {len(trials)} sheets. Look at sheet-001.png, count row by row from 1 to 9, and enter:")
    places = ("--answers", flags.answers, "--output_dir", flags.output_dir)
    print(f"  {hints.command('judge', *places, '--person', 'me', '--sheet', '1', '--answer', '2', '5')}")


def command() -> None:
    """Read the command line and run the command, with exit codes and one-line errors."""
    end_on_signals("complete answers are saved")
    with one_line_errors():
        main(read(JudgeFlags))

"""The epoch that a run exports: the last one, the best one or one of the user's choice."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from tfgan_models.callbacks import best_epoch
from tfgan_models.callbacks.metrics_file import read_rows
from tfgan_models.metrics.direction import OF_ATTRIBUTES, column_of, is_better
from tfgan_models.models.base import GenerativeModel
from tfgan_models.protocols import SupportsReconstruct, SupportsReconstructAs
from tfgan_models.training import checkpoint
from tfgan_models.training.flag_rules import refusal
from tfgan_models.training.start_flags import Best


def check_figure(model: GenerativeModel, outputs: str, figure: str) -> None:
    """Refuse a figure that cannot be measured with a model or a data set.

    Args:
        model: the model.
        outputs: what the extractor of the data set reads: attributes, classes or rotations.
        figure: the figure of ``--keep_best``.

    Raises:
        InputError: the model has no samples, reconstructions or held-out error, or the extractor reads no classes or
            attributes.
    """
    kind, lacking = figure.partition("/")[0], None
    if kind in ("samples", "sample_coverage") and not model.samplers:
        lacking = "samples"
    if kind == "reconstructions" and not isinstance(model, SupportsReconstruct | SupportsReconstructAs):
        lacking = "reconstructions"
    if kind == "val_pixel_error" and "pixel_error" not in model.test_metrics:
        lacking = "held-out error"
    if lacking:
        raise refusal("keep_best", figure, f"{type(model).__name__} has no {lacking}, give another figure")
    if column_of("samples/inception_score", [figure]) and outputs != "classes":
        needed = "classes"
    elif any(column_of(f"reconstructions/{name}", [figure]) for name in OF_ATTRIBUTES) and outputs == "rotations":
        needed = "attributes, or a class of every picture"
    else:
        return
    raise refusal(
        "keep_best",
        figure,
        f"it needs {needed}, and the extractor of this data set reads {outputs}; give another figure",
    )


def kept(run_dir: Path) -> dict[int, Path]:
    """The checkpoints of a run by their epochs, with that of the best one."""
    folders = [
        *checkpoint.checkpoints(run_dir / best_epoch.FOLDER),
        *checkpoint.checkpoints(run_dir / "checkpoints"),
    ]
    return dict(sorted((checkpoint.epoch_of(folder), folder) for folder in folders))


def check_kept(run_dir: Path, flags: Best) -> None:
    """Refuse ``--export_epoch`` of an epoch without a checkpoint.

    Raises:
        InputError: there is no such checkpoint.
    """
    epoch = flags.export_epoch
    if epoch is not None and epoch not in (epochs := kept(run_dir)):
        having = (
            f"has checkpoints of epoch{'s' * (len(epochs) > 1)} {', '.join(map(str, epochs))}"
            if epochs
            else "has no checkpoints"
        )
        raise refusal("export_epoch", epoch, f"the run in {run_dir} {having}; see --keep_checkpoints and --keep_best")


def _restore(model: GenerativeModel, run_dir: Path, epoch: int) -> None:
    """Restore the checkpoint of an epoch. The best one may have two copies, of which one may be damaged.

    Raises:
        DamagedCheckpoint: all copies are damaged.
    """
    name = kept(run_dir)[epoch].name
    folders = [run_dir / parent / name for parent in (best_epoch.FOLDER, "checkpoints")]
    copies = [folder for folder in folders if folder.exists()]
    for folder in copies:
        try:
            checkpoint.restore(model, folder)
            return
        except checkpoint.DamagedCheckpoint:
            if folder == copies[-1]:
                raise


def is_exhausted(run_dir: Path, flags: Best, epochs_done: int) -> bool:
    """Return whether a run has made so many epochs without a better figure as ``--patience`` allows."""
    if not (flags.patience and flags.keep_best):
        return False
    best = best_epoch.read_best(run_dir / best_epoch.FOLDER, flags.keep_best)
    if best is None:
        return False
    measured = [epoch for epoch, row in read_rows(run_dir).items() if best.column in row and epoch <= epochs_done]
    return bool(measured) and max(measured) - best.epoch >= flags.patience


def choose(model: GenerativeModel, run_dir: Path, flags: Best) -> dict[str, Any]:
    """Give a model the weights of the chosen epoch, and print a line about it.

    Returns:
        The entry of the export's manifest about the choice; empty if the model keeps the weights of the last epoch.
    """
    if flags.export_epoch is not None:
        try:
            _restore(model, run_dir, flags.export_epoch)
        except checkpoint.DamagedCheckpoint as damage:
            raise refusal("export_epoch", flags.export_epoch, f"{damage}; give another epoch") from None
        print(f"chosen:      epoch {flags.export_epoch}, weights {checkpoint.digest(model)}")
        return {"chosen_by": {"export_epoch": flags.export_epoch}}
    if flags.keep_best is None:
        return {}
    best = best_epoch.read_best(run_dir / best_epoch.FOLDER, flags.keep_best)
    if best is None:
        print(f"--keep_best {flags.keep_best}: no epoch has measured it, so that the last one counts", file=sys.stderr)
        return {}
    try:
        _restore(model, run_dir, best.epoch)
    except checkpoint.DamagedCheckpoint as damage:
        print(f"damaged: {damage}; the last epoch counts", file=sys.stderr)
        return {}
    print(
        f"chosen:      epoch {best.epoch}, the best by {flags.keep_best}: {best.value:.5g}; "
        f"weights {checkpoint.digest(model)}"
    )
    rows = {epoch: row[best.column] for epoch, row in read_rows(run_dir).items() if best.column in row}
    better = [epoch for epoch, value in rows.items() if is_better(best.column, value, best.value)]
    if better:  # they were before the flag was given, or before a start from an earlier checkpoint with other flags
        print(f"not kept:    better were the epochs {', '.join(map(str, better))}, whose checkpoints are gone")
    return {"chosen_by": {"figure": best.column, "value": best.value, "epoch": best.epoch}}

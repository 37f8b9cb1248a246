"""A stand-in for a run of a sweep. Its process starts fast, because this module does not import TensorFlow."""

from __future__ import annotations

import json
from pathlib import Path

from tfgan_models.recipes.improved_gan import ImprovedGANFlags
from tfgan_models.training import hints, sweep


def write_hint(flags: ImprovedGANFlags) -> None:
    """Write the errors of a run, with a command that the run would print."""
    folder = Path(str(flags.output.run_dir))
    folder.mkdir(parents=True)
    row = {"labels": flags.model.num_labels[0], "label_seed": flags.model.label_seed[0], "test_images": 9, "epochs": 1}
    (folder / sweep.ERRORS).write_text(json.dumps(row | {"command": hints.command("sample")}))

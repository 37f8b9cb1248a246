"""Whether a folder may become that of a run. This module does not import TensorFlow."""

from __future__ import annotations

import itertools
from pathlib import Path

from tfgan_models.training.flag_rules import refusal

OF_RUNS = ("config.json", "checkpoints", "metrics.csv")
ENDINGS = frozenset({".bmp", ".gif", ".jpeg", ".jpg", ".png", ".tif", ".tiff", ".webp"})


def check_no_pictures(folder: Path) -> None:
    """Refuse a folder of pictures that no run has begun in, since the run's own pictures would mix with them.

    Args:
        folder: the folder of the run, which need not exist.

    Raises:
        InputError: there is a picture in the folder or in one of its folders, and no file of a run.
    """
    if any((folder / name).exists() for name in OF_RUNS):
        return
    for path in itertools.chain(folder.glob("*"), folder.glob("*/*")):
        if path.suffix.lower() in ENDINGS:
            raise refusal(
                "run_dir", folder, f"it has pictures that are not a run's, such as {path.name!r}, give another"
            )

"""The folder of a run that has checkpoints."""

from __future__ import annotations

import contextlib
import json

import pytest

from tests.models.small import MODELS, compiled
from tests.training.earlier_runs import config
from tfgan_models.training import checkpoint, flags, run_folder


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """The folder of a run that wrote checkpoints of its epochs 1, 2 and 3."""
    model = compiled(MODELS["autoencoder"])
    for epoch in (1, 2, 3):
        checkpoint.save(model, tmp_path / "checkpoints", epoch)
    (tmp_path / "config.json").write_text(json.dumps(config(flags.Flags())))
    found = run_folder.RunFolder(tmp_path, "autoencoder", flags.Flags(), "some pictures", "float32", chief=True)
    yield found
    with contextlib.suppress(OSError):  # which a test may have done
        found.release()

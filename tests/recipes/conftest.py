"""The model that a command line asks for."""

from __future__ import annotations

import sys
from types import SimpleNamespace

import numpy as np
import pytest

from tfgan_models.cli import command_line, train
from tfgan_models.training import flags


@pytest.fixture
def build(monkeypatch):
    """Build the model that a command line asks for, on data of 16 pixels or another size."""

    def build(script: str, *arguments: str, size: int = 16):
        monkeypatch.setattr(sys, "argv", [f"train/{script}.py", *arguments])
        recipe = train.load(script)
        given = command_line.read(recipe.flags, recipe.presets)
        flags.check(given)
        data = SimpleNamespace(images=np.zeros((10, size, size, 1), np.uint8), attribute_names=())
        return given, recipe.build(given, data)

    return build

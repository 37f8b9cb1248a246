"""The model that a command line asks for."""

from __future__ import annotations

import sys
from types import SimpleNamespace

import numpy as np
import pytest

from tfgan_models.cli import command_line, train
from tfgan_models.training import flags

DATA = SimpleNamespace(images=np.zeros((10, 16, 16, 1), np.uint8), attribute_names=())


@pytest.fixture
def build(monkeypatch):
    """Build the model that a command line asks for, on data of 16 pixels."""

    def build(script: str, *arguments: str):
        monkeypatch.setattr(sys, "argv", [f"train/{script}.py", *arguments])
        recipe = train.load(script)
        given = command_line.read(recipe.flags, recipe.presets)
        flags.check(given)
        return given, recipe.build(given, DATA)

    return build

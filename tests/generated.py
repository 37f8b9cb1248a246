"""The latents that exports are given to generate images from."""

from __future__ import annotations

import numpy as np
import pytest

from tfgan_models import export


def keep_latents(monkeypatch: pytest.MonkeyPatch) -> list[np.ndarray]:
    """The list to which every later call of ``generate`` of an export adds its latents."""
    seen: list[np.ndarray] = []
    original = export.ExportedModel.__call__

    def call(self, signature, **inputs):
        seen.extend([inputs["latent"]] if signature == "generate" else ())
        return original(self, signature, **inputs)

    monkeypatch.setattr(export.ExportedModel, "__call__", call)
    return seen

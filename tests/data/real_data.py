"""Real data sets, for the tests that need them."""

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
REAL = Path(os.environ.get("TFGAN_MODELS_TEST_DATA", ROOT / ".." / "shared" / "data")).resolve()


def real(name: str) -> Path:
    """The path of a real data set; skips where it is absent."""
    path = REAL / name
    if not path.exists():
        pytest.skip(f"needs the real data {path}")
    return path

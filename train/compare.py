"""Compare runs: ``python train/compare.py runs/vaegan-1 runs/vaegan-2 --output compare.png``."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tfgan_models.cli import compare

if __name__ == "__main__":
    compare.command()

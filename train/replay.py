"""Show a run's pictures over its epochs: ``python train/replay.py runs/vaegan-faces --output training.gif``."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tfgan_models.cli import replay

if __name__ == "__main__":
    replay.command()

"""Draw pictures from an exported model: ``python train/sample.py --model saved_models/vaegan/1 --output grid.png``."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tfgan_models.cli import sample

if __name__ == "__main__":
    sample.command()

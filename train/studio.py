"""Open a page for looking at models and runs: ``python train/studio.py --model saved_models/faces``."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tfgan_models.cli import studio

if __name__ == "__main__":
    studio.command()

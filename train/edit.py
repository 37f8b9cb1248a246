"""Edit pictures with an exported model: ``python train/edit.py --model saved_models/vaegan/1 --attributes Smiling``."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tfgan_models.cli import edit

if __name__ == "__main__":
    edit.command()

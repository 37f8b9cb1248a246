"""Download an exported model: ``python train/pull.py owner/name --output saved_models/name``."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tfgan_models.cli import pull

if __name__ == "__main__":
    pull.command()

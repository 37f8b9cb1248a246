"""Upload an exported model: ``python train/push.py --model saved_models/vaegan/1 --to owner/name``."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tfgan_models.cli import push

if __name__ == "__main__":
    push.command()

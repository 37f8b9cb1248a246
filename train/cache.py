"""List and clear the cache of images: ``python train/cache.py --clear``."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tfgan_models.cli import cache

if __name__ == "__main__":
    cache.command()

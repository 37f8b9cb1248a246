"""Separate style from class (Makhzani et al. 2015, section 4): ``python train/aae_supervised.py --dataset mnist``."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tfgan_models.cli import train

if __name__ == "__main__":
    train.command("aae_supervised")

"""Train R3GAN, the modern baseline (Huang et al. 2025): ``python train/r3gan.py --dataset digits``."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tfgan_models.cli import train

if __name__ == "__main__":
    train.command("r3gan")

"""Train an energy-based GAN (Zhao et al. 2016): ``python train/ebgan.py --dataset digits``."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tfgan_models.cli import train

if __name__ == "__main__":
    train.command("ebgan")

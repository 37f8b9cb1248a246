"""Train a VAE/GAN (Larsen et al. 2015): ``python train/vaegan.py --dataset faces``."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tfgan_models.cli import train

if __name__ == "__main__":
    train.command("vaegan")

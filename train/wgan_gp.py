"""Train a Wasserstein GAN with gradient penalty (Gulrajani et al. 2017): ``python train/wgan_gp.py``."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tfgan_models.cli import train

if __name__ == "__main__":
    train.command("wgan_gp")

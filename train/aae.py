"""Train an adversarial autoencoder (Makhzani et al. 2015): ``python train/aae.py --prior ring_of_gaussians``."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tfgan_models.cli import train

if __name__ == "__main__":
    train.command("aae")

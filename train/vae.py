"""Train a variational autoencoder (Kingma and Welling 2013): ``python train/vae.py --dataset faces``."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tfgan_models.cli import train

if __name__ == "__main__":
    train.command("vae")

"""Learn classes from few labels, or clusters from none, with an adversarial autoencoder (Makhzani et al. 2015).

``python train/aae_semi_supervised.py --num_labels 100``, or ``--num_labels 0 --clusters 16``.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tfgan_models.cli import train

if __name__ == "__main__":
    train.command("aae_semi_supervised")

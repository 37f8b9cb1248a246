"""Learn a classifier from few labels (Salimans et al. 2016): ``python train/improved_gan.py --num_labels 100``.

Several numbers of labels or seeds make a table: ``--num_labels 20 50 100 --label_seed 1 2 3``.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tfgan_models.cli import train

if __name__ == "__main__":
    train.command("improved_gan")

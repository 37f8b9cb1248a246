"""Compare GAN techniques on 2-D toy data: ``python train/lab.py --experiment ring --technique base r1``."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tfgan_models.cli import lab

if __name__ == "__main__":
    lab.command()

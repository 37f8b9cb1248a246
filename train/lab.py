"""Try every technique on small games in two dimensions: ``python train/lab.py --experiment ring --hack base r1``."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tfgan_models.cli import lab

if __name__ == "__main__":
    lab.command()

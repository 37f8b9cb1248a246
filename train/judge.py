"""Ask people which pictures are real: ``python train/judge.py --report --answers answers.sqlite``."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tfgan_models.cli import judge

if __name__ == "__main__":
    judge.command()

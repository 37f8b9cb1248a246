"""Compute metrics of an exported model: ``python train/evaluate.py --model saved_models/vaegan/1 --samples 10000``.

Or of pictures from any source: ``python train/evaluate.py --images FOLDER --dataset faces``.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tfgan_models.cli import evaluate

if __name__ == "__main__":
    evaluate.command()

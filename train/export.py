"""Write a model in other formats: ``python train/export.py --model saved_models/vaegan/1 --format onnx litert``."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tfgan_models.cli import export

if __name__ == "__main__":
    export.command()

"""Find latents of pictures: ``python train/project.py --model saved_models/gan/1 --image a.jpg``."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tfgan_models.cli import project

if __name__ == "__main__":
    project.command()

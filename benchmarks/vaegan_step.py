"""Time the VAE/GAN's training step at the paper's size: ``python benchmarks/vaegan_step.py bfloat16``.

The paper's networks for 64×64 RGB, batch 64, RMSprop, real, reconstructed and prior images, through ``fit``; see
``training_steps.py`` for the line that it prints.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

if __name__ == "__main__":
    script = str(Path(__file__).with_name("training_steps.py"))
    for precision in sys.argv[1:] or ("float32", "bfloat16"):  # in a process each, whose memory is its own
        subprocess.run([sys.executable, script, "vaegan", precision], check=True)

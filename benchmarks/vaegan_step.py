"""Time the VAE/GAN's training step at the paper's size: ``python benchmarks/vaegan_step.py bfloat16``.

The paper's networks for 64×64 RGB, batch 64, RMSprop, real, reconstructed and prior images, through ``fit``; see
``training_steps.py`` for the line that it prints.
"""

from __future__ import annotations

import json
import sys

from training_steps import StepFlags, measure

if __name__ == "__main__":
    for precision in sys.argv[1:] or ("float32", "bfloat16"):
        print(json.dumps(measure(StepFlags("vaegan", precision))), flush=True)

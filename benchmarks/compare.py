"""Our training steps beside PyTorch's, in turn: ``python benchmarks/compare.py``; ``make bench`` does just that.

Every figure is the median of several processes, each of which takes the median of its steps; what is compared takes
turns. PyTorch is run where it is installed: beside the project's packages, or for the interpreter of --torch_python
(``python -m venv .torch && .torch/bin/pip install torch numpy``). Nothing else should run meanwhile.
"""

from __future__ import annotations

import dataclasses
import json
import platform
import statistics
import subprocess
import sys
from pathlib import Path

import tyro

HERE = Path(__file__).resolve().parent
COLUMNS = {
    "images_per_s": "images/s",
    "median_s": "step, s",
    "gflop_per_s": "GFLOP/s",
    "share_of_peak": "of the peak",
    "peak_memory_mb": "memory, MB",
}


@dataclasses.dataclass
class CompareFlags:
    """Time training steps beside PyTorch's, and write a table."""

    models: tuple[str, ...] = ("vaegan", "dcgan", "wgan_gp", "aae", "mlp_gan")
    """Which of those that training_steps.py knows."""
    precisions: tuple[str, ...] = ("bfloat16", "float32")
    """Of the computation."""
    rounds: int = 5
    """Processes of each kind."""
    steps: int = 8
    """Timed steps in each process; 25 times as many of the fully connected models."""
    torch_python: str = sys.executable
    """Interpreter that has PyTorch; it is left out if this has none."""
    output: Path = Path("bench.md")
    """The table."""


def commands(asked: CompareFlags, model: str, with_torch: bool) -> list[list[str]]:
    """What to run for a model in each round."""
    small = model in ("aae", "mlp_gan")
    steps = ["--steps", str(asked.steps * (25 if small else 1))]
    found = []
    for precision in asked.precisions:
        ours = [sys.executable, str(HERE / "training_steps.py"), model, precision, *steps]
        found.append([*ours, "--steps_per_execution", "25"] if small else ours)
        if with_torch:
            theirs = [asked.torch_python, str(HERE / "torch_steps.py"), model, precision, *steps]
            found += [theirs] if small else [theirs, [*theirs, "--channels_last"]]
    return found


def main(asked: CompareFlags) -> None:
    """Run everything in turn; the table is written anew after each round."""
    tried = subprocess.run([asked.torch_python, "-c", "import torch"], capture_output=True, text=True)
    if tried.returncode:
        print(f"without PyTorch: {tried.stderr.strip().splitlines()[-1]}")
    found: dict[tuple[str, str], list[dict]] = {}
    for model in asked.models:
        for turn in range(asked.rounds):
            for command in commands(asked, model, with_torch=not tried.returncode):
                done = subprocess.run(command, capture_output=True, text=True)
                if done.returncode:
                    sys.exit(f"{' '.join(command)} failed:\n{done.stderr[-2000:]}")
                figures = json.loads(done.stdout.strip().splitlines()[-1])
                found.setdefault((model, figures["variant"]), []).append(figures)
                print(f"{turn + 1}/{asked.rounds} {json.dumps(figures)}", flush=True)
            asked.output.write_text(table(found))
    print(f"\n{table(found)}\nwritten to {asked.output}")


def table(found: dict[tuple[str, str], list[dict]]) -> str:
    """The medians as Markdown."""
    lines = [f"{platform.processor() or platform.machine()}, Python {platform.python_version()}", ""]
    lines += [f"| model | variant | {' | '.join(COLUMNS.values())} | runs |", "|---" * (len(COLUMNS) + 3) + "|"]
    for (model, variant), runs in found.items():
        medians = [statistics.median(run[name] for run in runs) if name in runs[0] else "" for name in COLUMNS]
        cells = [f"{value:.4g}" if value != "" else "" for value in medians]
        lines.append(f"| {model} | {variant} | {' | '.join(cells)} | {len(runs)} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main(tyro.cli(CompareFlags))

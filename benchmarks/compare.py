"""Compare our training steps with PyTorch's: ``python benchmarks/compare.py`` or ``make bench``.

Every figure is the median of several processes, each of which measures the median of its steps; compared variants
alternate. PyTorch is used if it is installed with the project's packages, or for the interpreter of --torch_python
(``python -m venv .torch && .torch/bin/pip install torch numpy``). Nothing else should run at the same time.
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
    """Time training steps of both libraries, and write a table."""

    models: tuple[str, ...] = ("vaegan", "dcgan", "wgan_gp", "aae", "mlp_gan")
    """Models of training_steps.py."""
    precisions: tuple[str, ...] = ("bfloat16", "float32")
    """Precisions of the computation."""
    rounds: int = 5
    """Processes of each variant."""
    steps: int = 8
    """Timed steps in each process; 25 times as many of the fully connected models."""
    torch_python: str = sys.executable
    """Interpreter with PyTorch; without PyTorch only our steps are timed."""
    output: Path = Path("bench.md")
    """File of the table."""


def commands(flags: CompareFlags, model: str, with_torch: bool) -> list[list[str]]:
    """List the commands for a model in each round."""
    small = model in ("aae", "mlp_gan")
    steps = ["--steps", str(flags.steps * (25 if small else 1))]
    commands_of_model = []
    for precision in flags.precisions:
        ours = [sys.executable, str(HERE / "training_steps.py"), model, precision, *steps]
        commands_of_model.append([*ours, "--steps_per_execution", "25"] if small else ours)
        if with_torch:
            theirs = [flags.torch_python, str(HERE / "torch_steps.py"), model, precision, *steps]
            commands_of_model += [theirs] if small else [theirs, [*theirs, "--channels_last"]]
    return commands_of_model


def main(flags: CompareFlags) -> None:
    """Run all commands in alternation; the table is rewritten after each round."""
    torch_check = subprocess.run([flags.torch_python, "-c", "import torch"], capture_output=True, text=True)
    if torch_check.returncode:
        print(f"without PyTorch: {torch_check.stderr.strip().splitlines()[-1]}")
    results: dict[tuple[str, str], list[dict]] = {}
    for model in flags.models:
        for turn in range(flags.rounds):
            for command in commands(flags, model, with_torch=not torch_check.returncode):
                process = subprocess.run(command, capture_output=True, text=True)
                if process.returncode:
                    sys.exit(f"{' '.join(command)} failed:\n{process.stderr[-2000:]}")
                figures = json.loads(process.stdout.strip().splitlines()[-1])
                results.setdefault((model, figures["variant"]), []).append(figures)
                print(f"{turn + 1}/{flags.rounds} {json.dumps(figures)}", flush=True)
            flags.output.write_text(table(results))
    print(f"\n{table(results)}\nwritten to {flags.output}")


def table(results: dict[tuple[str, str], list[dict]]) -> str:
    """Format the medians as a Markdown table."""
    lines = [f"{platform.processor() or platform.machine()}, Python {platform.python_version()}", ""]
    lines += [f"| model | variant | {' | '.join(COLUMNS.values())} | runs |", "|---" * (len(COLUMNS) + 3) + "|"]
    for (model, variant), runs in results.items():
        medians = [statistics.median(run[name] for run in runs) if name in runs[0] else "" for name in COLUMNS]
        cells = [f"{value:.4g}" if value != "" else "" for value in medians]
        lines.append(f"| {model} | {variant} | {' | '.join(cells)} | {len(runs)} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main(tyro.cli(CompareFlags))

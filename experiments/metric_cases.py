"""Test which figures rank images as people do: ``PYTHONPATH=. python experiments/metric_cases.py --dataset faces``.

Creates sets of images with an obvious ranking (``cases.py``), evaluates them like ``train/evaluate.py``, and prints two
Markdown tables: the figures, and for each figure the number of pairs of sets that it ranks as people do. ``--sheet``
writes a picture of the sets.
"""

from __future__ import annotations

import argparse
import json
import os
import unittest.mock
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
from cases import PAIRS, fixed_cases, sampler_cases

from tfgan_models import export
from tfgan_models.data import sources
from tfgan_models.data.pixels import to_float
from tfgan_models.metrics.comparison import compare, likelihood
from tfgan_models.metrics.in_domain_extractor import in_domain
from tfgan_models.metrics.memorization import memorization
from tfgan_models.metrics.summary import Summary
from tfgan_models.plots import image_grid

Figures = dict[str, dict[str, float]]

# Value of a figure for good images: low, high, or that of real images.
GOOD = {
    "frechet_distance": "low",
    "kernel_distance": "low",
    "precision": "high",
    "recall": "high",
    "density": "high",
    "coverage": "high",
    "inception_score": "high",
    "parzen_log_likelihood": "high",
    "ms_ssim": "real",
    "sharpness_of_data": "real",
    "sliced_wasserstein": "low",
    "spectrum_distance": "low",
    "nyquist_share_of_data": "real",
    "two_sample_accuracy": "low",
}
# Not related to the look of images, but the only figure that separates memorized from real images. It is computed for
# these two only.
UNRANKED = ("nearest_training_image",)
COLUMNS, VALIDATION = 14, 300


def measure(cases: dict[str, np.ndarray], train: sources.ImageSet, test: sources.ImageSet, extractor) -> Figures:
    """Compute every figure of every case, against the first held-out images."""
    count = len(next(iter(cases.values())))
    reference = Summary([to_float(test.images[:count])], extractor)
    held_out = Summary([cases["real"]], extractor)
    figures = {}
    for name, images in cases.items():
        subject = Summary([images], extractor)
        figures[name] = compare(subject, reference, extractor) | likelihood(
            subject, train.images[-VALIDATION:], reference
        )
        if name in ("real", "memorized"):
            figures[name]["nearest_training_image"] = memorization(subject, held_out, train, extractor).ratio
    return figures


def badness(figure: str, case: str, figures: Figures) -> float:
    """Convert a figure of a case to a number for which lower is better."""
    value, real = figures[case][figure], figures["real"][figure]
    if GOOD[figure] == "real":
        return abs(float(np.log(max(value, 1e-12) / real)))
    return value if GOOD[figure] == "low" else -value


def misordered(figure: str, figures: Figures) -> tuple[int, list[tuple[str, str]]]:
    """Return the number of pairs of cases, and the pairs that a figure ranks wrongly or equally."""
    pairs = [pair for pair in PAIRS if set(pair) <= figures.keys()]
    wrong = [pair for pair in pairs if not badness(figure, pair[0], figures) < badness(figure, pair[1], figures)]
    return len(pairs), wrong


def values_table(figures: Figures) -> str:
    """Format figures as a Markdown table with a column for each case."""
    names = [name for name in (*GOOD, *UNRANKED) if name in figures["real"]]
    lines = ["| | " + " | ".join(figures) + " |", "|---" * (1 + len(figures)) + "|"]
    for name in names:
        cells = [f"{case[name]:.3g}" if name in case else "" for case in figures.values()]
        lines.append(f"| `{name}` | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def verdict_table(measured: dict[str, Figures]) -> str:
    """Format the pairs that each figure ranks correctly as a Markdown table with a column for each data set."""
    rows = []
    for name in GOOD:
        cells, right, total = [], 0, 0
        for figures in measured.values():
            if name not in figures["real"]:
                cells.append("")
                continue
            number, wrong = misordered(name, figures)
            right, total = right + number - len(wrong), total + number
            against = ", ".join(f"{better} < {worse}" for better, worse in wrong)
            cells.append(f"{number - len(wrong)} of {number}" + (f": not {against}" if 0 < len(wrong) < 6 else ""))
        rows.append((right / max(total, 1), f"| `{name}` | " + " | ".join(cells) + " |"))
    rows.sort(key=lambda row: -row[0])
    head = ["| figure | " + " | ".join(measured) + " |", "|---" * (1 + len(measured)) + "|"]
    return "\n".join([*head, *(line for _, line in rows)])


def sheet(cases: dict[str, np.ndarray]) -> np.ndarray:
    """Draw some images of every case, one case per row."""
    return image_grid.grid(np.concatenate([images[:COLUMNS] for images in cases.values()]), COLUMNS)


def main() -> None:
    """Evaluate a data set's cases; print its figures, and the verdicts for all data sets in the folder of results."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--dataset", default="faces")
    parser.add_argument("--image_size", type=int, default=32)
    parser.add_argument("--data_dir")
    parser.add_argument("--attributes")
    parser.add_argument("--crop", type=int)
    parser.add_argument(
        "--count", type=int, default=1000, help="images in each set; twice as many test images are needed"
    )
    parser.add_argument("--model", help="an export with an encoder, whose samples are evaluated too")
    parser.add_argument("--results", default="runs/metric-cases", help="folder of the figures of all data sets")
    parser.add_argument("--sheet", help="PNG file of the sets")
    parser.add_argument("--undamaged", action="store_true", help="train the extractor on undamaged images")
    flags = parser.parse_args()
    train, test = (
        sources.load(
            flags.dataset,
            split,
            image_size=flags.image_size,
            data_dir=flags.data_dir,
            attributes=flags.attributes,
            crop=flags.crop,
        )
        for split in ("train", "test")
    )
    cases = fixed_cases(train, test, min(flags.count, len(test.images) // 2))
    if flags.model:
        cases |= sampler_cases(export.load(flags.model), train, len(cases["real"]))
    if flags.sheet:
        image_grid.save(sheet(cases), flags.sheet)
    folder = Path(flags.results)
    folder.mkdir(parents=True, exist_ok=True)
    if flags.undamaged:
        with unittest.mock.patch("tfgan_models.metrics.in_domain_extractor.damage", lambda images, seed: images):
            extractor = in_domain(train, test, folder / "undamaged")
    else:
        extractor = in_domain(train, test)
    figures = measure(cases, train, test, extractor)
    (folder / f"{train.name}{', undamaged' if flags.undamaged else ''}.json").write_text(json.dumps(figures, indent=2))
    print(f"\n{train.name}: {len(cases['real'])} images a set, extractor {extractor.name} {extractor.digest}\n")
    print(values_table(figures) + "\n")
    print(verdict_table({file.stem: json.loads(file.read_text()) for file in sorted(folder.glob("*.json"))}))


if __name__ == "__main__":
    main()

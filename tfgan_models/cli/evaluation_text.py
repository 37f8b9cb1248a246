"""What ``tfgan evaluate`` prints of its figures."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tfgan_models.cli.evaluate import EvaluateFlags
    from tfgan_models.metrics.evaluate import EvaluationResult
    from tfgan_models.metrics.extractor import Extractor


def print_result(result: EvaluationResult, extractor: Extractor, reference: str) -> None:
    """Print the metrics, the extractor and the reference."""
    from tfgan_models.metrics.evaluate import table

    description = extractor.about()
    print(table(result.figures))
    print(f"\nextractor:  {description['name']} {description['digest']}{accuracy_of(extractor)}")
    print(f"reference:  {result.conditions['images']['reference']} {reference}")
    if notes := numbers_used(result.conditions):
        print(f"numbers:    {notes}")


def print_settings(flags: EvaluateFlags) -> None:
    """Print what was done to latents and codes, if anything was."""
    if flags.truncation != 1:
        print(f"truncation: {flags.truncation:g}, of the latents of the samples")
    if flags.refine:
        blur = "" if flags.refine_blur is None else f" (blur {flags.refine_blur:g})"
        print(f"refine: {flags.refine} steps{blur}, of the codes of the reconstructions")


def accuracy_of(extractor) -> str:
    """Return the accuracy of an extractor as text, empty if it was not measured."""
    if extractor.accuracy is None:
        return ""
    baseline = "" if extractor.baseline is None else f" (always the most frequent class: {extractor.baseline:.1%})"
    return f", accuracy on held-out images {extractor.accuracy:.1%}{baseline}"


def numbers_used(conditions: dict) -> str:
    """Return the metrics that use only a part of the samples, and how many they use, as text."""
    total, names = conditions["images"].get("samples"), {}
    for name, number in conditions["images_used"].get("samples", {}).items():
        if number < total:
            names.setdefault(number, []).append(name)
    return "; ".join(f"{', '.join(metrics)} on {number} of {total} samples" for number, metrics in names.items())

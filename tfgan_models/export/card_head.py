"""The head of a model card in YAML, which the Hugging Face hub reads."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from tfgan_models.export.file_names import KERAS_FILE
from tfgan_models.export.sharing import PLACEHOLDER, public_dataset, public_name
from tfgan_models.metrics.direction import LEADING

COLUMNS = {
    "reconstructions": "reconstructions",
    "samples": "samples",
    "samples_prior": "samples of the prior",
    "data": "real",
}


def column_names(report: dict[str, Any]) -> dict[str, str]:
    """The names of the columns that a report can have, with the truncation of samples and the refinement of codes."""
    truncation, steps = report.get("truncation", 1), report.get("refine", 0)
    blur = f" (blur {report['refine_blur']:g})" if report.get("refine_blur") else ""
    how = "" if truncation == 1 else f" with truncation {truncation:g}"
    names = {column: name + how * column.startswith("samples") for column, name in COLUMNS.items()}
    return names | ({"reconstructions": f"reconstructions, refined by {steps} steps{blur}"} if steps else {})


def name(manifest: dict[str, Any]) -> str:
    """Name of the model: algorithm, data and number of pixels."""
    dataset = public_dataset(manifest.get("dataset")) or "images"
    data = dataset.removeprefix("hf:").replace("/", "-").removesuffix(f":{PLACEHOLDER}")
    return f"{manifest['algorithm']}-{data}-{manifest['image_shape'][0]}"


def head(manifest: dict[str, Any], report: dict[str, Any] | None = None, files: Sequence[str] = ()) -> dict[str, Any]:
    """The fields of the card's head, as ``ModelCardData`` of huggingface_hub names them.

    The license is not among them, because the export does not know it.
    """
    dataset = public_dataset(manifest.get("dataset")) or ""
    draws = "sample" in manifest["signatures"]
    fields: dict[str, Any] = {
        "library_name": "keras" if KERAS_FILE in files else "tfgan_models",
        "tags": ["tfgan_models", "tensorflow", "generative-model", manifest["algorithm"].lower()],
    }
    if draws:
        fields["pipeline_tag"] = "unconditional-image-generation"
    if dataset.startswith("hf:") and not dataset.endswith(PLACEHOLDER):
        fields["datasets"] = [dataset.removeprefix("hf:").partition(":")[0]]  # without its configuration
    if report is not None:
        results = list(_results(report))
        fields["metrics"] = list(dict.fromkeys(result["type"] for result in results))
        task = {"type": "unconditional-image-generation" if draws else "image-to-image"}
        compared = public_dataset(report["dataset"]) or "images"
        data = {"type": compared.removeprefix("hf:"), "name": compared, "split": report["reference"]}
        fields["model-index"] = [
            {"name": name(manifest), "results": [{"task": task, "dataset": data, "metrics": results}]}
        ]
    return fields


def _results(report: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The leading figures, each with the conditions that it depends on in its name."""
    extractor, used, names = report["extractor"], report.get("images_used", {}), column_names(report)
    for column, figures in report["figures"].items():
        for figure in LEADING:
            value = figures.get(figure)
            if column in COLUMNS and column != "data" and value is not None and math.isfinite(value):
                network = public_name(extractor["name"], report["dataset"])
                count = used.get(column, {}).get(figure, report["images"][column])
                conditions = f"{network} {extractor['digest']}, {count} images"
                name_of_figure = f"{figure} of {names[column]} ({conditions})"
                yield {"type": figure, "value": float(value), "name": name_of_figure}


def number(value: float | None) -> str:
    """A number with four significant digits, without an exponent, which YAML 1.1 reads as a text."""
    return "" if value is None else np.format_float_positional(float(f"{value:.4g}"), trim="-")


def yaml(value: dict[str, Any] | list[Any], indent: str = "") -> str:
    """Objects and lists as YAML in blocks. Texts and numbers are written as in JSON, which is valid YAML."""
    lines = []
    for key, part in value.items() if isinstance(value, dict) else enumerate(value):
        begin = f"{indent}{key}:" if isinstance(value, dict) else f"{indent}-"
        if not isinstance(part, dict | list):
            text = number(part) if isinstance(part, float) else json.dumps(part, ensure_ascii=False)
            lines.append(f"{begin} {text}\n")
        elif isinstance(value, dict):
            lines.append(f"{begin}\n{yaml(part, f'{indent}  ')}")
        else:
            # The first field stands on the line of the dash.
            lines.append(f"{begin} {yaml(part, f'{indent}  ').removeprefix(f'{indent}  ')}")
    return "".join(lines)

"""The model card of an export: ``README.md``, whose head the Hugging Face hub reads.

The card names no path of this machine, so that it can be shared as it is.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from tfgan_models.export.file_names import KERAS_FILE, PICTURE
from tfgan_models.export.sharing import PLACEHOLDER, public_dataset, public_name
from tfgan_models.metrics.direction import LEADING, higher_is_better

MARK = "<!-- Written by tfgan_models. Remove this line to keep your own text when the model is evaluated. -->"
COLUMNS = {
    "reconstructions": "reconstructions",
    "samples": "samples",
    "samples_prior": "samples of the prior",
    "data": "real",
}
SOURCES = {"codes": "a mixture of Gaussians fitted to the codes of training images", "prior": "the prior"}


def card(manifest: dict[str, Any], report: dict[str, Any] | None = None, files: Sequence[str] = ()) -> str:
    """The text of the card.

    Args:
        manifest: manifest of the export. Its entry ``training``, if it has one, holds ``command``, ``version`` and the
            ``figures`` of the exported epoch by their names in ``metrics.csv``.
        report: report of ``tfgan evaluate`` about the model, as in ``evaluation.json``.
        files: names of the files next to the card.
    """
    height, width, channels = manifest["image_shape"]
    parts = [
        f"---\n{_yaml(head(manifest, report, files))}---",
        f"# {name(manifest)}",
        f"{manifest['algorithm']} of images with {height} × {width} pixels and {channels} "
        f"channel{'s' * (channels > 1)}, trained on {_data(manifest)}. Latents have {manifest['latent_dim']} numbers.",
        *_picture(manifest, files),
        "## Use",
        *_use(manifest, files),
        "## Training",
        *_training(manifest),
        "## Figures",
        *(list(_figures(manifest, report)) or ["No figures were measured. `tfgan evaluate` adds them to this card."]),
        "## Limits",
        "\n".join(f"- {line}" for line in _limits(manifest, report)),
        MARK,
    ]
    return "\n\n".join(parts) + "\n"


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
    extractor, used = report["extractor"], report.get("images_used", {})
    for column, figures in report["figures"].items():
        for figure in LEADING:
            value = figures.get(figure)
            if column in COLUMNS and column != "data" and value is not None and math.isfinite(value):
                network = public_name(extractor["name"], report["dataset"])
                count = used.get(column, {}).get(figure, report["images"][column])
                conditions = f"{network} {extractor['digest']}, {count} images"
                name_of_figure = f"{figure} of {COLUMNS[column]} ({conditions})"
                yield {"type": figure, "value": float(value), "name": name_of_figure}


def _data(manifest: dict[str, Any]) -> str:
    dataset = public_dataset(manifest.get("dataset"))
    if dataset is None:
        return "data that the export does not name"
    return "pictures that are not public" if dataset.endswith(PLACEHOLDER) else f"`{dataset}`"


def _picture(manifest: dict[str, Any], files: Sequence[str]) -> Iterator[str]:
    if PICTURE in files:
        source = SOURCES.get(manifest.get("sampler") or "prior", "the prior")
        yield f"![Samples]({PICTURE})"
        yield f"Samples with seed 0, not selected. Their latents come from {source}."


def _use(manifest: dict[str, Any], files: Sequence[str]) -> Iterator[str]:
    yield "In the folder of this file, with `tfgan_models`:"
    command = (
        "sample --model . --output grid.png"
        if "sample" in manifest["signatures"]
        else "evaluate --model . --samples 2000"
    )
    yield f"```sh\ntfgan {command}\n```"
    yield "With TensorFlow alone, and for servers, the SavedModel has signatures:"
    call = "sample" if "sample" in manifest["signatures"] else manifest["signatures"][0]
    inputs = (
        "count=tf.constant(16), seed=tf.constant(0)"
        if call == "sample"
        else f"latent=tf.zeros([16, {manifest['latent_dim']}])"
    )
    yield (
        "```python\nimport tensorflow as tf\n\n"
        f'signatures = tf.saved_model.load(".").signatures\nimages = signatures["{call}"]({inputs})["image"]\n```'
    )
    yield f"Its signatures are {', '.join(f'`{name}`' for name in manifest['signatures'])}. Images are in [-1, 1]."
    if names := (manifest.get("condition") or {}).get("names"):
        yield f"The condition has {len(names)} elements: {', '.join(f'`{name}`' for name in names[:50])}."


def _epochs(manifest: dict[str, Any]) -> str | None:
    """The number of epochs and what has chosen it; None for an export from Python, which may not have it."""
    chosen_by = _chosen_by(manifest.get("chosen_by") or {}, manifest.get("dataset"))
    return None if manifest.get("epochs") is None else f"{manifest['epochs']}{chosen_by}"


def _training(manifest: dict[str, Any]) -> Iterator[str]:
    training = manifest.get("training") or {}
    facts = {
        "data": _data(manifest),
        "hash of the training images": _code(manifest.get("training_images")),
        "epochs": _epochs(manifest),
        "steps": manifest.get("steps"),
        "seed": manifest.get("seed"),
        "precision": manifest.get("precision"),
        "momentum of the average of the weights": manifest.get("averaged_weights"),
        "hash of the weights": _code(manifest.get("weights")),
        "hash of the weights that the run started from": _code((manifest.get("parent") or {}).get("weights")),
        "version of tfgan_models": training.get("version"),
    }
    yield _table(("", ""), [(fact, str(value)) for fact, value in facts.items() if value is not None])
    if command := training.get("command"):
        yield "This command repeats the training. Words in capitals stand for paths:"
        yield f"```sh\n{command}\n```"


def _chosen_by(choice: dict[str, Any], dataset: str | None) -> str:
    if figure := choice.get("figure"):
        return f", the best epoch by {public_name(figure, dataset)}: {_number(choice['value'])}"
    return ", chosen among the run's epochs" if choice else ""


def _figures(manifest: dict[str, Any], report: dict[str, Any] | None) -> Iterator[str]:
    if report is not None:
        extractor, images = report["extractor"], report["images"]
        accuracy = f", accuracy on held-out images {extractor['accuracy']:.1%}" if extractor.get("accuracy") else ""
        network = public_name(extractor["name"], report["dataset"])
        counts = ", ".join(f"{count} {COLUMNS[name]}" for name, count in images.items() if name in COLUMNS)
        yield (
            f"Measured by `tfgan evaluate` with seed {report['seed']}: {counts}, compared with {images['reference']} "
            f"images of the split `{report['reference']}` of `{public_dataset(report['dataset'])}`. The extractor is "
            f"`{network}` {extractor['digest']}{accuracy}. In the column *real*, images of the other split "
            "take the place of samples. Only figures under equal conditions can be compared."
        )
        columns = [column for column in COLUMNS if column in report["figures"]]
        names = dict.fromkeys(figure for column in columns for figure in report["figures"][column])
        rows = [(f, *(_number(report["figures"][column].get(f)) for column in columns)) for f in names]
        yield _table(("", *(COLUMNS[column] for column in columns)), rows)
    figures = (manifest.get("training") or {}).get("figures") or {}
    dataset = manifest.get("dataset")
    measured = {public_name(f, dataset): value for f, value in figures.items() if higher_is_better(f) is not None}
    if measured:
        yield (
            f"Measured by the run after epoch {manifest.get('epochs')}, on held-out images. Names end in the extractor "
            "and the number of images, if the figure depends on them."
        )
        yield _table(("", ""), [(figure, _number(value)) for figure, value in measured.items()])


def _limits(manifest: dict[str, Any], report: dict[str, Any] | None) -> Iterator[str]:
    yield "The model knows images like those of its training only, in their size."
    if manifest.get("sampler") == "codes" and "sample_prior" in manifest["signatures"]:
        yield "Samples of the prior (`--sampler prior`) may be worse than those above."
    vectors = manifest.get("attribute_vectors") or {}
    areas = zip(vectors.get("auc", ()), vectors.get("names", ()), strict=True)
    if pairs := sorted((auc, name) for auc, name in areas if auc is not None):  # None if it was not measured
        (lowest, worst), (highest, best) = pairs[0], pairs[-1]
        yield (
            "Edits by attributes are as good as attributes can be read from codes: the area under the curve is from "
            f"{lowest:.3f} (`{worst}`) to {highest:.3f} (`{best}`)."
        )
    if report is None:
        yield "Whether the model repeats training images was not measured."
    yield "Samples have the biases of the training images."
    yield "A SavedModel is a program. Load it only if you trust its origin."


def _code(value: str | None) -> str | None:
    return None if value is None else f"`{value}`"


def _number(value: float | None) -> str:
    """A number with four significant digits, without an exponent, which YAML 1.1 reads as a text."""
    return "" if value is None else np.format_float_positional(float(f"{value:.4g}"), trim="-")


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _yaml(value: dict[str, Any] | list[Any], indent: str = "") -> str:
    """Objects and lists as YAML in blocks. Texts and numbers are written as in JSON, which is valid YAML."""
    lines = []
    for key, part in value.items() if isinstance(value, dict) else enumerate(value):
        begin = f"{indent}{key}:" if isinstance(value, dict) else f"{indent}-"
        if not isinstance(part, dict | list):
            text = _number(part) if isinstance(part, float) else json.dumps(part, ensure_ascii=False)
            lines.append(f"{begin} {text}\n")
        elif isinstance(value, dict):
            lines.append(f"{begin}\n{_yaml(part, f'{indent}  ')}")
        else:
            # The first field stands on the line of the dash.
            lines.append(f"{begin} {_yaml(part, f'{indent}  ').removeprefix(f'{indent}  ')}")
    return "".join(lines)

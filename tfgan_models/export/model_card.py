"""The model card of an export: ``README.md``, whose head the Hugging Face hub reads.

The card names no path of this machine, so that it can be shared as it is.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from tfgan_models.export.card_head import column_names, head, name, number, yaml
from tfgan_models.export.file_names import PICTURE
from tfgan_models.export.sharing import PLACEHOLDER, public_dataset, public_name
from tfgan_models.metrics.direction import higher_is_better

MARK = "<!-- Written by tfgan_models. Remove this line to keep your own text when the model is evaluated. -->"
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
        f"---\n{yaml(head(manifest, report, files))}---",
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
        return f", the best epoch by {public_name(figure, dataset)}: {number(choice['value'])}"
    return ", chosen among the run's epochs" if choice else ""


def _figures(manifest: dict[str, Any], report: dict[str, Any] | None) -> Iterator[str]:
    if report is not None:
        extractor, images = report["extractor"], report["images"]
        accuracy = f", accuracy on held-out images {extractor['accuracy']:.1%}" if extractor.get("accuracy") else ""
        network = public_name(extractor["name"], report["dataset"])
        names = column_names(report)
        counts = ", ".join(f"{count} {names[column]}" for column, count in images.items() if column in names)
        yield (
            f"Measured by `tfgan evaluate` with seed {report['seed']}: {counts}, compared with {images['reference']} "
            f"images of the split `{report['reference']}` of `{public_dataset(report['dataset'])}`. The extractor is "
            f"`{network}` {extractor['digest']}{accuracy}. In the column *real*, images of the other split "
            "take the place of samples. Only figures under equal conditions can be compared."
        )
        columns = [column for column in names if column in report["figures"]]
        measures = dict.fromkeys(figure for column in columns for figure in report["figures"][column])
        rows = [(f, *(number(report["figures"][column].get(f)) for column in columns)) for f in measures]
        yield _table(("", *(names[column] for column in columns)), rows)
    figures = (manifest.get("training") or {}).get("figures") or {}
    dataset = manifest.get("dataset")
    measured = {public_name(f, dataset): value for f, value in figures.items() if higher_is_better(f) is not None}
    if measured:
        yield (
            f"Measured by the run after epoch {manifest.get('epochs')}, on held-out images. Names end in the extractor "
            "and the number of images, if the figure depends on them."
        )
        yield _table(("", ""), [(figure, number(value)) for figure, value in measured.items()])


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


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)

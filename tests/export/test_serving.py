"""The requests of docs/guides/serve.md, answered as TensorFlow Serving does: JSON to tensors by signature, and back."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tensorflow as tf
from google.protobuf import json_format
from tensorflow.core.framework import tensor_pb2

from tests.documents import ROOT, blocks, commands
from tests.export.test_edit import vectors
from tests.models.small import ATTRIBUTES, CHANNELS, CLASSES, LATENT, MODELS, SIZE
from tests.tiers import tiered
from tfgan_models import export

GUIDE = ROOT / "docs" / "guides" / "serve.md"
REQUESTS = [line for block in blocks(GUIDE, "text") for line in block.text.splitlines()]
RANDOM = np.random.default_rng(0)
IMAGES = RANDOM.uniform(-1, 1, (3, SIZE, SIZE, CHANNELS)).astype(np.float32)
VALUES = {
    "IMAGES": IMAGES,
    "LATENTS": RANDOM.normal(size=(3, LATENT)).astype(np.float32),
    "STRENGTHS": RANDOM.normal(size=(3, ATTRIBUTES)).astype(np.float32),
    "LABELS": np.array([0, 1, 2]),
    "CONDITIONS": np.eye(CLASSES, dtype=np.float32)[[2, 0, 1]],
    "CONDITION": np.eye(CLASSES, dtype=np.float32)[1],
}
# The small model that a request is sent to, if the first one does not have the signature or its inputs.
OTHERS = {
    "sample_as": "gan_projection",
    "sample_prior_as condition": "vae_conditional",
    "classify": "semi_supervised_aae",
}
OTHERS |= {"encode condition": "vae_conditional", "reconstruct condition": "vae_conditional"}
OTHERS |= {"reconstruct label": "supervised_aae", "discriminate condition": "gan_projection"}


def body(request: str) -> str:
    """A request of the guide, with numbers for the words in capitals."""
    return re.sub(r"\b[A-Z]+\b", lambda word: json.dumps(VALUES[word[0]].tolist()), request)


def tensor(value: Any, spec: tf.TensorSpec) -> tf.Tensor:
    """A value of a request as a tensor; a number with a decimal point is not an integer, as the server requires."""
    array = np.array(value)
    assert array.dtype.kind == "i" or not spec.dtype.is_integer, spec.name
    assert spec.shape.is_compatible_with(array.shape), spec.name
    return tf.constant(array, spec.dtype)


def answer(signatures: Any, text: str) -> dict[str, Any]:
    """The answer to the body of a request to ``:predict``, in columns or in rows."""
    request = json.loads(text)
    function = signatures[request.pop("signature_name", "serving_default")]
    specs = function.structured_input_signature[1]
    ((form, values),) = request.items()
    if form == "instances":  # a list of rows, of the only input or of all by their names
        named = isinstance(values[0], dict)
        values = {name: [row[name] for row in values] for name in specs} if named else dict.fromkeys(specs, values)
    elif not isinstance(values, dict):
        values = dict.fromkeys(specs, values)
    assert values.keys() == specs.keys()
    outputs = function(**{name: tensor(value, specs[name]) for name, value in values.items()})
    lists = {name: value.numpy().tolist() for name, value in outputs.items()}
    only = next(iter(lists.values())) if len(lists) == 1 else None
    if form == "inputs":
        return {"outputs": only or lists}
    return {"predictions": only or [dict(zip(lists, row, strict=True)) for row in zip(*lists.values(), strict=True)]}


@pytest.fixture(scope="module")
def served(exported, tmp_path_factory):
    """A function that gives the signatures of a small model as a server has them."""
    loaded: dict[str, Any] = {}

    def load(name: str) -> Any:
        if name not in loaded:
            path = exported(name) if name != "edited" else edited()
            loaded[name] = tf.saved_model.load(str(path))
        return loaded[name].signatures

    def edited() -> Path:
        return export.save(MODELS["vae"](), tmp_path_factory.mktemp("edited"), {}, attribute_vectors=vectors())

    return load


def model_of(request: dict[str, Any]) -> str:
    """The small model that has the signature of a request, with its inputs."""
    name, inputs = request.get("signature_name", "generate"), request.get("inputs", {})
    if name == "encode" and "seed" not in inputs:
        return "supervised_aae"
    further = "".join(f" {extra}" for extra in ("condition", "label") if extra in inputs and name != "sample_as")
    return "edited" if "strength" in inputs else OTHERS.get(f"{name}{further}", "vaegan")


FAST = [line for line in REQUESTS if re.search(r'"(sample|encode|reconstruct|edit)", (?!.*CONDITION)|instances', line)]


@pytest.mark.parametrize("request_line", tiered(REQUESTS, FAST))
def test_each_request_of_the_guide_is_answered(request_line, served):
    text = body(request_line)
    request = json.loads(text)
    signatures = served(model_of(request))
    answered = json.loads(json.dumps(answer(signatures, text)))
    function = signatures[request.get("signature_name", "serving_default")]
    inputs = request.get("inputs") or {"latent": request["instances"]}
    specs = function.structured_input_signature[1]
    expected = {
        name: value.numpy() for name, value in function(**{n: tensor(v, specs[n]) for n, v in inputs.items()}).items()
    }
    (form,) = answered
    assert form == ("outputs" if "inputs" in request else "predictions")
    columns = answered[form] if len(expected) > 1 else {next(iter(expected)): answered[form]}
    assert columns.keys() == expected.keys() and len(next(iter(expected.values()))) == inputs.get("count", 3)
    for name, value in expected.items():
        np.testing.assert_allclose(np.array(columns[name], np.float32), value, rtol=1e-6)


def test_the_guide_has_a_request_for_every_signature():
    named = {json.loads(body(line)).get("signature_name") for line in REQUESTS}
    cells = re.findall(r"^\| (`\w+`[^|]*)", GUIDE.read_text(), re.MULTILINE)
    assert named - {None} == {name for cell in cells for name in re.findall(r"`(\w+)`", cell)}


def test_the_command_of_the_guide_draws_samples(served):
    (words,) = [words for words in commands(GUIDE) if words[0] == "curl"]
    assert words[1].endswith("/v1/models/vaegan:predict")
    answered = answer(served("vaegan"), words[words.index("-d") + 1])["outputs"]
    assert np.array(answered["image"]).shape == (4, SIZE, SIZE, CHANNELS)


def test_the_message_of_the_guide_for_grpc_draws_samples(served):
    (block,) = blocks(GUIDE, "json")
    message = json.loads(block.text)
    function = served("vaegan")[message["modelSpec"]["signatureName"]]
    inputs = {
        name: tf.constant(tf.make_ndarray(json_format.ParseDict(value, tensor_pb2.TensorProto())))
        for name, value in message["inputs"].items()
    }
    assert {name: value.dtype for name, value in inputs.items()} == {
        name: spec.dtype for name, spec in function.structured_input_signature[1].items()
    }
    assert function(**inputs)["image"].shape == (16, SIZE, SIZE, CHANNELS)

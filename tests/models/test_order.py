"""No weight moves while a pass forward may still read it: the order survives TensorFlow's optimizer of graphs."""

from __future__ import annotations

import pytest
import tensorflow as tf
from tensorflow.python.eager import context

from tests.models.expected import DISTINCT
from tests.models.small import MODELS, OPTIMIZERS, batch, compiled
from tests.tiers import tiered


def ancestors(node: str, inputs: dict[str, list[str]]) -> set[str]:
    found, waiting = set(), [node]
    while waiting:
        for name in inputs.get(waiting.pop(), []):
            if name not in found:
                found.add(name)
                waiting.append(name)
    return found


@pytest.mark.parametrize("name", tiered(DISTINCT, ("vaegan", "r3gan", "improved_gan", "aae_informed")))
def test_what_is_read_before_a_write_is_read_before_it_in_the_optimized_graph(name):
    model = compiled(MODELS[name], OPTIMIZERS[name])
    step = tf.function(model.train_step, autograph=False)
    data = {key: tf.constant(value) for key, value in batch().items()}
    context.enable_graph_collection()
    try:
        step(data)
        graphs = context.export_run_metadata().function_graphs
    finally:
        context.disable_graph_collection()
    optimized = max((graph.post_optimization_graph for graph in graphs), key=lambda graph: len(graph.node))
    inputs = {node.name: [i.lstrip("^").split(":")[0] for i in node.input] for node in optimized.node}

    checked = 0
    for write in step.get_concrete_function(data).graph.get_operations():
        if not write.type.startswith(("Assign", "ResourceApply")) or write.name not in inputs:
            continue
        before = ancestors(write.name, inputs)
        for read in write.control_inputs:
            if read.type == "ReadVariableOp" and read.name in inputs:
                assert read.name in before, f"{write.name} need not wait for {read.name}"
                checked += 1
    assert checked > len(model.trainable_variables)

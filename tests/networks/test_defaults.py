"""Networks without options keep their variables and initial weights, in the same order.

A checkpoint counts variables, and a run is the same as another one only if its initializers draw the same seeds.
"""

from __future__ import annotations

import random

import keras
import pytest

from tests.networks.cases import unwrapped
from tfgan_models import networks

SHORT = {"kernel": "k", "bias": "b", "gamma": "g", "beta": "o", "moving_mean": "m", "moving_variance": "v"}
FAMILIES = ("vaegan", "dcgan", "mlp")

# For 32×32 color images, a latent of 6, 5 attributes and a quarter of the width: the number of weights, and each
# layer's variables.
EXPECTED = {
    ("vaegan", "encoder"): (2132476, "k gomv k gomv k gomv kb kb"),
    ("vaegan", "decoder"): (170483, "k gomv k gomv k gomv kb"),
    ("vaegan", "discriminator"): (591174, "kb k gomv k gomv k gomv kb kb"),
    ("dcgan", "encoder"): (54428, "kb k gomv k gomv kb kb"),
    ("dcgan", "decoder"): (48323, "k gomv k gomv k gomv kb"),
    ("dcgan", "discriminator"): (48278, "kb k gomv k gomv kb kb"),
    ("mlp", "encoder"): (411404, "kb kb kb kb"),
    ("mlp", "decoder"): (413696, "kb kb kb"),
    ("mlp", "discriminator"): (410630, "kb kb kb kb"),
}
DRAWN = {("mlp", "decoder"): [1, 2, 0]}  # where layers do not draw in their order: the last one is made first


def network(family: str, kind: str, **options) -> keras.Model:
    keras.utils.set_random_seed(5)
    make = getattr(networks.network_module(family), kind)
    return make(32, 3, 5 if kind == "discriminator" else 6, width=0.25, **options)


@pytest.mark.parametrize(("family", "kind"), EXPECTED)
def test_variables(family, kind):
    result = network(family, kind)
    actual = [
        "".join(SHORT[v.path.split("/")[-1]] for v in layer.variables) for layer in result.layers if layer.variables
    ]
    assert (result.count_params(), " ".join(actual)) == EXPECTED[family, kind]


@pytest.mark.parametrize(("family", "kind"), EXPECTED)
def test_initializers_draw_in_the_order_of_the_layers_and_nothing_else_draws(family, kind):
    """Keras draws an initializer's seed from Python's generator."""
    with_kernel = [layer for layer in network(family, kind).layers if hasattr(layer, "kernel_initializer")]
    after = random.random()
    python = random.Random(5)
    seeds = [python.randint(1, 10**9) for _ in with_kernel]
    order = DRAWN.get((family, kind), range(len(seeds)))
    assert [layer.kernel_initializer.seed for layer in with_kernel] == [seeds[i] for i in order]
    assert after == python.random()


@pytest.mark.parametrize("family", FAMILIES)
def test_spectral_normalization_leaves_the_initial_kernels_as_they_are(family):
    """The first kernel's draw comes first, whatever wraps its layer."""
    plain, spectral = (
        next(layer for layer in unwrapped(network(family, "discriminator", **options)) if layer.weights)
        for options in ({}, {"normalization": "spectral"})
    )
    assert (plain.kernel.numpy() == spectral.kernel.numpy()).all()

"""The VAE/GAN's equilibrium: which player waits, and that it then stays as it is."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf

from tests.models.small import batch, compiled, vae_gan, values
from tests.tiers import tiered
from tfgan_models.models.equilibrium import equilibrium_gates
from tfgan_models.optimizers import FusedAdam


@pytest.mark.parametrize(
    ("real", "fake", "decoder", "discriminator"),
    [
        (0.68, 0.68, True, True),
        (0.32, 0.68, True, False),  # the discriminator is too sure of real images
        (0.68, 0.32, True, False),
        (1.04, 0.68, False, True),  # it is too often wrong
        (0.68, 1.04, False, True),
        (0.32, 1.04, True, True),  # both would wait, so neither does
    ],
)
def test_equilibrium_gates_stop_the_stronger_player(real, fake, decoder, discriminator):
    gates = equilibrium_gates(tf.constant(real), tf.constant(fake), 0.68, 0.35)
    assert (bool(gates["decoder"]), bool(gates["discriminator"])) == (decoder, discriminator)


GATES = [(-9.0, "decoder", 1), (9.0, "discriminator", 1), (-9.0, "decoder", 2), (9.0, "discriminator", 2)]


@pytest.mark.parametrize(("centre", "closed", "devices"), tiered(GATES, GATES[:2]))
def test_a_closed_gate_leaves_its_player_bit_identical(centre, closed, devices, two_devices):
    """Weights, momenta and step counts, while the other players go on."""
    strategy = two_devices if devices == 2 else tf.distribute.get_strategy()
    with strategy.scope():
        model = compiled(lambda: vae_gan(equilibrium=0.68), lambda: FusedAdam(1e-3))
    data = tf.data.Dataset.from_tensors(batch()).repeat()
    for optimizer in model.optimizers.values():  # momentum, of which a zeroed gradient would let weights move
        for slot in (*optimizer._momentums, *optimizer._velocities):
            slot.assign(tf.fill(slot.shape, 0.01))
    model.equilibrium = centre
    before = {p: values([*model.variables_of(p), *model.optimizers[p].variables]) for p in model.players}
    statistics = values(getattr(model, closed).non_trainable_variables)
    logs = model.fit(data, steps_per_epoch=2, verbose=0, shuffle=False).history
    for player, earlier in before.items():
        now = values([*model.variables_of(player), *model.optimizers[player].variables])
        same = [np.array_equal(a, b) for a, b in zip(earlier, now, strict=True)]
        assert all(same) if player == closed else not any(same[: len(model.variables_of(player))]), player
    for variable, value in zip(getattr(model, closed).non_trainable_variables, statistics, strict=True):
        assert not np.array_equal(variable.numpy(), value), variable.path  # these follow the data all the same
    other = {"decoder": "discriminator", "discriminator": "decoder"}[closed]
    assert logs[f"{closed}_gate_closed"] == [1.0]
    assert logs[f"{other}_gate_closed"] == [0.0]

"""Past fakes that the discriminator sees again: the buffer, the losses, and what it is for."""

from __future__ import annotations

import keras
import numpy as np
import pytest
import tensorflow as tf

from tests.layers.test_replicas import by_replica
from tests.models import conditional
from tests.models.small import BATCH, CHANNELS, SIZE, batch, compiled
from tests.models.test_gan_options import cross_entropy, latents, step, still
from tests.shared import trained
from tfgan_models import GAN, InputError, Replay
from tfgan_models.layers.replay_buffer import ReplayBuffer
from tfgan_models.training import parent as parents
from tfgan_models.training.layer_matching import match

NEVER, ALWAYS = np.full((4, 2), 0.9, np.float32), np.zeros((4, 2), np.float32)


def numbers(first: int, count: int = 4) -> tf.Tensor:
    return tf.range(first, first + count, dtype=tf.float32)[:, None]


def test_the_newest_examples_replace_the_oldest():
    buffer = ReplayBuffer(6, [(1,)])
    np.testing.assert_array_equal(buffer.mix([numbers(90)], 1.0, ALWAYS)[0], numbers(90))  # it is empty
    buffer.write([numbers(0)])
    np.testing.assert_array_equal(buffer.past[0].numpy().ravel(), [0, 1, 2, 3, 0, 0])
    draws = np.stack([np.zeros(4), [0.0, 0.3, 0.6, 0.999]], 1).astype(np.float32)
    np.testing.assert_array_equal(buffer.mix([numbers(90)], 1.0, draws)[0].numpy().ravel(), [0, 1, 2, 3])
    buffer.write([numbers(4)])
    np.testing.assert_array_equal(buffer.past[0].numpy().ravel(), [6, 7, 2, 3, 4, 5])
    buffer.write([numbers(8, 9)])  # more than it holds
    assert set(buffer.past[0].numpy().ravel()) == {11, 12, 13, 14, 15, 16}
    np.testing.assert_array_equal(buffer.mix([numbers(90)], 0.5, NEVER)[0], numbers(90))


def test_a_share_of_the_examples_is_replaced_with_its_conditions():
    buffer, count = ReplayBuffer(8, [(1,), (2,)]), 4000
    buffer.write([numbers(0), tf.tile(numbers(0), [1, 2])])
    uniform = np.random.default_rng(0).uniform(size=(count, 2)).astype(np.float32)
    fresh = numbers(100, count)
    values, conditions = buffer.mix([fresh, tf.tile(fresh, [1, 2])], 0.3, uniform)
    np.testing.assert_array_equal(conditions, np.tile(values, (1, 2)))
    past = values.numpy()[values.numpy() < 100]
    assert abs(len(past) / count - 0.3) < 4 * np.sqrt(0.3 * 0.7 / count)
    # Each of the four that were written is drawn equally often, and nothing else.
    assert np.abs(np.bincount(past.astype(int), minlength=4) / len(past) - 0.25).max() < 0.05
    assert set(past) == {0, 1, 2, 3}


def test_two_replicas_write_and_mix_as_one(two_devices):
    one = ReplayBuffer(6, [(1,)])
    with two_devices.scope():
        two = ReplayBuffer(6, [(1,)])
    for first in (0, 4):
        rows, draws = numbers(first).numpy(), np.random.default_rng(first).uniform(size=(4, 2)).astype(np.float32)
        whole = one.mix([rows], 0.5, draws)[0]
        one.write([rows])

        def mix_and_write(rows, draws):
            mixed = two.mix([rows], 0.5, draws)[0]
            two.write([rows])
            return mixed

        np.testing.assert_array_equal(np.concatenate(by_replica(two_devices, mix_and_write, rows, draws)), whole)
        for copy in two_devices.experimental_local_results(two.past[0].value):
            np.testing.assert_array_equal(copy, one.past[0].numpy())
    assert int(two.written.numpy()) == 8


def test_the_discriminator_learns_from_past_fakes_and_the_generator_from_fresh_ones():
    model = still(replay=Replay(3 * BATCH, share=0.5))
    past = np.zeros((0, SIZE, SIZE, CHANNELS), np.float32)
    for number in range(3):
        fakes = model.generator(latents(model), training=True).numpy()
        draws = model.noise("replay-0", BATCH, (2,), tf.random.stateless_uniform).numpy()
        shown = fakes.copy()
        for row in np.flatnonzero(draws[:, 0] < 0.5) if number else ():
            shown[row] = past[int(draws[row, 1] * len(past))]
        real, seen, fresh = (
            model.discriminator(x, training=True).numpy().astype(np.float64)
            for x in (batch(number)["image"], shown, fakes)
        )
        logs = step(model, number)
        assert logs["discriminator_loss"] == pytest.approx(cross_entropy(1, real) + cross_entropy(0, seen), rel=1e-5)
        assert logs["generator_loss"] == pytest.approx(cross_entropy(1, fresh), rel=1e-5)
        past = np.concatenate([past, fakes])
    assert np.abs(seen - fresh).max() > 0
    np.testing.assert_allclose(model.replay_buffer.past[0].numpy(), past, atol=1e-6)


def test_a_conditional_gan_remembers_the_conditions_of_its_fakes():
    model = compiled(lambda: conditional.gan(conditional.labels("projection"), replay=Replay(BATCH)))
    step(model)
    drawn = model.replay_buffer.past[1].numpy()
    np.testing.assert_array_equal(drawn.sum(1), np.ones(BATCH))
    assert len({tuple(row) for row in drawn}) > 1


def score_of_earlier_fakes(replay: Replay | None) -> float:
    """A discriminator's logit of fakes at -2, which it has seen before those at 2; real numbers are near 0."""
    keras.utils.set_random_seed(0)
    place = keras.layers.Dense(1, bias_initializer=keras.initializers.Constant(-2.0))
    generator = keras.Sequential([keras.Input((1,)), keras.layers.Rescaling(0.0), place])
    discriminator = keras.Sequential([keras.Input((1,)), keras.layers.Dense(16, "tanh"), keras.layers.Dense(1)])
    model = GAN(generator, discriminator, replay=replay)
    model.compile(generator=keras.optimizers.SGD(0.0), discriminator=keras.optimizers.Adam(0.02))
    train_step = tf.autograph.experimental.do_not_convert(model.train_step)

    @tf.function
    def train():
        for _ in tf.range(200):
            train_step({"image": 0.1 * model.noise("data", 16, (1,))})

    for center in (-2.0, 2.0):
        place.bias.assign([center])
        train()
    return float(model.discriminator(tf.constant([[-2.0]]))[0, 0])


def test_without_it_a_discriminator_forgets_earlier_fakes():
    assert score_of_earlier_fakes(None) > 2  # it takes them for real
    assert score_of_earlier_fakes(Replay(6400)) < -2


def test_an_export_has_no_past_fakes_and_can_be_started_from(exported):
    """Each weight still belongs to its network."""
    model, parent = trained("gan_of_past_fakes"), parents.read(str(exported("gan_of_past_fakes")))
    assert len(parent.weights) == len(model.variables) - 2
    weights = [weight for weight in parent.weights if weight is not None]
    assert {weight.network for weight in weights} == {"generator", "discriminator"}
    assert len(match(parents.weights_of(model), parent.weights).pairs) == len(weights)


@pytest.mark.parametrize(("options", "argument"), [((0,), "size"), ((8, 0.0), "share"), ((8, 1.5), "share")])
def test_a_replay_that_cannot_be_is_refused(options, argument):
    with pytest.raises(InputError, match=f"^{argument} ") as error:
        Replay(*options)
    assert error.value.argument == argument

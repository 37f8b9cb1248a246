"""The base of all models: noise, update, logs and the configuration of ``compile``."""

from __future__ import annotations

import itertools

import keras
import numpy as np
import pytest
import tensorflow as tf

from tests.models.small import MODELS, batch, compiled, gan, vae
from tfgan_models import GenerativeModel
from tfgan_models.layers.replicas import replica


@keras.saving.register_keras_serializable("tests")
class Tug(GenerativeModel):
    """Two players with a weight each, small enough to work out a step by hand."""

    players = {"left": ("first",), "right": ("second",)}
    train_metrics = ("distance",)

    def __init__(self, *, seed: int = 0, name: str | None = None):
        super().__init__(seed=seed, name=name)
        self.first, self.second = (
            keras.Sequential([keras.Input((1,)), keras.layers.Dense(1, use_bias=False, kernel_initializer="ones")])
            for _ in range(2)
        )

    def losses(self):
        """Both losses depend on both weights, w and v: 3wv and 5wv."""
        product = self.first(tf.ones((1, 1))) * self.second(tf.ones((1, 1)))
        return 3 * product[0, 0], 5 * product[0, 0]

    def train_step(self, batch):
        with tf.GradientTape(persistent=True) as tape:
            left, right = self.losses()
        return self.finish_train_step(
            **self.update(tape, left=left, right=right), distance=tf.reduce_mean(batch["image"])
        )

    @property
    def weight_values(self):
        return [float(network.weights[0].numpy()[0, 0]) for network in (self.first, self.second)]


def tug(rate: float = 0.1, **options) -> Tug:
    model = Tug()
    model.compile(left=keras.optimizers.SGD(rate), right=keras.optimizers.SGD(rate), **options)
    return model


def draw(seed=0, step=0, purpose="prior", examples=4, shape=(3,), **options) -> np.ndarray:
    model = Tug(seed=seed)
    model.step.assign(step)
    return model.noise(purpose, examples, shape, **options).numpy()


def test_noise_is_a_pure_function_of_seed_step_and_purpose():
    settings = list(itertools.product((0, 1, -7, 2**40), (0, 1, 10**6), ("prior", "posterior")))
    draws = [draw(*setting) for setting in settings]
    for setting, first in zip(settings, draws, strict=True):
        np.testing.assert_array_equal(draw(*setting), first)
    everything = np.concatenate([first.ravel() for first in draws])
    assert len(np.unique(everything)) == everything.size  # no number comes twice, anywhere


def test_noise_does_not_depend_on_what_was_drawn_before():
    model = Tug()
    model.noise("posterior", 5, (2,))
    np.testing.assert_array_equal(model.noise("prior", 4, (3,)), draw())
    np.testing.assert_array_equal(tf.function(lambda: model.noise("prior", tf.constant(4), (3,)))(), draw())


def test_noise_is_standard_normal_and_independent():
    one, other = draw(examples=50_000, shape=(4,)), draw(step=1, examples=50_000, shape=(4,))
    error = 5 / np.sqrt(50_000)  # five standard errors
    np.testing.assert_allclose(one.mean(0), np.zeros(4), atol=error)
    np.testing.assert_allclose(one.std(0), np.ones(4), atol=error)
    np.testing.assert_allclose((one**4).mean(), 3, atol=10 * error)
    np.testing.assert_allclose(np.cov(np.hstack([one, other]).T), np.eye(8), atol=2 * error)


def test_noise_of_another_distribution():
    uniform = draw(examples=1000, draw=tf.random.stateless_uniform)
    assert uniform.min() >= 0
    assert uniform.max() < 1
    assert uniform.mean() == pytest.approx(0.5, abs=0.05)


@pytest.mark.parametrize("draw_", [tf.random.stateless_normal, tf.random.stateless_uniform])
def test_two_replicas_share_the_rows_of_one_draw(draw_, two_devices):
    with two_devices.scope():
        model = Tug()
    run = tf.function(lambda: two_devices.run(lambda: model.noise("prior", 3, (2, 5), draw_)))
    rows = np.concatenate([part.numpy() for part in two_devices.experimental_local_results(run())])
    np.testing.assert_array_equal(rows, draw(examples=6, shape=(2, 5), draw=draw_))


def test_update_moves_every_player_from_the_same_point():
    model = tug()
    logs = model.train_step({"image": tf.zeros(1)})
    assert model.weight_values == pytest.approx([1 - 0.1 * 3, 1 - 0.1 * 5])
    expected = {"left_loss": 3, "left_gradient": 3, "right_loss": 5, "right_gradient": 5, "distance": 0}
    assert {name: float(value) for name, value in logs.items()} == expected


def test_update_of_one_player_leaves_the_other():
    model = tug()
    with tf.GradientTape() as tape:
        left, _ = model.losses()
    model.update(tape, left=left)
    assert model.weight_values == pytest.approx([0.7, 1.0])


@pytest.mark.parametrize("devices", [1, 2])
def test_gradient_log_is_the_length_before_clipping(devices, two_devices):
    strategy = two_devices if devices == 2 else tf.distribute.get_strategy()
    with strategy.scope():
        model = tug(gradient_clip=0.1)
    gradients = {"left": [tf.constant([[3.0]])], "right": [tf.constant([[-4.0]])]}
    norms = tf.function(lambda: strategy.run(model.apply, (gradients,)))()
    lengths = {name: float(strategy.experimental_local_results(value)[0]) for name, value in norms.items()}
    assert lengths == {"left_gradient": 3, "right_gradient": 4}


@pytest.mark.parametrize("devices", [1, 2])
def test_gradient_clip_is_of_the_whole_batch_s_gradient(devices, two_devices):
    strategy = two_devices if devices == 2 else tf.distribute.get_strategy()
    with strategy.scope():
        model = tug(gradient_clip=4.0)
    tf.function(lambda: strategy.run(model.train_step, ({"image": tf.zeros(1)},)))()
    assert model.weight_values == pytest.approx([1 - 0.1 * 3, 1 - 0.1 * 4])


def test_the_sum_over_replicas_is_clipped_and_not_each_part(two_devices):
    """3 and −1 make a mean of 1, within the limit; 3 cut to 2 first would make a mean of 0.5."""
    with two_devices.scope():
        model = tug(gradient_clip=2.0)

    def step():
        gradient = tf.where(replica().index == 0, 3.0, -1.0)
        model.apply({"left": [tf.reshape(gradient, (1, 1))], "right": [tf.reshape(4 * gradient, (1, 1))]})

    tf.function(lambda: two_devices.run(step))()
    assert model.weight_values == pytest.approx([1 - 0.1 * 1, 1 - 0.1 * 2])


def test_update_refuses_a_loss_that_does_not_reach_its_player_and_names_what():
    model = tug()
    with tf.GradientTape(persistent=True) as tape:
        left, _ = model.losses()
        elsewhere = tf.square(model.first(tf.ones((1, 1))))[0, 0]
    with pytest.raises(ValueError, match="'right' does not reach") as error:
        model.update(tape, left=left, right=elsewhere)
    assert model.second.weights[0].path in str(error.value)
    assert model.first.weights[0].path not in str(error.value)
    assert model.weight_values == [1.0, 1.0]


@pytest.mark.parametrize(("gate", "expected"), [(True, 0.7), (False, 1.0)])
def test_a_gate_holds_its_player_back(gate, expected):
    model = tug()
    with tf.GradientTape(persistent=True) as tape:
        left, right = model.losses()
    model.update(tape, {"left": tf.constant(gate)}, left=left, right=right)
    assert model.weight_values == pytest.approx([expected, 0.5])


def test_steps_are_counted_and_logs_are_means_over_them():
    model = tug(rate=0.0)
    for step, value in enumerate((1.0, 5.0, 6.0), 1):
        logs = model.train_step({"image": tf.constant([value])})
        assert int(model.step) == step
    assert float(logs["distance"]) == pytest.approx(4.0)
    assert float(logs["left_loss"]) == pytest.approx(3.0)


def test_means_begin_anew_with_each_epoch_and_steps_do_not():
    model = tug(rate=0.0)
    data = tf.data.Dataset.from_tensor_slices({"image": [[1.0], [3.0], [10.0], [20.0]]})
    history = model.fit(data, epochs=2, steps_per_epoch=2, verbose=0, shuffle=False).history
    assert history["distance"] == pytest.approx([2.0, 15.0])
    assert int(model.step) == 4


def test_score_counts_no_step():
    model = vae()
    assert float(model.test_step(batch())["pixel_error"]) > 0
    assert int(model.step) == 0


@pytest.mark.parametrize("options", [{}, {"gradient_clip": 0.5, "steps_per_execution": 3, "run_eagerly": True}])
def test_compile_configuration_round_trips(options):
    schedule = keras.optimizers.schedules.ExponentialDecay(0.01, 10, 0.5, staircase=True)
    model = gan()
    model.compile(
        generator=keras.optimizers.Adam(schedule, beta_1=0.5, use_ema=True),
        discriminator=keras.optimizers.RMSprop(0.02),
        **options,
    )
    config, again = model.get_compile_config(), gan()
    names = {"gradient_clip", "steps_per_execution", "run_eagerly", "jit_compile"}
    assert config.keys() == names | {"generator", "discriminator"}
    again.compile_from_config(config)
    assert config == model.get_compile_config()  # the caller's, not to be emptied
    assert again.get_compile_config() == config
    options = {"gradient_clip": None, "steps_per_execution": 1, "run_eagerly": False, "jit_compile": False, **options}
    assert {name: getattr(again, name) for name in options} == options
    for player, optimizer in model.optimizers.items():
        other = again.optimizers[player]
        assert type(other) is type(optimizer)
        assert other.get_config() == optimizer.get_config()
        # Built, or a saved state would find no place.
        assert [v.shape for v in other.variables] == [v.shape for v in optimizer.variables]


def test_a_model_that_is_not_compiled_has_no_compile_configuration():
    assert gan().get_compile_config() == {}


def test_each_player_has_an_optimizer_of_its_own():
    model = compiled(MODELS["gan"], lambda: keras.optimizers.Adam(0.1))
    variables = [id(v) for player in model.players for v in model.optimizers[player].variables]
    assert len(set(variables)) == len(variables)
    trainable = [id(v) for player in model.players for v in model.variables_of(player)]
    assert sorted(trainable) == sorted(id(v) for v in model.trainable_variables)

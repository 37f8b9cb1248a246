"""Contract of the models: of every one, or of those that are distinct."""

from __future__ import annotations

import json
from collections import Counter

import keras
import numpy as np
import pytest
import tensorflow as tf

from tests.models.conditional import further_logs, judged
from tests.models.expected import DIFFERENCES, DISTINCT, REPLICAS, SEQUENTIAL
from tests.models.exported import DISTINCT_EXPORTS
from tests.models.small import BATCH, MODELS, OPTIMIZERS, batch, compiled, vae_gan, values
from tests.shared import trained
from tests.tiers import tiered
from tfgan_models import export
from tfgan_models.export.signatures import shapes
from tfgan_models.training import checkpoint

# What follows the data or the steps without being anybody's to learn, by the beginning of its name.
STATE = ("step", "moving_", "mean_", "reference_", "running_accuracy", "calls", "past_")
# Layers that compute in float32.
HEADS = ("mean", "log_variance", "code", "logit", "logits", "style", "attributes", "projection", "offset")


# What trains in a graph or writes files takes seconds a model. In the fast tier are the main job, with gates and
# attributes, a critic of several steps, a latent with a class, and a VAE/GAN with a condition.
SOME_FAST = ("vaegan", "wgan_gp", "semi_supervised_aae", "vaegan_concat")
SOME = tiered(MODELS, SOME_FAST)
# Without a graph a model takes a second or two. In the fast tier is one model of each algorithm.
ALGORITHMS = ("autoencoder", "vae", "gan", "vaegan", "wgan", "wgan_gp", "r3gan", "ebgan", "improved_gan", "aae")
ONE_OF_EACH = tiered(MODELS, (*ALGORITHMS, "supervised_aae", "semi_supervised_aae", "vaegan_concat"))
TOGETHER = tiered(sorted(MODELS.keys() - SEQUENTIAL), ("vae", "gan", "r3gan", "vaegan", "vaegan_concat"))


@pytest.fixture(params=ONE_OF_EACH)
def make(request):
    return MODELS[request.param]


@pytest.mark.parametrize("name", ONE_OF_EACH)
def test_a_loss_moves_exactly_its_own_player(name):
    model = compiled(MODELS[name])
    before = values(model.variables)
    for player in model.players:
        for variable, value in zip(model.variables, before, strict=True):
            variable.assign(value)
        for other, optimizer in model.optimizers.items():
            optimizer.learning_rate = 0.1 if other == player else 0.0
        model.train_step({k: tf.constant(v) for k, v in batch().items()})
        own = {id(v) for v in model.variables_of(player)}
        for variable, earlier in zip(model.variables, before, strict=True):
            moved = not np.array_equal(variable.numpy(), earlier)
            if id(variable) in own:
                # A difference of scores has no place for their common offset, and labels none for the style.
                offset = name in DIFFERENCES and variable.path.endswith("logit/bias")
                labels = player == "classifier" and variable.path.startswith("style/")
                assert moved or offset or labels, f"{player} left {variable.path}"
            elif variable.trainable:
                assert not moved, f"{player} moved {variable.path}"
            else:
                assert not moved or variable.name.startswith(STATE), variable.path


@pytest.mark.parametrize("name", TOGETHER)
def test_all_gradients_are_taken_before_any_weight_moves(name):
    """Players that move together end where each would have ended alone."""
    make = MODELS[name]
    together = compiled(make)
    step = {k: tf.constant(v) for k, v in batch().items()}
    together.train_step(step)
    for player in together.players:
        alone = compiled(make)
        for other, optimizer in alone.optimizers.items():
            optimizer.learning_rate = 1e-3 if other == player else 0.0
        alone.train_step(step)
        for a, b in zip(alone.variables_of(player), together.variables_of(player), strict=True):
            np.testing.assert_array_equal(a.numpy(), b.numpy(), err_msg=a.path)


def test_configuration_round_trips(make):
    model = make()
    config = json.dumps(model.get_config())
    again = type(model).from_config(json.loads(config))
    assert json.dumps(again.get_config()) == config
    assert [v.shape for v in again.variables] == [v.shape for v in model.variables]


@pytest.mark.parametrize("name", tiered(DISTINCT, SOME_FAST))
def test_keras_file_holds_weights_and_optimizers(name, tmp_path):
    model = compiled(MODELS[name], lambda: keras.optimizers.Adam(0.01), gradient_clip=0.5, run_eagerly=True)
    data = tf.data.Dataset.from_tensors(batch()).repeat()
    model.fit(data, steps_per_epoch=2, verbose=0, shuffle=False)
    model.save(tmp_path / "model.keras")
    again = keras.models.load_model(tmp_path / "model.keras")
    assert again.gradient_clip == 0.5
    for other in (model, again):
        other.fit(data, steps_per_epoch=2, verbose=0, shuffle=False)
    for name, variable in checkpoint.inventory(model).items():
        np.testing.assert_array_equal(variable.numpy(), checkpoint.inventory(again)[name].numpy(), variable.path)


@pytest.mark.parametrize("name", tiered(DISTINCT_EXPORTS, SOME_FAST))
def test_export_answers_as_the_model_does(name, exported):
    model, exported = trained(name), export.load(exported(name))
    images = batch()["image"]
    latents = np.random.default_rng(0).normal(size=(5, exported.manifest["latent_dim"])).astype(np.float32)
    np.testing.assert_allclose(exported("generate", latent=latents)["image"], model.generate(latents), atol=1e-5)
    if hasattr(model, "prior"):
        first, again, other = (exported("sample", count=3, seed=seed)["image"] for seed in (1, 1, 2))
        np.testing.assert_array_equal(first, again)
        assert np.abs(first - other).max() > 1e-4
    if hasattr(model, "reconstruct"):
        np.testing.assert_allclose(exported("reconstruct", image=images)["image"], model.reconstruct(images), atol=1e-5)
        posterior, answer = model.encode(images), exported("encode", image=images, seed=3)
        np.testing.assert_allclose(answer["mean"], posterior.mean(), atol=1e-5)
        np.testing.assert_allclose(answer["stddev"], posterior.stddev() * np.ones_like(answer["mean"]), atol=1e-5)
        assert (np.abs(answer["latent"] - answer["mean"]) <= 6 * answer["stddev"]).all()
    if hasattr(model, "classify"):
        answer = exported("classify", image=images)
        expected = tf.nest.flatten(model.classify(images))
        assert len(answer) == len(expected)
        for name, value in zip(("probabilities", "generated"), expected, strict=False):
            np.testing.assert_allclose(answer[name], value, atol=1e-5)
    if hasattr(model, "discriminate"):
        inputs = judged(model, batch())
        score = np.asarray(tf.nest.flatten(model.discriminate(**inputs))[0])[:, 0]
        inputs = {name.removesuffix("s"): value for name, value in inputs.items()}
        np.testing.assert_allclose(exported("discriminate", **inputs)["score"], score, atol=1e-5)


@pytest.mark.parametrize("name", SOME)
def test_every_declared_log_is_finite_and_named(name):
    model = compiled(MODELS[name], run_eagerly=True)
    data = tf.data.Dataset.from_tensors(batch())
    held_out = data if model.test_metrics else None
    history = model.fit(data, validation_data=held_out, verbose=0, shuffle=False).history
    expected = {f"{player}_{what}" for player in model.players for what in ("loss", "gradient")}
    expected |= set(model.train_metrics) | further_logs(model)
    assert set(history) == expected | {f"val_{score}" for score in model.test_metrics}
    assert all(np.isfinite(value).all() for value in history.values())


@pytest.mark.parametrize("name", SOME)
def test_a_player_without_an_optimizer_is_refused(name):
    with pytest.raises(ValueError, match="needs an optimizer for each of its players"):
        MODELS[name]().compile(somebody=keras.optimizers.SGD())


@pytest.mark.parametrize("name", SOME)
def test_an_optimizer_that_clips_by_itself_is_refused(name):
    model = MODELS[name]()
    with pytest.raises(ValueError, match="gradient_clip"):
        model.compile(**{player: keras.optimizers.SGD(clipvalue=1.0) for player in model.players})


@pytest.mark.parametrize("name", SOME)
def test_gradient_clip_bounds_every_step(name):
    model = compiled(MODELS[name], lambda: keras.optimizers.SGD(1.0), gradient_clip=1e-3)
    before = values(model.trainable_variables)
    model.train_step({k: tf.constant(v) for k, v in batch().items()})
    steps = [np.abs(v.numpy() - b).max() for v, b in zip(model.trainable_variables, before, strict=True)]
    # A critic makes a step on each part of the batch, a generator may make several; an encoder may play for several
    # players.
    roles = Counter(network for networks in model.players.values() for network in networks)
    repeats = max(model.minibatches, getattr(model, "generator_steps", 1))
    assert max(steps) == pytest.approx(1e-3 * repeats * max(roles.values()), rel=1e-3)


# The two differ in the loss scale alone, which ``test_loss_scale.py`` tests with every distinct model.
HALVES = [(name, "bfloat16") for name in MODELS] + [(name, "float16") for name in ALGORITHMS]
SOME_HALVES = [(name, "bfloat16") for name in SOME_FAST] + [("vaegan", "float16")]


@pytest.mark.parametrize(("name", "precision"), tiered(HALVES, SOME_HALVES))
def test_half_precision_keeps_weights_statistics_losses_and_outputs_float32(name, precision):
    keras.config.set_dtype_policy(f"mixed_{precision}")
    try:
        model = compiled(MODELS[name], lambda: keras.optimizers.Adam(1e-3, use_ema=True))
        logs = model.train_step({k: tf.constant(v) for k, v in batch().items()})
        assert {v.dtype for v in model.variables} == {"float32", "int64"}
        for optimizer in model.optimizers.values():
            slots = [v for v in optimizer.variables if v.name not in ("iteration", "finite_steps")]
            assert len(slots) >= 3 * len(optimizer._trainable_variables)  # both momenta and the average
            assert {v.dtype for v in slots} == {"float32"}
        assert {log.dtype for log in logs.values()} == {tf.float32}
        images = batch()["image"]
        latent_dim, _ = shapes(model)
        outputs = [model.generate(np.zeros((2, latent_dim), np.float32))]
        if hasattr(model, "encode"):
            posterior = model.encode(images)
            outputs += [posterior.mean(), posterior.stddev(), model.reconstruct(images), model(images)]
        if hasattr(model, "classify"):
            outputs += tf.nest.flatten(model.classify(images))
        if hasattr(model, "discriminate"):
            outputs += tf.nest.flatten(model.discriminate(**judged(model, batch())))
        assert {output.dtype for output in outputs} == {tf.float32}
        kinds = (keras.layers.Conv2D, keras.layers.Conv2DTranspose, keras.layers.Dense)
        inner = [layer for layer in model._flatten_layers() if isinstance(layer, kinds) and layer.name not in HEADS]
        assert inner
        assert {layer.compute_dtype for layer in inner} == {precision}
    finally:
        keras.config.set_dtype_policy("float32")


@pytest.mark.parametrize(
    ("name", "optimizer", "tolerance"), tiered(REPLICAS, [("vae", "SGD", 1e-5), ("gan", "SGD", 1e-5)])
)
def test_two_replicas_train_as_one(name, optimizer, tolerance, two_devices):
    """All weights agree after 20 steps: noise, batch normalization, gates and attributes on."""
    # With gates so close to where the cross-entropies are that they open and close.
    make = (lambda: vae_gan(equilibrium=0.69, equilibrium_margin=0.012)) if name == "vaegan" else MODELS[name]
    # Errors in units of variances have long gradients: at 1e-3 rounding grows a hundredfold within 20 steps.
    rate = 1e-4 if name in ("vaegan_of_layers", "vaegan_of_refined_codes") else 1e-3
    choose = OPTIMIZERS[name] if optimizer == "own" else lambda: keras.optimizers.SGD(rate)
    # On some processors rounding brings a value of the energy-based one to the other side of ReLU's kink, with the
    # images that the others see.
    first = 100 if name == "ebgan" else 0
    data = [batch(first + step) for step in range(20)]

    def batches(examples):
        return tf.data.Dataset.from_generator(
            lambda: ({k: v[i : i + examples] for k, v in b.items()} for b in data for i in range(0, BATCH, examples)),
            output_signature={k: tf.TensorSpec((examples, *v.shape[1:]), v.dtype) for k, v in data[0].items()},
        )

    one = compiled(make, choose)
    logs = one.fit(batches(BATCH), steps_per_epoch=20, verbose=0, shuffle=False).history
    with two_devices.scope():
        two = compiled(make, choose)
    shared = two_devices.distribute_datasets_from_function(lambda context: batches(BATCH // 2))
    shared_logs = two.fit(shared, steps_per_epoch=20, verbose=0, shuffle=False).history
    for a, b in zip(one.variables, two.variables, strict=True):
        # Relative to the variable's size; offsets that have hardly left zero, to a hundredth.
        size = max(np.abs(a.numpy()).max(), 0.01)
        assert np.abs(a.numpy() - b.numpy()).max() / size < tolerance, a.path
    if name == "vaegan":
        assert any(0 < logs[f"{player}_gate_closed"][0] < 1 for player in ("decoder", "discriminator"))
    for name, value in logs.items():
        if name.endswith("_gradient"):  # of each replica's own part, which is longer
            assert 0.99 * value[0] < shared_logs[name][0] < 5 * value[0], name
        else:
            np.testing.assert_allclose(shared_logs[name], value, rtol=1e-4, atol=1e-5, err_msg=name)

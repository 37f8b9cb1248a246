"""Curves of a run in the event files that TensorBoard reads."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf
from tensorboard.plugins.custom_scalar import layout_pb2
from tensorboard.plugins.hparams import metadata as hparams_metadata

from tests.event_files import curves, read
from tests.models.small import MODELS, batch, compiled
from tfgan_models.callbacks.curve_names import FIGURES, PLAYERS, curve
from tfgan_models.callbacks.curves import Curves

STEPS = 10
GROUPS = ("loss/", "gradient/", "game/", "health/", "evaluation/")


class Losses(tf.keras.callbacks.Callback):
    """The loss of every step, from the running means."""

    def __init__(self):
        super().__init__()
        self.values: list[float] = []

    def on_train_batch_end(self, batch: int, logs: dict | None = None) -> None:
        mean = float((logs or {})["generator_loss"])
        self.total = mean * (batch + 1) if batch else mean
        before = sum(self.values[len(self.values) - batch :]) if batch else 0.0
        self.values.append(self.total - before)


def points(folder: Path, tag: str) -> dict[int, float]:
    values = curves(folder)[tag]
    assert len(dict(values)) == len(values), f"{tag} has a step twice"
    return dict(values)


def train(folder: Path, first_epoch: int, epochs: int, model=None, watch=(), steps_per_execution=1, every=4):
    model = model or compiled(MODELS["gan"])
    model.steps_per_execution = steps_per_execution
    model.step.assign(first_epoch * STEPS)  # as a checkpoint would
    data = tf.data.Dataset.from_tensors(batch()).repeat()
    flags = {"batch_size": 8, "network": "dcgan", "ema": "None", "horizontal_flip": False}
    callbacks = [*watch, Curves(folder, every, flags)]
    options = {"steps_per_epoch": STEPS, "verbose": 0, "shuffle": False}
    model.fit(data, epochs=epochs, initial_epoch=first_epoch, callbacks=callbacks, **options)
    return model


@pytest.fixture(scope="module")
def run(tmp_path_factory) -> tuple[Path, list[float]]:
    """A run of two epochs that was interrupted in its third one and resumed after the second, for three in all."""
    folder, losses = tmp_path_factory.mktemp("logs"), Losses()

    class Killed(tf.keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            if batch == 8 and self.model.step.numpy() > 2 * STEPS:
                raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train(folder, 0, 4, watch=[losses, Killed()])
    del losses.values[2 * STEPS :]
    (events,) = folder.iterdir()
    with open(events, "ab") as file:  # a record that was being written at the end of the process
        file.write((1000).to_bytes(8, "little") + b"torn")
    train(folder, 2, 3, watch=[losses])
    return folder, losses.values


def test_a_point_is_the_mean_over_the_steps_since_the_last_one(run):
    folder, losses = run
    curve_points = points(folder, "loss/generator")
    assert list(curve_points) == [4, 10, 14, 20, 24, 30]
    first = 0
    for step, value in curve_points.items():
        assert value == pytest.approx(np.mean(losses[first:step]), rel=1e-4)
        first = step


def test_curves_are_grouped_and_described(run):
    accumulator, tags = read(run[0]), set(curves(run[0]))
    assert tags == {
        "loss/generator",
        "loss/discriminator",
        "gradient/generator",
        "gradient/discriminator",
        "game/discriminator_accuracy",
    }
    for tag in tags:
        assert accumulator.SummaryMetadata(tag).summary_description


def test_the_flags_are_hyperparameters(run):
    content = read(run[0]).SummaryMetadata(hparams_metadata.SESSION_START_INFO_TAG).plugin_data.content
    values = hparams_metadata.parse_session_start_info_plugin_data(content).hparams
    assert values["batch_size"].number_value == 8
    assert values["network"].string_value == "dcgan"
    assert values["horizontal_flip"].WhichOneof("kind") == "bool_value"


def test_the_layout_lays_the_players_losses_over_each_other(run):
    (text, *_) = read(run[0]).Tensors("custom_scalars__config__")
    layout = layout_pb2.Layout.FromString(tf.make_ndarray(text.tensor_proto).item())
    charts = {chart.title: list(chart.multiline.tag) for chart in layout.category[0].chart}
    assert charts["losses of the players"] == ["^loss/generator$", "^loss/discriminator$"]


def test_points_with_several_steps_per_execution_and_short_epochs(tmp_path):
    """Points are at the ends of executions, and an epoch shorter than the distance of points has one."""
    model = train(tmp_path / "several", 0, 1, steps_per_execution=5)
    assert list(points(tmp_path / "several", "loss/generator")) == [5, 10]
    train(tmp_path / "short", 1, 3, model, steps_per_execution=5, every=50)
    assert list(points(tmp_path / "short", "loss/generator")) == [20, 30]


def test_points_on_two_replicas_are_means_over_both(tmp_path, two_devices):
    with two_devices.scope():
        model = compiled(MODELS["gan"])
    history = tf.keras.callbacks.History()
    train(tmp_path, 0, 1, model, watch=[history])
    for figure, mean in history.history.items():
        values = points(tmp_path, curve(figure).tag)
        assert list(values) == [4, 10]
        assert (4 * values[4] + 6 * values[10]) / 10 == pytest.approx(mean[0], rel=1e-4)


def test_figures_of_an_epoch_are_at_its_last_step(tmp_path):
    class Measured(tf.keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            logs |= {"sample_diversity": 0.5, "samples/coverage/faces-labels-0123/2000": 0.25}

    train(tmp_path, 0, 1, watch=[Measured()])
    assert points(tmp_path, "health/sample_diversity") == {10: 0.5}
    assert points(tmp_path, "evaluation/samples/coverage/faces-labels-0123/2000") == {10: 0.25}
    assert len(points(tmp_path, "loss/generator")) == 2


@pytest.mark.parametrize("name", ["vaegan", "semi_supervised_aae", "improved_gan"])
def test_histograms_have_a_tag_for_every_weight(name, tmp_path):
    """Layers of several networks have equal names, and networks may share weights."""
    model = compiled(MODELS[name])
    callback = Curves(tmp_path, histograms=True)
    callback.set_model(model)
    callback.on_train_begin()
    callback.on_epoch_end(0)
    callback.on_train_end()
    histograms = curves(tmp_path, "histograms")
    weights = {id(weight) for network in model.layers for weight in network.weights}
    assert len(histograms) == len(weights) > 10
    assert all(tag.startswith("weights/") and len(values) == 1 for tag, values in histograms.items())


@pytest.mark.parametrize("name", sorted(MODELS))
def test_every_figure_of_every_model_has_a_group_and_a_description(name):
    model = MODELS[name]()
    for figure in model.means:
        if figure in model.test_metrics:
            figure = f"val_{figure}"
        assert figure in FIGURES or figure.endswith(tuple(PLAYERS))
        assert curve(figure).tag.startswith(GROUPS)
        assert curve(figure).description.endswith(".")

"""The pictures of a run: which there are, where each image lies, and that they are the same every time."""

from __future__ import annotations

from pathlib import Path

import keras
import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from tests.models import conditional
from tests.models.expected import SIGNATURES
from tests.models.small import ATTRIBUTES, CHANNELS, CLASSES, MODELS, SIZE, batch, compiled
from tests.tiers import tiered
from tfgan_models.callbacks.pictures import COLUMNS, STEPS, Pictures
from tfgan_models.callbacks.projector import Projector
from tfgan_models.data.pixels import to_bytes, to_float
from tfgan_models.data.sources import ImageSet
from tfgan_models.plots import image_grid
from tfgan_models.plots.tensorboard import save_and_log

CELL = SIZE + 2
TOLD = ["supervised_aae", "vae_conditional", *conditional.VAEGANS]  # the class or the attributes of an image


class StopAfter(keras.callbacks.Callback):
    """Stop the training at the end of an epoch."""

    def __init__(self, epochs: int):
        super().__init__()
        self.epochs = epochs

    def on_epoch_end(self, epoch, logs=None):
        self.model.stop_training = epoch + 1 == self.epochs


def drawing(model, folder: Path, images: int = 40, epochs: int = 1, **options) -> dict[str, np.ndarray]:
    """The pictures that a run leaves, by their names."""
    callback = Pictures(folder, batch(examples=images)["image"], **options)
    callback.set_model(model)
    for epoch in range(epochs):
        callback.on_epoch_end(epoch)
    files = sorted(p for p in folder.rglob("*.png"))
    return {str(p.relative_to(folder)): np.asarray(Image.open(p)).reshape(*_size(p), CHANNELS) for p in files}


def _size(path: Path) -> tuple[int, int]:
    with Image.open(path) as image:
        return image.size[::-1]


def kinds(name: str) -> set[str]:
    """The pictures of a model's runs. A decoder of labels has no reconstructions without these."""
    pictures = {"samples"} if "sample" in SIGNATURES[name] else set()
    return pictures | ({"reconstructions"} if "reconstruct" in SIGNATURES[name] and name not in TOLD else set())


@pytest.mark.parametrize("name", tiered(MODELS, ("autoencoder", "vaegan", "gan", "supervised_aae")))
def test_files(name, tmp_path):
    expected = {f"{kind}/epoch-000{epoch}.png" for kind in kinds(name) for epoch in (1, 2)}
    actual = drawing(MODELS[name](), tmp_path, epochs=2)
    assert set(actual) == expected | {"interpolation.png"}
    assert actual["interpolation.png"].shape == (8 * CELL - 2, 10 * CELL - 2, CHANNELS)


@pytest.mark.parametrize("name", tiered(TOLD, TOLD[:1]))
def test_models_that_are_told_classes_or_attributes_draw_reconstructions_with_them(name, tmp_path):
    images = batch(examples=12)["image"]
    labels = np.arange(12, dtype=np.int32) % CLASSES
    attributes = np.random.default_rng(2).integers(0, 2, (12, ATTRIBUTES)).astype(np.uint8)
    test = ImageSet(to_bytes(images), labels, attributes, (), (), "noise")
    model = MODELS[name]()
    for variable in model.decoder.trainable_variables:
        variable.assign(20 * variable)  # new decoders draw gray
    drawn = drawing(model, tmp_path, images=12, test=test)["reconstructions/epoch-0001.png"]
    told = labels if name == "supervised_aae" else model.condition.of({"label": labels, "attributes": attributes})
    expected = to_bytes(np.asarray(model.reconstruct_as(to_float(test.images), told)))
    # Ten originals above their reconstructions, and the last two above theirs.
    np.testing.assert_allclose(drawn[CELL:][:SIZE, :SIZE].astype(int), expected[0], atol=1)
    np.testing.assert_allclose(drawn[3 * CELL :][:SIZE, CELL:][:, :SIZE].astype(int), expected[11], atol=1)
    assert np.abs(expected[11].astype(int) - expected[1]).max() > 20


def test_the_last_epoch_is_drawn_if_a_later_callback_stops_the_training(tmp_path):
    pixels = np.zeros((40, SIZE, SIZE, CHANNELS), np.uint8)
    pictures, model = Pictures(tmp_path, batch(examples=40)["image"]), compiled(MODELS["aae"])
    projector = Projector(ImageSet(pixels, None, None, (), (), "black"), tmp_path)
    for callback in (pictures, projector):
        callback.pictures_every = 2
    model.fit(
        tf.data.Dataset.from_tensors(batch()).repeat(),
        epochs=9,
        steps_per_epoch=1,
        callbacks=[pictures, projector, StopAfter(3)],
        verbose=0,
        shuffle=False,
    )
    assert [path.name for path in sorted((tmp_path / "samples").iterdir())] == ["epoch-0002.png", "epoch-0003.png"]
    assert (tmp_path / "projector_config.pbtxt").exists()


def test_pictures_are_the_same_for_a_seed(tmp_path):
    model = MODELS["vaegan"]()
    first, again, other = (drawing(model, tmp_path / str(i), seed=seed) for i, seed in enumerate((0, 0, 1)))
    for name, picture in first.items():
        np.testing.assert_array_equal(again[name], picture)
        assert np.array_equal(other[name], picture) == (not name.startswith("samples"))


def test_samples_are_of_the_same_latents_at_every_epoch(tmp_path):
    actual = drawing(MODELS["gan"](), tmp_path, epochs=2)
    np.testing.assert_array_equal(actual["samples/epoch-0001.png"], actual["samples/epoch-0002.png"])


def cells(sheet: np.ndarray) -> dict[tuple[int, int], np.ndarray]:
    """The images of a grid, by row and column."""
    rows, columns = ((side + 2) // CELL for side in sheet.shape[:2])
    return {
        (r, c): sheet[r * CELL : r * CELL + SIZE, c * CELL : c * CELL + SIZE]
        for r in range(rows)
        for c in range(columns)
    }


@pytest.mark.parametrize("count", [40, 20, 15, 3, 1])
def test_each_reconstruction_lies_under_its_image(count, tmp_path):
    model, images = MODELS["autoencoder"](), batch(examples=count)["image"]
    callback = Pictures(tmp_path, images)
    callback.set_model(model)
    callback.on_epoch_end(0)
    (path,) = tmp_path.glob("reconstructions/*.png")
    actual = cells(np.asarray(Image.open(path))[..., None])
    answers = np.asarray(model.reconstruct(images))
    for i in range(count):
        row, column = 2 * (i // COLUMNS), i % COLUMNS
        np.testing.assert_array_equal(actual[row, column], image_grid.grid(images[i : i + 1]), err_msg=f"image {i}")
        below = actual[row + 1, column].astype(int)
        assert np.abs(below - image_grid.grid(answers[i : i + 1])).max() <= 1, f"reconstruction {i}"


@pytest.mark.parametrize("name", ["autoencoder", "vae"])
@pytest.mark.parametrize("count", [16, 7, 2, 1])
def test_a_walk_begins_and_ends_at_held_out_images(count, name, tmp_path):
    model, images = MODELS[name](), batch(examples=count)["image"]
    actual = cells(drawing(model, tmp_path, images=count)["interpolation.png"])
    answers = np.asarray(model.reconstruct(images))
    ends = [(2 * pair, 2 * pair + 1) for pair in range(count // 2)] or [(0, 0)]  # one image: from it to itself
    assert len(actual) == STEPS * len(ends)
    for pair, (first, last) in enumerate(ends):
        for column, i in ((0, first), (STEPS - 1, last)):
            difference = actual[pair, column].astype(int) - image_grid.grid(answers[i : i + 1])
            assert np.abs(difference).max() <= 1


def test_walks_are_drawn_anew_at_every_epoch(tmp_path):
    """So that a run which is killed has those of its last epoch."""
    model = MODELS["vae"]()
    before = drawing(model, tmp_path)["interpolation.png"]
    weights = model.decoder.get_weights()
    model.decoder.set_weights([weight + 0.1 for weight in weights])
    assert not np.array_equal(drawing(model, tmp_path)["interpolation.png"], before)


def test_tensorboard_gets_them_too(tmp_path):
    writer = tf.summary.create_file_writer(str(tmp_path / "logs"))
    drawing(MODELS["vae"](), tmp_path / "run", writer=writer)
    writer.close()
    (events,) = (tmp_path / "logs").iterdir()
    tags = [
        value.tag
        for record in tf.data.TFRecordDataset([str(events)])
        for value in tf.compat.v1.Event.FromString(record.numpy()).summary.value
    ]
    assert tags == ["samples", "reconstructions", "interpolation"]


def test_every_few_epochs_and_the_last(tmp_path):
    callback = Pictures(tmp_path, batch(examples=40)["image"])
    callback.pictures_every = 3
    callback.set_model(MODELS["autoencoder"]())
    callback.set_params({"epochs": 5})
    for epoch in range(5):
        callback.on_epoch_end(epoch)
    assert sorted(path.name for path in tmp_path.glob("*/*.png")) == ["epoch-0003.png", "epoch-0005.png"]


def test_a_picture_that_did_not_change_is_not_written_again(tmp_path):
    writer = tf.summary.create_file_writer(str(tmp_path / "logs"))
    pictures = [np.full((8, 8, 3), value, np.uint8) for value in (1, 1, 2)]
    sizes, times = [], []
    for epoch, picture in enumerate(pictures):
        save_and_log(picture, tmp_path / "figure.png", epoch, writer)
        writer.flush()
        sizes.append(sum(path.stat().st_size for path in (tmp_path / "logs").iterdir()))
        times.append((tmp_path / "figure.png").stat().st_mtime_ns)
    assert sizes[0] == sizes[1] < sizes[2]
    assert times[0] == times[1] < times[2]
    (tmp_path / "figure.png").write_bytes(b"damaged")
    assert image_grid.save(pictures[0], tmp_path / "figure.png")

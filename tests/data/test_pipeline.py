"""Batches are a pure function of (seed, step)."""

import itertools
import subprocess
import sys

import numpy as np
import pytest
import tensorflow as tf

from tfgan_models.data.image_set import ImageSet
from tfgan_models.data.pipeline import batches, ordered
from tfgan_models.errors import InputError


def numbered(count: int, size: int = 4, channels: int = 1) -> ImageSet:
    """DecodedSplit told apart by their label, lit at the left edge alone."""
    images = np.zeros((count, size, size, channels), np.uint8)
    images[:, :, 0] = 255
    labels = np.arange(count, dtype=np.int32)
    attributes = np.stack([labels % 2, labels // 2 % 2, labels // 4 % 2], 1).astype(np.uint8)
    return ImageSet(images, labels, attributes, tuple(map(str, labels)), ("a", "b", "c"), "numbered")


def take(dataset: tf.data.Dataset, count: int) -> list[dict[str, np.ndarray]]:
    return [{name: value.numpy() for name, value in batch.items()} for batch in itertools.islice(dataset, count)]


def assert_same(first: list[dict[str, np.ndarray]], second: list[dict[str, np.ndarray]]) -> None:
    for one, other in zip(first, second, strict=True):
        assert one.keys() == other.keys()
        for name in one:
            np.testing.assert_array_equal(one[name], other[name])


def test_the_same_seed_gives_the_same_batches_and_another_seed_others():
    data = numbered(50)
    first = take(batches(data, 8, seed=3, flip=True), 10)
    assert_same(first, take(batches(data, 8, seed=3, flip=True), 10))
    alternatives = take(batches(data, 8, seed=4, flip=True), 10)
    assert any((one["label"] != other["label"]).any() for one, other in zip(first, alternatives, strict=True))


@pytest.mark.parametrize("first_step", [1, 6, 7, 25])
def test_resuming_at_a_step_equals_the_tail(first_step):
    data = numbered(50)
    whole = take(batches(data, 8, seed=3, flip=True), 30)
    assert_same(whole[first_step:], take(batches(data, 8, seed=3, flip=True, first_step=first_step), 30 - first_step))


@pytest.mark.parametrize("first_step", [1, 4])
def test_resuming_with_fewer_pictures_than_a_batch_equals_the_tail(first_step):
    """As where ``--steps_per_epoch`` makes epochs of many passes over a few pictures."""
    data = numbered(5)
    whole = take(batches(data, 16, seed=3, flip=True), 7)
    assert_same(whole[first_step:], take(batches(data, 16, seed=3, flip=True, first_step=first_step), 7 - first_step))


@pytest.mark.parametrize(("count", "batch_size"), [(50, 8), (7, 3), (4, 4), (3, 10), (1, 2)])
def test_each_epoch_is_a_permutation(count, batch_size):
    steps = 4 * count // batch_size + 1
    labels = np.concatenate([b["label"] for b in take(batches(numbered(count), batch_size, seed=0), steps)])
    for epoch in range(len(labels) // count):
        assert sorted(labels[epoch * count : (epoch + 1) * count]) == list(range(count))


def test_the_order_of_epochs_is_unrelated():
    count = 20_000
    images = np.zeros((count, 1, 1, 1), np.uint8)
    data = ImageSet(images, np.arange(count, dtype=np.int32), None, ("any",), (), "many")
    epochs = np.stack([b["label"] for b in take(batches(data, count, seed=5), 4)])
    correlations = np.corrcoef(np.concatenate([epochs, np.arange(count)[None]]))
    # For unrelated orders a correlation has the standard deviation 1/√n.
    assert np.abs(correlations[~np.eye(5, dtype=bool)]).max() < 5 / np.sqrt(count)
    successive = np.corrcoef(epochs[:, :-1].ravel(), epochs[:, 1:].ravel())[0, 1]
    assert abs(successive) < 5 / np.sqrt(4 * count)


def test_flips_are_decided_for_each_picture_at_each_step():
    data = numbered(64)
    flipped = np.stack([batch["image"][:, 0, -1, 0] == 1 for batch in take(batches(data, 64, seed=1, flip=True), 20)])
    # Half of 1,280 decisions, within four standard deviations; no batch and no place is of one mind.
    assert abs(flipped.mean() - 0.5) < 4 * 0.5 / np.sqrt(flipped.size)
    assert flipped.mean(1).min() > 0 and flipped.mean(1).max() < 1
    assert flipped.mean(0).min() > 0 and flipped.mean(0).max() < 1


def test_a_flip_mirrors_left_to_right_and_changes_nothing_else():
    images = np.arange(2 * 3 * 5 * 3, dtype=np.uint8).reshape(2, 3, 5, 3)
    data = ImageSet(images, np.arange(2, dtype=np.int32), None, ("0", "1"), (), "any")
    seen = set()
    for batch in take(batches(data, 2, seed=0, flip=True), 20):
        for image, label in zip(batch["image"], batch["label"], strict=True):
            upright = images[label] / np.float32(127.5) - 1
            mirrored = np.abs(image - upright[:, ::-1]).max() < 1e-6
            assert mirrored or np.abs(image - upright).max() < 1e-6
            seen.add(mirrored)
    assert seen == {False, True}
    without = take(batches(data, 2, seed=0), 5)
    assert all(
        (b["label"] == f["label"]).all()
        for b, f in zip(without, take(batches(data, 2, seed=0, flip=True), 5), strict=True)
    )


def test_workers_share_each_global_batch():
    data = numbered(50)
    whole = take(batches(data, 12, seed=2, flip=True, first_step=3), 9)
    parts = [
        take(batches(data, 12, seed=2, flip=True, first_step=3, context=tf.distribute.InputContext(3, worker, 3)), 9)
        for worker in range(3)
    ]
    joined = [{name: np.concatenate([part[step][name] for part in parts]) for name in whole[step]} for step in range(9)]
    assert_same(whole, joined)


def test_mirrored_replicas_get_the_rows_in_order():
    data = numbered(50)
    strategy = tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"])
    iterator = iter(strategy.experimental_distribute_dataset(batches(data, 8, seed=2, flip=True)))
    for batch in take(batches(data, 8, seed=2, flip=True), 8):
        local = {name: strategy.experimental_local_results(value) for name, value in next(iterator).items()}
        assert all(len(values) == 2 for values in local.values())
        assert_same([batch], [{name: np.concatenate(values) for name, values in local.items()}])


def test_values_types_and_shapes():
    images = np.arange(256, dtype=np.uint8).reshape(1, 16, 16, 1)
    data = ImageSet(images, np.zeros(1, np.int32), np.ones((1, 2), np.uint8), ("x",), ("a", "b"), "any")
    dataset = batches(data, 3, seed=0)
    spec = {name: (value.shape.as_list(), value.dtype) for name, value in dataset.element_spec.items()}
    assert spec == {
        "image": ([3, 16, 16, 1], tf.float32),
        "label": ([3], tf.int32),
        "attributes": ([3, 2], tf.float32),
    }
    (batch,) = take(dataset, 1)
    assert batch["image"].min() == -1 and batch["image"].max() == 1
    back = np.rint((batch["image"][0] + 1) * 127.5)
    np.testing.assert_array_equal(back, images[0])
    np.testing.assert_array_equal(batch["attributes"], np.ones((3, 2)))


def test_what_a_set_does_not_have_is_not_in_its_batches():
    data = ImageSet(np.zeros((4, 8, 8, 3), np.uint8), None, None, (), (), "bare")
    assert list(batches(data, 2, seed=0).element_spec) == ["image"]
    assert list(ordered(data, 2).element_spec) == ["image"]


@pytest.mark.parametrize(("limit", "sizes"), [(None, [4, 4, 2]), (6, [4, 2]), (100, [4, 4, 2])])
def test_ordered_gives_the_set_once_and_in_order(limit, sizes):
    actual = take(ordered(numbered(10), 4, limit), 10)
    assert [len(batch["label"]) for batch in actual] == sizes
    np.testing.assert_array_equal(np.concatenate([b["label"] for b in actual]), np.arange(sum(sizes)))


def test_a_memory_mapped_set_is_not_copied(tmp_path):
    images = np.random.RandomState(0).randint(0, 256, (300, 64, 64, 3), np.uint8)
    np.save(tmp_path / "images.npy", images)
    mapped = np.load(tmp_path / "images.npy", mmap_mode="r")
    data = ImageSet(mapped, np.arange(300, dtype=np.int32), None, tuple(map(str, range(300))), (), "mapped")
    for batch in take(batches(data, 50, seed=0), 6):
        np.testing.assert_array_equal(np.rint((batch["image"] + 1) * 127.5), images[batch["label"]])
    # A part of a map may begin anywhere in memory, where TensorFlow takes no tensor.
    part = ImageSet(mapped[1:, :63], None, None, (), (), "part")
    (batch,) = take(ordered(part, 299), 1)
    np.testing.assert_array_equal(np.rint((batch["image"] + 1) * 127.5), images[1:, :63])


MEMORY = """
import sys
import numpy as np
from tfgan_models.data.pipeline import batches
from tfgan_models.data.image_set import ImageSet
resident = lambda: int(next(l for l in open("/proc/self/status") if l.startswith("RssAnon")).split()[1]) / 1024
data = ImageSet(np.load(sys.argv[1], mmap_mode="r"), None, None, (), (), "large")
next(iter(batches(ImageSet(data.images[:8].copy(), None, None, (), (), "small"), 4, seed=0)))
before = resident()
iterator = iter(batches(data, 16, seed=0, flip=True))
for _ in range(50):
    next(iterator)
print(resident() - before)
"""


@pytest.mark.slow
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads memory from /proc")
def test_memory_stays_bounded_and_a_process_that_reads_ends(tmp_path):
    images = np.lib.format.open_memmap(tmp_path / "images.npy", "w+", np.uint8, (20_000, 64, 64, 3))
    del images  # 234 MiB of zeros, which take no room on disk.
    command = [sys.executable, "-c", MEMORY, str(tmp_path / "images.npy")]
    finished_process = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
    assert float(finished_process.stdout) < 100


@pytest.mark.parametrize(("batch_size", "workers"), [(0, 1), (-4, 1), (9, 2)])
def test_a_batch_that_cannot_be_made_is_refused(batch_size, workers):
    with pytest.raises(InputError, match=str(batch_size)):
        batches(numbered(10), batch_size, seed=0, context=tf.distribute.InputContext(workers, 0, workers))

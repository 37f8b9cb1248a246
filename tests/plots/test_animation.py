"""Animations as a viewer decodes them: pixels, times, repetitions and captions."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from tfgan_models.plots import animation


def random_frames(count: int, channels: int, size: int = 300) -> list[np.ndarray]:
    random = np.random.default_rng(0)
    return list(random.integers(0, 256, (count, size, size, channels), np.uint8))


def decoded(path) -> tuple[np.ndarray, list[int]]:
    """The frames in color and their milliseconds."""
    frames, milliseconds = [], []
    with Image.open(path) as image:
        for i in range(image.n_frames):
            image.seek(i)
            frames.append(np.asarray(image.convert("RGB")))
            milliseconds.append(image.info["duration"])
    return np.stack(frames), milliseconds


def timeline(path, milliseconds: int) -> np.ndarray:
    """The frames at equal distances of time: of equal ones in sequence a file has only one, which stays longer."""
    frames, times = decoded(path)
    return frames.repeat([time // milliseconds for time in times], 0)


def test_gray_frames_of_a_gif_are_exact(tmp_path):
    frames = random_frames(3, 1)
    animation.save(frames, tmp_path / "a.gif", 10)
    shown, milliseconds = decoded(tmp_path / "a.gif")
    np.testing.assert_array_equal(shown, np.repeat(frames, 3, -1))
    assert milliseconds == [100] * 3
    assert [path.name for path in tmp_path.iterdir()] == ["a.gif"]


@pytest.mark.parametrize("shared", [False, True])
def test_up_to_256_colors_are_exact(shared, tmp_path):
    colors = np.random.default_rng(1).integers(0, 256, (60, 3), np.uint8)
    frames = [colors[np.random.default_rng(i).integers(0, 60, (40, 40))] for i in range(4)]
    animation.save(frames, tmp_path / "a.gif", 10, shared_palette=shared)
    shown, _ = decoded(tmp_path / "a.gif")
    assert shown.shape == (4, 240, 240, 3)  # six times as large
    np.testing.assert_array_equal(shown, np.stack(frames).repeat(6, 1).repeat(6, 2))


def test_each_frame_has_the_colors_that_it_needs(tmp_path):
    """Two frames of 200 colors each, which have no color in common."""
    random = np.random.default_rng(0)
    palettes = np.split(random.permutation(2**15)[:400], 2)
    colors = [np.stack([p >> 10, p >> 5 & 31, p & 31], -1).astype(np.uint8) * 8 for p in palettes]
    frames = [palette[random.integers(0, 200, (300, 300))] for palette in colors]
    errors = []
    for shared in (False, True):
        animation.save(frames, tmp_path / "a.gif", 10, shared_palette=shared)
        errors.append(np.abs(decoded(tmp_path / "a.gif")[0].astype(int) - frames).mean())
    assert errors[0] < 1 < errors[1]


def test_a_smooth_area_has_no_dots(tmp_path):
    """Without dithering equal pixels stay equal: the columns of a ramp from left to right."""
    ramp = np.linspace(0, 255, 300).astype(np.uint8)
    frame = np.stack([np.broadcast_to(ramp, (300, 300)), np.broadcast_to(ramp[::-1], (300, 300))] * 2, -1)[..., :3]
    noisy = random_frames(1, 3)[0]  # takes most of the palette
    animation.save([np.concatenate([frame, noisy])], tmp_path / "a.gif", 10)
    shown, _ = decoded(tmp_path / "a.gif")
    assert (shown[0, :300] == shown[0, :1]).all()


@pytest.mark.parametrize("ending", ["gif", "webp"])
def test_the_mean_speed_is_exact(ending, tmp_path):
    animation.save(random_frames(31, 1, 40), tmp_path / f"a.{ending}", 30)
    _, milliseconds = decoded(tmp_path / f"a.{ending}")
    assert len(milliseconds) == 31
    assert sum(milliseconds[:30]) == 1000
    assert max(milliseconds) - min(milliseconds) <= 10


@pytest.mark.parametrize("ending", ["gif", "webp"])
@pytest.mark.parametrize(
    ("loop", "order", "milliseconds", "repetitions"),
    [
        ("restart", [0, 1, 2, 3], [100, 100, 100, 600], 0),
        ("back_and_forth", [0, 1, 2, 3, 2, 1], [600, 100, 100, 600, 100, 100], 0),
        ("once", [0, 1, 2, 3], [100, 100, 100, 600], 1),
    ],
)
def test_what_follows_the_last_frame(ending, loop, order, milliseconds, repetitions, tmp_path):
    frames, path = random_frames(4, 1, 260), tmp_path / f"a.{ending}"
    frames = [np.full_like(frame, 60 * i) for i, frame in enumerate(frames)]
    animation.save(frames, path, 10, loop, pause=0.5)
    shown, times = decoded(path)
    assert [round(frame.mean() / 60) for frame in shown] == order
    assert len(order) == animation.frame_count(4, loop)
    assert times == milliseconds
    with Image.open(path) as image:
        assert image.info.get("loop", 1) == repetitions


@pytest.mark.parametrize("loop", ["restart", "back_and_forth", "once"])
def test_one_frame(loop, tmp_path):
    for ending in ("gif", "webp"):
        animation.save(random_frames(1, 3), tmp_path / f"a.{ending}", 2, loop, pause=0.5)
        with Image.open(tmp_path / f"a.{ending}") as image:
            assert (image.size, image.n_frames) == ((300, 300), 1)
    assert animation.frame_count(1, loop) == 1


@pytest.mark.parametrize("ending", ["gif", "webp"])
def test_transparent_areas_are_white(ending, tmp_path):
    frames = [np.zeros((300, 300, 4), np.uint8) for _ in range(2)]
    for i, frame in enumerate(frames):
        frame[: 100 + i, :, 3] = 255
        frame[200:, :, 3] = 128
    animation.save(frames, tmp_path / f"a.{ending}", 2)
    shown, _ = decoded(tmp_path / f"a.{ending}")
    for rows, level in ((slice(0, 90), 0), (slice(110, 190), 255), (slice(210, 300), 127)):
        np.testing.assert_allclose(shown[0, rows].astype(int), level, atol=2)


def test_webp_is_near_the_frames(tmp_path):
    smooth = np.stack(np.meshgrid(np.arange(256), np.arange(256)), -1).astype(np.uint8)
    frames = [np.concatenate([smooth, np.full((256, 256, 1), 80 * i, np.uint8)], -1) for i in range(3)]
    animation.save(frames, tmp_path / "a.webp", 2)
    shown, _ = decoded(tmp_path / "a.webp")
    assert np.abs(shown.astype(int) - np.stack(frames)).mean() < 3


@pytest.mark.parametrize(("size", "factor"), [(8, 32), (32, 8), (100, 2), (128, 2), (129, 1), (5000, 1)])
def test_small_frames_are_enlarged_to_at_most_256_pixels(size, factor):
    assert animation.enlarging_factor(size, size // 2) == animation.enlarging_factor(size // 2, size) == factor
    frame = np.arange(size * 6, dtype=np.uint8).reshape(size, 2, 3)
    np.testing.assert_array_equal(animation.enlarged(frame)[::factor, ::factor], frame)
    assert animation.enlarging_factor(*animation.enlarged(frame).shape[:2]) == 1


@pytest.mark.parametrize("channels", [1, 3, 4])
def test_a_caption_is_above_the_frame(channels):
    frame = random_frames(1, channels, 200)[0]
    one, other = (animation.captioned(frame, f"epoch {i}") for i in (1, 27))
    assert one.shape == (animation.captioned_height(200), 200, channels)
    bar = len(one) - 200
    np.testing.assert_array_equal(one[bar:], frame)
    assert (one[:bar, ..., 0].min(), one[0].min()) == (0, 255)
    assert (one[:bar] != other[:bar]).any()
    if channels == 4:
        assert (one[:bar, ..., 3] == 255).all()


def test_animations_by_their_endings():
    assert animation.is_animation("a.gif") and animation.is_animation("some/A.WebP")
    assert not animation.is_animation("a.png") and not animation.is_animation("gif")

"""Names of classes in any script in figures: drawn with the system's fonts, or as numbers with a legend file."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

from tfgan_models.objectives.priors import standard_gaussian
from tfgan_models.plots import class_names, latent_map
from tfgan_models.plots.class_names import DEFAULT, drawable, write_legend
from tfgan_models.plots.confusion_matrix import draw_confusion

CHINESE, EMOJI, ANCIENT = "猫", "🦊", "\U00012000"
SCRIPTS = {
    "chinese": (CHINESE, "狗"),
    "arabic": ("قط", "كلب"),
    "emoji": (EMOJI, "👩‍🚀", "❤️"),
    "cuneiform": (ANCIENT, "a"),
    "control": ("a\nb", "\t\x07", "_c", "$d"),
    "latin": ("café", "Łódź"),
    "long": ("W" * 250, "a folder name with words, " * 10),
    "long chinese": (CHINESE * 100, "狗" * 100),
    "many long ones": tuple(f"{number} {'m' * 100}" for number in range(15)),
}


@pytest.fixture(autouse=True)
def fresh():
    for cached in (drawable, class_names._characters_of, class_names._files):
        cached.cache_clear()
    yield
    drawable.cache_clear()


@pytest.mark.parametrize("script", SCRIPTS)
def test_no_figure_warns(script, caplog):
    names = SCRIPTS[script]
    counts = np.eye(len(names), dtype=np.int64)
    codes = np.random.default_rng(0).normal(size=(30, 2)).astype(np.float32)
    shown = latent_map.Panel("", codes, np.arange(30) % len(names), standard_gaussian(2))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        draw_confusion(counts, names)
        latent_map.draw([shown], names)
    assert not caplog.records  # matplotlib logs what it does not find


def test_a_legend_shows_names_that_begin_with_an_underscore():
    codes = np.zeros((2, 2), np.float32)
    shown = latent_map.Panel("", codes, np.arange(2), standard_gaussian(2))
    plain, named = (latent_map.draw([shown], names)[:, -100:] for names in (("a", "b"), ("_a", "_b")))
    with_ink = [(picture.std((0, 2)) > 0).sum() for picture in (plain, named)]
    assert with_ink[1] > with_ink[0] > 10


def test_names_that_the_default_font_has_are_drawn_as_they_are(tmp_path):
    assert drawable(("café", "Łódź", "кот")) == (("café", "Łódź", "кот"), (DEFAULT,), False)
    assert drawable(("a \n b", "x\N{ZERO WIDTH JOINER}y")).texts == ("a b", "xy")
    write_legend(("café", "кот"), tmp_path)
    assert not list(tmp_path.iterdir())


def test_long_names_are_shortened_in_the_middle(monkeypatch, tmp_path):
    names = ("a" * 24, "b" * 25, "the very first of all, the name")
    expected = ("a" * 24, "b" * 16 + "…" + "b" * 7, "the very first o…he name")
    assert drawable(names) == (expected, (DEFAULT,), False)
    monkeypatch.setattr(class_names, "_fonts", lambda characters: (DEFAULT,))
    assert drawable((CHINESE * 13,)).texts == (CHINESE * 8 + "…" + CHINESE * 3,)
    alike = ("x" * 40, "x" * 16 + "y" + "x" * 40)
    assert drawable(alike) == (("0", "1"), (DEFAULT,), True)
    write_legend(alike, tmp_path)
    assert (tmp_path / "classes.txt").read_text().splitlines()[1] == f"1\t{alike[1]}"


def test_a_font_of_the_system_that_has_them_is_taken(monkeypatch):
    glyphs = {DEFAULT: {ord("a")}, "Some Sans": {ord(CHINESE), 1}, "Other": {1}, "Emoji": {ord(EMOJI)}}
    monkeypatch.setattr(class_names, "_families", lambda: [name for name in glyphs if name != DEFAULT])
    monkeypatch.setattr(class_names, "_characters_of", lambda family: frozenset(glyphs[family]))
    assert drawable((CHINESE, "a")) == ((CHINESE, "a"), (DEFAULT, "Some Sans"), False)
    assert drawable((CHINESE + EMOJI, "a")).fonts == (DEFAULT, "Some Sans", "Emoji")
    assert drawable(("b", "a")).numbered


def test_numbers_have_a_legend_that_is_written_once(tmp_path, monkeypatch):
    monkeypatch.setattr(class_names, "_families", list)
    names = (CHINESE, "dog")
    assert drawable(names) == (("0", "1"), (DEFAULT,), True)
    write_legend(names, tmp_path)
    path = tmp_path / "classes.txt"
    assert path.read_text(encoding="utf-8") == f"0\t{CHINESE}\n1\tdog\n"
    written = path.stat().st_mtime_ns
    write_legend(names, tmp_path)
    assert path.stat().st_mtime_ns == written

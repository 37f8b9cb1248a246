"""The command that lists the cache and clears it."""

from __future__ import annotations

import io
import sys
from pathlib import Path

import pytest

from tests.data.pictures import both, save
from tfgan_models.cli import cache
from tfgan_models.cli.cache import CacheFlags
from tfgan_models.data.sources import load
from tfgan_models.errors import InputError


@pytest.fixture
def folder(tmp_path) -> Path:
    """A cache with both splits of a folder and of the digits, next to files of others."""
    for i in range(20):
        save(tmp_path / "in" / f"{i}.png", (12 * i, 90, 0))
    both(f"folder:{tmp_path / 'in'}", tmp_path / "cache")
    load("digits", "test", image_size=8, cache_dir=str(tmp_path / "cache"))
    return tmp_path / "cache"


def sets(folder: Path) -> list[str]:
    return sorted(path.name[:12] for path in folder.iterdir() if (path / "images.npy").exists())


def run(folder: Path, **flags) -> None:
    cache.main(CacheFlags(cache_dir=str(folder), **flags))


def test_the_sets_are_listed_with_their_sizes(folder, capsys):
    run(folder)
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 4 and lines[-1].startswith("cache:       3 sets, 0.0 MB in ")
    assert sum(path.stat().st_size for path in folder.glob("digits*/*")) > 19_000
    assert lines[0].endswith(": 297 pictures of 8×8×1") and "0.0 MB" in lines[0] and "  digits-test-8-" in lines[0]
    run(folder, name=("folder-in",))
    assert len(capsys.readouterr().out.splitlines()) == 3
    assert len(sets(folder)) == 3


def test_a_cache_that_is_not_there_is_empty(tmp_path, capsys):
    run(tmp_path / "none", clear=True)
    assert capsys.readouterr().out == f"cache:       0 sets, 0.0 MB in {tmp_path / 'none'}\n"
    assert not (tmp_path / "none").exists()


def test_clear_removes_the_named_sets_or_all(folder):
    run(folder, clear=True, yes=True, name=("digits",))
    assert sets(folder) == ["folder-in-te", "folder-in-tr"]
    run(folder, clear=True, yes=True)
    assert sets(folder) == [] and not list(folder.glob(".writing-*"))


@pytest.mark.parametrize(("answer", "left"), [("y\n", 0), ("YES\n", 0), ("n\n", 3), ("\n", 3), ("yo\n", 3), ("", 3)])
def test_the_question(folder, monkeypatch, answer, left):
    terminal = io.StringIO(answer)
    terminal.isatty = lambda: True
    monkeypatch.setattr(sys, "stdin", terminal)
    run(folder, clear=True)
    assert len(sets(folder)) == left


def test_without_a_terminal_nothing_is_removed_unless_the_flag_says_yes(folder, monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.StringIO("y\n"))
    with pytest.raises(InputError, match=r"--clear: .* add --yes") as error:
        run(folder, clear=True)
    assert error.value.argument == "clear" and len(sets(folder)) == 3


def test_nothing_of_others_is_removed(folder, tmp_path):
    digits = next(folder.glob("digits*"))
    (digits / "notes.txt").write_text("a note of a user")
    others = {"work/thesis.txt": "text", "work2/about.json": "{}", "photos/images.npy": "pixels", "thesis.txt": "text"}
    others["photos2/about.json"] = '{"arrays": {"images": {"shape": [1, 2]}}}'
    for name, content in others.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(content)
    one = next(folder.glob("folder-in-test*"))
    moved = one.rename(tmp_path / "moved")
    one.symlink_to(moved)
    (folder / "deep").mkdir()
    next(folder.glob("folder-in-train*")).rename(folder / "deep" / "set")
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    run(folder, clear=True, yes=True)
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before


def test_a_set_is_read_again_after_it_was_removed(folder, tmp_path):
    before = both(f"folder:{tmp_path / 'in'}", folder)[0]
    digest = before.digest()
    run(folder, clear=True, yes=True)
    assert before.images.sum() > 0  # a run that has it open goes on
    assert both(f"folder:{tmp_path / 'in'}", folder)[0].digest() == digest


def test_an_unknown_name_and_yes_alone_are_refused(folder):
    with pytest.raises(InputError, match="--name mnist: no set in"):
        run(folder, name=("mnist",))
    with pytest.raises(InputError, match="--yes: it has no effect without --clear"):
        run(folder, yes=True)

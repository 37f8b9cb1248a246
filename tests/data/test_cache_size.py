"""The line about a large cache, before it is filled."""

import pytest

from tests.data.pictures import save
from tfgan_models.data import cache
from tfgan_models.data.plan import DecodedSplit, Plan, Request
from tfgan_models.data.sources import load
from tfgan_models.errors import InputError


def said(tmp_path, capsys, count, source_bytes, size=512) -> str:
    """Standard error at the moment when the reading of the first picture begins."""

    def examples():
        raise InputError(capsys.readouterr().err)
        yield

    pictures = DecodedSplit(3, examples(), count=count, source_bytes=source_bytes)
    plan = Plan("some", {}, lambda: pictures)
    with pytest.raises(InputError) as caught:
        cache.fetch(plan, Request("train", size), tmp_path / "cache")
    return str(caught.value)


def test_it_is_said_before_the_cache_is_filled(tmp_path, capsys):
    line = said(tmp_path, capsys, 2000, 10**9)
    assert line.startswith("cache: the train split of 2,000 decoded pictures of 512×512 pixels takes 1.6 GB in ")
    assert line.count("\n") == 1 and str(tmp_path / "cache") in line and "times" not in line
    assert "takes 78.6 MB, 16 times the files in" in said(tmp_path, capsys, 100, 5_000_000)


@pytest.mark.parametrize(("count", "source_bytes"), [(100, 8_000_000), (1, 10), (None, None), (1000, None)])
def test_nothing_is_said_of_small_ones(count, source_bytes, tmp_path, capsys):
    assert said(tmp_path, capsys, count, source_bytes) == ""


def test_a_folder_of_small_files_at_a_large_size(tmp_path, capsys):
    for i in range(20):
        save(tmp_path / "in" / f"{i}.png", (12 * i, 90, 0))
    options = {"cache_dir": str(tmp_path / "cache"), "image_size": 200}
    load(f"folder:{tmp_path / 'in'}", "train", **options)
    assert "decoded pictures of 200×200 pixels takes" in capsys.readouterr().err
    load(f"folder:{tmp_path / 'in'}", "train", **options)  # it is there already
    assert capsys.readouterr().err == ""

"""A folder of pictures does not become that of a run."""

from __future__ import annotations

import pytest

from tfgan_models import InputError
from tfgan_models.training.run_place import OF_RUNS, check_no_pictures


@pytest.mark.parametrize("name", ["a.JPG", "cats/b.png"])
def test_a_folder_of_pictures_is_refused(name, tmp_path):
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).touch()
    with pytest.raises(
        InputError, match=r"^--run_dir .*: it has pictures that are not a run's, such as '[ab]\."
    ) as error:
        check_no_pictures(tmp_path)
    assert error.value.argument == "run_dir"


def test_a_run_with_pictures_goes_on_and_others_begin(tmp_path):
    (tmp_path / "notes.txt").touch()
    check_no_pictures(tmp_path)
    check_no_pictures(tmp_path / "new")
    (tmp_path / "samples").mkdir()
    (tmp_path / "samples" / "epoch-0001.png").touch()
    for name in OF_RUNS:  # a run that has lost its config.json is still one
        (tmp_path / name).touch()
        check_no_pictures(tmp_path)
        (tmp_path / name).unlink()

"""``tfgan sample``: walks between latents, seeds, and numbers that it refuses."""

from __future__ import annotations

import math
import os
import re
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

from tests.cli.scripts import ROOT
from tests.models.small import CLASSES
from tfgan_models import GAN, InputError, export
from tfgan_models.cli import sample
from tfgan_models.export import truncated_samples
from tfgan_models.latent.truncation import truncate
from tfgan_models.networks import dcgan
from tfgan_models.plots import image_grid


@pytest.mark.parametrize("name", ["gan", "improved_gan", "semi_supervised_aae"])
def test_walks_are_between_latents_of_the_prior(name, exported, tmp_path, monkeypatch):
    seen = []

    original = export.ExportedModel.__call__

    def call(self, signature, **inputs):
        if signature == "sample":
            return original(self, signature, **inputs)
        seen.append(inputs["latent"])
        return {"image": np.zeros((len(inputs["latent"]), 16, 16, 1))}

    monkeypatch.setattr(export.ExportedModel, "__call__", call)
    sample.main(
        sample.SampleFlags(
            model=str(exported(name)), output=str(tmp_path / "walks.png"), interpolate=True, count=200, steps=3
        )
    )
    latents = np.concatenate(seen)
    assert [len(part) for part in seen] == [126] * 4 + [96]  # whole walks of three
    if name == "improved_gan":
        assert 0 <= latents.min() < 0.05 and 0.95 < latents.max() <= 1
    elif name == "semi_supervised_aae":
        classes = latents[:, :CLASSES]
        np.testing.assert_allclose(classes.sum(1), 1, rtol=1e-5)
        assert (classes[[0, 2]].max(1) == 1).all()  # a way's ends have a class each; between them lies a mixture
    else:
        assert abs(latents.mean()) < 0.1 and abs(latents.std() - 1) < 0.1


def test_sampling_repeats_for_a_seed(exported, tmp_path, monkeypatch):
    model = str(exported("gan"))

    def draw(**flags) -> np.ndarray:
        sample.main(sample.SampleFlags(model=model, output=str(tmp_path / "grid.png"), **flags))
        return np.asarray(Image.open(tmp_path / "grid.png"))

    first, again, other = (draw(count=9, seed=seed) for seed in (3, 3, 4))
    np.testing.assert_array_equal(first, again)
    assert first.shape == (3 * 18 - 2, 3 * 18 - 2)
    assert (other != first).any()
    assert draw(interpolate=True, count=2, steps=5).shape == (2 * 18 - 2, 5 * 18 - 2)


def test_a_sheet_of_several_blocks_is_the_grid_of_all_samples(exported, tmp_path):
    path, output = exported("gan"), tmp_path / "grid.png"
    sample.main(sample.SampleFlags(model=str(path), output=str(output), count=300, seed=3))
    images = np.concatenate([part["image"] for part in export.load(path).samples(300, 3)])
    np.testing.assert_array_equal(np.asarray(Image.open(output)), image_grid.grid(images)[..., 0])


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        ({"count": 10**6}, r"--count 1000000: the sheet would have 324 million pixels.*89 million.*at most (\d+) and"),
        ({"count": 10**5, "interpolate": True}, r"--count 100000: the sheet.*320 million.*at most (\d+) and"),
        ({"count": 1, "steps": 10**6, "interpolate": True}, r"--steps 1000000: .*give fewer steps"),
    ],
)
def test_a_sheet_that_is_too_large_is_refused_with_the_largest_count(flags, said, exported, tmp_path):
    output = tmp_path / "grid.png"
    with pytest.raises(InputError, match=said) as error:
        sample.main(sample.SampleFlags(model=str(exported("gan")), output=str(output), **flags))
    assert not output.exists()
    assert "\n" not in str(error.value)
    if "fewer steps" in said:
        return
    (largest,) = map(int, re.findall(said, str(error.value)))
    columns = 10 if flags.get("interpolate") else None
    sizes = [image_grid.grid_size((largest + i) * (columns or 1), 16, 16, columns) for i in (0, 1)]
    assert math.prod(sizes[0]) <= image_grid.MAX_PIXELS < math.prod(sizes[1])


@pytest.mark.slow
def test_memory_does_not_grow_with_the_number_of_samples(tmp_path):
    """Four thousand samples of 64 pixels, that took 4.5 GB in one draw, need little more than their sheet."""
    network = dcgan.generator(64, 3, 16, 0.5), dcgan.discriminator(64, 3, width=0.05)
    path = export.save(GAN(*network), tmp_path / "gan", {})
    peaks = [_peak(str(path), str(tmp_path / "grid.png"), count) for count in ("256", "4000")]
    sheet = 4000 * 66**2 * 3 / 2**20  # and once more in Pillow
    assert peaks[1] - peaks[0] < 3 * sheet + 100


def _peak(*arguments: str) -> float:
    """Megabytes of memory of a process that draws a sheet, at its highest."""
    process = subprocess.run(
        [sys.executable, "-c", PEAK, *arguments],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert process.returncode == 0, process.stderr
    return float(process.stdout.split()[-1])


PEAK = """
import resource, sys
from tfgan_models.cli import drawings, sample
sample.main(sample.SampleFlags(model=sys.argv[1], output=sys.argv[2], count=int(sys.argv[3])))
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**10)
"""


@pytest.mark.parametrize("interpolate", [False, True])
@pytest.mark.parametrize(
    ("flags", "said"),
    [
        ({"seed": -1}, r"--seed -1: give a number from 0 to 2147483647"),
        ({"seed": 2**31}, r"--seed 2147483648: give a number from 0"),
        ({"count": 0}, r"--count 0: give a number above 0"),
    ],
)
def test_sample_with_invalid_numbers_raises_input_error(flags, said, interpolate, tmp_path, monkeypatch):
    with pytest.raises(InputError, match=said):
        sample.main(
            sample.SampleFlags(
                model=str(tmp_path), output=str(tmp_path / "grid.png"), interpolate=interpolate, steps=2, **flags
            )
        )
    assert not (tmp_path / "grid.png").exists()


@pytest.mark.parametrize("name", ["vae", "gan_projection"])
def test_truncated_samples_are_images_of_latents_nearer_to_the_mean(name, exported, tmp_path):
    model = export.load(exported(name))
    flags = sample.SampleFlags(model=str(model.path), output=str(tmp_path / "a.png"), count=4, seed=3, truncation=0.5)
    sample.main(flags)
    reference = model("sample", count=truncated_samples.REFERENCE, seed=0)["latent"]
    latents = truncate(model("sample", count=4, seed=3)["latent"], 0.5, reference)
    expected = image_grid.grid(model("generate", latent=latents)["image"])
    np.testing.assert_allclose(np.int32(np.asarray(Image.open(tmp_path / "a.png"))[..., None]), expected, atol=1)


def test_truncation_has_no_effect_on_own_pictures():
    with pytest.raises(InputError, match=r"--truncation 0\.5: it has no effect with --reconstruct, remove it"):
        sample.check(sample.SampleFlags(model="m", reconstruct=("a",), truncation=0.5))
    with pytest.raises(InputError, match=r"--truncation 1\.5"):
        sample.check(sample.SampleFlags(model="m", truncation=1.5))

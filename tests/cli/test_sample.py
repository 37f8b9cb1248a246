"""``tfgan sample``: walks between latents, seeds, and numbers that it refuses."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from tests.models.small import CLASSES
from tfgan_models import InputError, export
from tfgan_models.cli import sample


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
    (latents,) = seen
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

"""The stages of runs that grow, and what cannot grow."""

from __future__ import annotations

import pytest

from tests.training.test_growing import flags_of
from tfgan_models import InputError
from tfgan_models.training import growing

REFUSED = {
    "mlp": ("grow_from", {"network": "mlp"}),
    "resnet": ("grow_from", {"network": "resnet"}),
    "vaegan": ("grow_from", {"network": "vaegan"}),
    "size": ("grow_from", {"grow_from": 12}),
    "full size": ("grow_from", {"grow_from": 16}),
    "fade": ("fade_epochs", {"fade_epochs": 2}),
    "epochs": ("epochs", {"training": {"epochs": 2}}),
    "virtual": ("generator_normalization", {"generator_normalization": "virtual"}),
    "both": ("grow_depth", {"grow_depth": 1}),
    "no epochs": ("epochs_per_stage", {"epochs_per_stage": 0}),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_grow_is_refused_in_one_line(case):
    argument, options = REFUSED[case]
    with pytest.raises(InputError) as error:
        growing.schedule(flags_of(**options))
    assert error.value.argument == argument
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(("size", "starts"), [(64, "8 or 16 or 32"), (28, "14"), (160, "10 or 20 or 40 or 80")])
def test_the_refusal_of_a_size_names_those_to_grow_from(size, starts):
    flags = flags_of(size=size, grow_from=12, training={"epochs": 9})
    with pytest.raises(InputError, match=f"has to double to --image_size {size}, give {starts}$"):
        growing.schedule(flags)
    flags.model.grow_from = int(starts.split()[0])
    assert [phase.size for phase in growing.schedule(flags) if not phase.fades][-1] == size


def test_the_last_stage_has_the_rest_of_the_epochs():
    flags = flags_of(size=32, training={"epochs": 9}, epochs_per_stage=2, fade_epochs=1)
    phases = growing.schedule(flags)
    assert [tuple(phase) for phase in phases] == [
        (8, False, 0, 2, 0),
        (16, True, 2, 3, 0),
        (16, False, 3, 4, 0),
        (32, True, 4, 5, 0),
        (32, False, 5, 9, 0),
    ]
    assert [growing.phase_of(phases, epochs).first for epochs in (0, 2, 3, 9)] == [0, 0, 2, 5]
    assert growing.schedule(flags_of(grow_from=None)) == []

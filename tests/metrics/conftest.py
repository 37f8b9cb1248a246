"""The extractor that the tests of evaluations share, trained once in a session."""

from __future__ import annotations

import pytest

from tests.metrics.samplers import TEST, TRAIN
from tfgan_models.metrics.in_domain_extractor import in_domain


@pytest.fixture(scope="session")
def extractor(tmp_path_factory):
    return in_domain(TRAIN, TEST, tmp_path_factory.mktemp("cache"), 60, verbose=False)

"""Figures of a human test: numbers by hand, and intervals that cover the truth as often as they say."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from tests.judge.people import answers_of, row
from tfgan_models.judge.learning import learning
from tfgan_models.judge.rates import rates


def test_figures_by_hand():
    answers = [row("ann", f"f{i}", True, i < 3) for i in range(4)] + [
        row("ann", f"r{i}", False, i < 2) for i in range(8)
    ]
    figures = rates(answers)
    assert (figures.people, figures.answers, figures.fakes, figures.reals, figures.over) == (1, 12, 4, 8, "answers")
    assert (figures.error_fakes.value, figures.error_reals.value, figures.error.value) == (0.25, 0.25, 0.25)
    hit, alarm = stats.norm.ppf(3.5 / 5), stats.norm.ppf(2.5 / 9)
    assert figures.d_prime.value == pytest.approx(hit - alarm)
    assert figures.criterion.value == pytest.approx(-(hit + alarm) / 2)
    assert figures.error_fakes.low < 0.25 < figures.error_fakes.high


def test_one_person_without_errors_has_an_interval():
    figures = rates([row("ann", f"{kind}{i}", bool(kind), bool(kind)) for kind in (0, 1) for i in range(40)])
    assert (figures.error_fakes.value, figures.error_fakes.low) == (0, 0)
    assert figures.error_fakes.high == pytest.approx(stats.beta.ppf(0.975, 0.5, 40.5), rel=0.1)
    assert 0 < figures.error.high < 0.06 and 2.5 < figures.d_prime.low < figures.d_prime.value


def test_one_persons_intervals_are_those_of_jeffreys():
    answers = [row("ann", f"f{i}", True, i < 30) for i in range(40)]
    estimate = rates(answers).error_fakes
    expected = stats.beta.ppf([0.025, 0.975], 10.5, 30.5)
    np.testing.assert_allclose([estimate.low, estimate.high], expected, atol=0.02)


def test_a_kind_that_nobody_judged_is_unknown():
    figures = rates([row(str(i), answered_fake=i < 2) for i in range(3)])
    assert figures.error_fakes.value == pytest.approx(1 / 3)
    assert np.isnan([figures.error_reals.value, figures.error.low, figures.d_prime.value]).all()


def covered(repetitions: int, people: int, spread: float) -> dict[str, int]:
    """The number of repetitions whose interval covers the truth."""
    d_prime, criterion = 1.0, 0.2
    # An impression of which the mean varies among people has a larger variance, and so a smaller d′ of all together.
    scale = np.sqrt(1 + spread**2 / 4)
    miss = stats.norm.cdf((criterion - d_prime / 2) / scale)
    alarm = stats.norm.sf((criterion + d_prime / 2) / scale)
    truth = {"error_fakes": miss, "error_reals": alarm, "error": (miss + alarm) / 2}
    truth |= {"d_prime": d_prime / scale, "criterion": criterion / scale}
    counts = dict.fromkeys(truth, 0)
    for seed in range(repetitions):
        figures = rates(answers_of(people, 90, d_prime, criterion, seed, spread), seed)
        for name, value in truth.items():
            estimate = getattr(figures, name)
            counts[name] += estimate.low <= value <= estimate.high
    return counts


def check_coverage(repetitions: int, people: int, spread: float) -> None:
    """Compare with what intervals of true coverage 95 % give in all but one of 1000 tests, on either side."""
    low, high = stats.binom.interval(0.998, repetitions, 0.95)
    for name, count in covered(repetitions, people, spread).items():
        assert low <= count <= high, f"{name}: {count} of {repetitions}"


def test_intervals_cover_the_truth():
    check_coverage(40, 12, 0.5)


@pytest.mark.slow
@pytest.mark.parametrize(("people", "spread"), [(8, 0.0), (8, 0.8), (25, 0.5)])
def test_intervals_cover_the_truth_in_about_95_of_100(people, spread):
    check_coverage(300, people, spread)


def test_answers_alone_would_give_intervals_that_are_too_narrow():
    """People differ, so the interval over people has to be wider than that of as many independent answers."""
    answers = answers_of(12, 90, 1.0, 0.0, 0, 1.5)
    of_one = rates([row("all", a.picture, a.is_fake, a.answered_fake) for a in answers]).d_prime
    of_people = rates(answers).d_prime
    assert of_people.value == of_one.value
    assert of_people.high - of_people.low > 1.5 * (of_one.high - of_one.low)


def test_learning_is_seen():
    early = [row(str(p), f"{i}", answered_fake=i % 2 == p % 2) for p in range(6) for i in range(18)]
    late = [row(str(p), f"{i + 18}") for p in range(6) for i in range(9)]
    curve = learning(early + late)
    assert [(block.first, block.last, block.people, block.answers) for block in curve.blocks] == [
        (1, 9, 6, 54),
        (10, 18, 6, 54),
        (19, 27, 6, 54),
    ]
    np.testing.assert_allclose([block.accuracy for block in curve.blocks], [0.5, 0.5, 1.0])
    assert curve.change.value == pytest.approx(0.5)
    assert 0 < curve.change.low < curve.change.high


def test_the_last_block_ends_with_the_last_answer():
    curve = learning([row(picture=f"{i}") for i in range(40)])
    assert (curve.blocks[-1].first, curve.blocks[-1].last, curve.blocks[-1].answers) == (37, 40, 4)

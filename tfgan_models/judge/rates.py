"""Error rates, d′ and criterion of people, with bootstrap intervals over people."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Sequence

import numpy as np
from scipy import special

from tfgan_models.judge.answers import Answer

RESAMPLES, LEVEL = 2000, 0.95
FAKES, MISSED, REALS, ALARMS = range(4)  # columns of counts
PAIRS = ((FAKES, MISSED), (REALS, ALARMS))


@dataclasses.dataclass(frozen=True)
class Estimate:
    """A figure with its 95 % interval; all are NaN if there is nothing to compute it from."""

    value: float
    low: float
    high: float


@dataclasses.dataclass(frozen=True)
class Rates:
    """Figures of a number of answers.

    Attributes:
        people, answers, fakes, reals: how many there are.
        over: what the intervals resample, ``people``, or ``answers`` if there is one person.
        equal: the error rates that are the same for several people, so that their intervals are over answers.
        error_fakes: share of the fakes that were taken for real.
        error_reals: share of the reals that were taken for fakes.
        error: mean of both, HYPE∞ without a time limit. 0.5 is chance.
        d_prime: distance of fakes and reals in standard deviations of the impression; 0 is chance.
        criterion: above 0 if people tend to answer «real», below 0 if «fake».
    """

    people: int
    answers: int
    fakes: int
    reals: int
    over: str
    equal: tuple[str, ...]
    error_fakes: Estimate
    error_reals: Estimate
    error: Estimate
    d_prime: Estimate
    criterion: Estimate


def rates(answers: Sequence[Answer], seed: int = 0) -> Rates:
    """Compute the figures of all answers together."""
    counts = _counts(answers)
    resampled, over = resample(counts, seed)
    people, total = len(counts), counts.sum(0)

    def estimate(figure: Callable[[np.ndarray], np.ndarray]) -> Estimate:
        return interval(float(figure(total)), figure(resampled), people)

    return Rates(
        people,
        len(answers),
        int(total[FAKES]),
        int(total[REALS]),
        over,
        tuple(
            name
            for name, pair in zip(("error_fakes", "error_reals"), PAIRS, strict=True)
            if people > 1 and _is_equal(counts, *pair)
        ),
        estimate(lambda c: _divide(c[..., MISSED], c[..., FAKES])),
        estimate(lambda c: _divide(c[..., ALARMS], c[..., REALS])),
        estimate(lambda c: (_divide(c[..., MISSED], c[..., FAKES]) + _divide(c[..., ALARMS], c[..., REALS])) / 2),
        estimate(lambda c: _z_scores(c)[0] - _z_scores(c)[1]),
        estimate(lambda c: -(_z_scores(c)[0] + _z_scores(c)[1]) / 2),
    )


def _counts(answers: Sequence[Answer]) -> np.ndarray:
    """Counts of fakes, fakes taken for real, reals, and reals taken for fakes, a row for each person."""
    rows: dict[str, np.ndarray] = {}
    for answer in answers:
        row = rows.setdefault(answer.person, np.zeros(4, np.int64))
        row[FAKES if answer.is_fake else REALS] += 1
        if answer.is_fake != answer.answered_fake:
            row[MISSED if answer.is_fake else ALARMS] += 1
    return np.array(list(rows.values())).reshape(-1, 4)


def resample(counts: np.ndarray, seed: int) -> tuple[np.ndarray, str]:
    """Draw bootstrap samples of the summed counts, ``[n, 4]``.

    Whole people are drawn, with all their answers, because answers of one person depend on each other. To draw answers
    within people as well would count the chance in the answers twice. If all people have the same error rate, such as
    one person or people without errors, draws of people do not differ. Then the rate is drawn from its posterior under
    Jeffreys' prior (Brown et al. 2001), given the answers of all.
    """
    generator = np.random.default_rng(seed)
    times = np.ones((RESAMPLES, 1), np.int64)
    if len(counts) > 1:
        times = generator.multinomial(len(counts), [1 / len(counts)] * len(counts), RESAMPLES)
    resampled, total = (times @ counts).astype(np.float64), counts.sum(0)
    for number, wrong in PAIRS:
        if total[number] and _is_equal(counts, number, wrong):
            share = generator.beta(total[wrong] + 0.5, total[number] - total[wrong] + 0.5, RESAMPLES)
            resampled[:, wrong] = resampled[:, number] * share
    return resampled, "people" if len(counts) > 1 else "answers"


def _is_equal(counts: np.ndarray, number: int, wrong: int) -> bool:
    """Whether all people who judged a kind of picture have the same error rate."""
    judged = counts[counts[:, number] > 0]
    return len(set(judged[:, wrong] / judged[:, number])) == 1


def interval(value: float, resampled: np.ndarray, people: int) -> Estimate:
    """The percentile interval, widened for few people as in Hesterberg 2015, section 5.3 (1411.5279).

    The percentile interval of n people is too narrow by about sqrt((n - 1) / n), and uses a normal quantile in place
    of that of Student's t.
    """
    resampled = resampled[np.isfinite(resampled)]
    if not (math.isfinite(value) and len(resampled)):
        return Estimate(math.nan, math.nan, math.nan)
    tail = (1 - LEVEL) / 2
    if people > 1:
        tail = float(special.ndtr(math.sqrt(people / (people - 1)) * special.stdtrit(people - 1, tail)))
    low, high = np.quantile(resampled, [tail, 1 - tail])
    # A posterior has no mass at 0 and 1, where the figure of a person without errors lies.
    return Estimate(value, min(value, float(low)), max(value, float(high)))


def _z_scores(counts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """z of hits (fakes recognized) and of false alarms (reals taken for fakes), with the log-linear correction.

    The correction (Hautus 1995) adds half an answer to each cell, so that a person without errors has a finite d′.
    """
    fakes, reals = counts[..., FAKES], counts[..., REALS]
    hits = np.where(fakes > 0, (fakes - counts[..., MISSED] + 0.5) / (fakes + 1), np.nan)
    alarms = np.where(reals > 0, (counts[..., ALARMS] + 0.5) / (reals + 1), np.nan)
    return special.ndtri(hits), special.ndtri(alarms)


def _divide(count: np.ndarray, total: np.ndarray) -> np.ndarray:
    return np.where(total > 0, count / np.maximum(total, 1), np.nan)

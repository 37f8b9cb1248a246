"""Symptoms of a failed training in the logs of the last two epochs.

Each function takes the logs of all epochs so far, at least two, and returns warnings for the user by the symptom's
name. docs/results.md lists the runs that the thresholds were chosen on.
"""

from __future__ import annotations

import numpy as np

History = list[dict[str, float]]
Findings = dict[str, str]

MIN_STEPS = 50  # before this step no symptom is meaningful, however short the epochs
EARLY = 1_000  # steps up to which slow growth of diversity is normal
MIN_DIVERSITY, MIN_SPACING = 0.2, 0.1
GROWING, UNCHANGED = 1.1, 1.05  # growth from one epoch to the next, and over the minimum
MIN_COVERAGE, COVERAGE_LOST = 0.2, 0.25
SATURATED_ACCURACY, CLOSED_GATE = 0.995, 0.995
EXPLODED, VANISHED = 1_000, 1e-4  # times the median norm
MAX_CODE_PRIOR_GAP = 5.0  # nats: about one in e⁵ = 150 samples of the prior is among the codes
MIN_NORM = 1e-10  # a norm at which no player learns, whatever the median


def collapse(history: History) -> Findings:
    """Samples that are alike, that repeat a few images, or that cover far less of the data than before."""
    if not all("sample_diversity" in row for row in history[-2:]):
        return {}
    measured = [row for row in history if "sample_diversity" in row]
    diversity = [row["sample_diversity"] for row in measured]
    # Relative to the diversity, because early samples are close together without being repeated. Noise makes samples
    # more diverse than the data, and not closer to each other.
    spacing = [
        row.get("sample_spacing", 1.0) / float(np.clip(row["sample_diversity"], MIN_SPACING, 1.0)) for row in measured
    ]
    coverage = [row["sample_coverage"] for row in measured if "sample_coverage" in row]
    step = history[-1].get("step", EARLY)
    if _opponent(history[-1]) is None and "divergence" in history[-1]:
        advice = "Try a lower weight of the divergence (--beta), or more steps."
    else:
        advice = "Try a lower learning rate for the generator or decoder, or a larger batch."
    # Early samples are alike too, but less so from epoch to epoch.
    if max(diversity[-2:]) < MIN_DIVERSITY and _stuck(diversity, step):
        return {"collapse": f"samples differ {diversity[-1]:.2f} times as much as images of the data do. {advice}"}
    if max(spacing[-2:]) < MIN_SPACING and _stuck(spacing, step):
        return {"collapse": f"most samples are repeated: they lie at {spacing[-1]:.2f} of their distance. {advice}"}
    if max(coverage) > MIN_COVERAGE and max(coverage[-2:]) < COVERAGE_LOST * max(coverage):
        lost = f"samples cover {coverage[-1]:.0%} of the data, and covered {max(coverage):.0%} before"
        return {"collapse": f"{lost}. {advice}"}
    return {}


def saturation(history: History) -> Findings:
    """A discriminator that is always right while samples are bad and do not improve."""
    rows = ([v for name, v in row.items() if name.endswith("discriminator_accuracy")] for row in history[-2:])
    accuracy = min(max(values, default=0.0) for values in rows)  # of several discriminators, the best one
    before, now = (row.get("sample_diversity", 1.0) for row in history[-2:])
    bad = max(row.get("sample_coverage", 0.0) for row in history[-2:]) < MIN_COVERAGE
    if accuracy <= SATURATED_ACCURACY or now > GROWING * before or not bad:
        return {}
    advice = "Try a lower learning rate for the discriminator, or noise or dropout in it."
    return {"saturation": f"the discriminator is right in {accuracy:.1%} of all cases. {advice}"}


def closed_gates(history: History) -> Findings:
    """Players that never learn, because their gate stays closed."""
    findings = {}
    for name in (name for name in history[-1] if name.endswith("_gate_closed")):
        closed, player = min(row.get(name, 0.0) for row in history[-2:]), name.removesuffix("_gate_closed")
        if closed > CLOSED_GATE:
            advice = "Try a wider margin, or a smaller network for the player that wins."
            findings[name] = f"the {player} was held back in {closed:.1%} of all steps. {advice}"
    return findings


def codes_off_prior(history: History) -> Findings:
    """Codes with far less density under the prior than under a mixture fitted to them."""
    gap = min(row.get("code_prior_gap", 0.0) for row in history[-2:])
    if gap <= MAX_CODE_PRIOR_GAP:
        return {}
    now = history[-1]["code_prior_gap"]
    advice = "raise --beta" if "divergence" in history[-1] else "raise --adversarial_rate, or train longer"
    return {
        "codes": f"codes lie far from the prior, which gives them {now:.0f} nats less than a mixture fitted to them. "
        f"Samples are drawn from that mixture unless --sampler prior is given; to fill the prior, {advice}."
    }


def gradients(history: History) -> Findings:
    """Gradients far larger or smaller than before, or almost zero."""
    findings = {}
    for name in (name for name in history[-1] if name.endswith("_gradient")):
        norms = [row[name] for row in history if name in row]
        if len(norms) < 2:
            continue
        *earlier, before, now = norms
        median = float(np.median(earlier)) if earlier else 0.0
        player = name.removesuffix("_gradient")
        if min(before, now) > EXPLODED * median > 0:
            longer = f"the {player}'s gradient is {now / median:.0f} times as long as before"
            findings[f"exploding {name}"] = f"{longer}. Try a lower learning rate, or gradient clipping."
        if max(before, now) <= max(VANISHED * median, MIN_NORM):
            opponent = _opponent(history[-1])
            weaker = f", or a weaker {opponent}" if opponent else ""
            advice = f"Try a lower learning rate{weaker}."
            findings[f"vanishing {name}"] = f"the {player}'s gradient has all but vanished: {now:.2g}. {advice}"
    return findings


def _stuck(values: list[float], step: float) -> bool:
    """Return whether the last value has not grown by a tenth; early in a run, when epochs may be short, by less."""
    *earlier, now = values
    if step < EARLY:
        return now <= max(earlier) and now <= UNCHANGED * min(values)
    return now <= GROWING * earlier[-1]


def _opponent(row: dict[str, float]) -> str | None:
    """Name of the player that scores the samples, from the names of the logs; None for autoencoders."""
    return next((player for player in ("discriminator", "critic") if any(player in name for name in row)), None)


SYMPTOMS = (collapse, saturation, closed_gates, codes_off_prior, gradients)

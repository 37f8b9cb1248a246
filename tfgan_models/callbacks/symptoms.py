"""What the figures of two epochs, one after the other, say about a run that has gone wrong.

Each function takes the epochs' logs so far, at least two, the last two of which it judges, and gives for each finding
its name and what to tell the user. docs/results.md says which runs the bounds were watched over.
"""

from __future__ import annotations

import numpy as np

History = list[dict[str, float]]
Findings = dict[str, str]

LEAST_STEPS = 50  # before these a generator has only begun, however short the epochs
EARLY = 1_000  # steps up to which a generator may grow slowly, if it grows at all
LEAST_DIVERSITY, LEAST_SPACING = 0.2, 0.1
GROWING, UNCHANGED = 1.1, 1.05  # from one epoch to the next, and over the least that there was
LEAST_COVERAGE, COVERAGE_LOST = 0.2, 0.25
SATURATED_ACCURACY, CLOSED_GATE = 0.995, 0.995
EXPLODED, VANISHED = 1_000, 1e-4  # times the usual length
FAR_FROM_PRIOR = 5.0  # nats: the prior draws among codes once in e⁵ = 150 times
NOTHING = 1e-10  # a length at which no player learns, whatever was usual


def collapse(history: History) -> Findings:
    """Samples that are alike, a few images again and again, or that have lost most of what they once covered."""
    if not all("sample_diversity" in row for row in history[-2:]):
        return {}
    measured = [row for row in history if "sample_diversity" in row]
    diversity = [row["sample_diversity"] for row in measured]
    # Over their diversity: the samples of a generator that has only begun lie close together without being repeated.
    # Noise in samples makes them more diverse than the data, and no closer to each other.
    spacing = [
        row.get("sample_spacing", 1.0) / float(np.clip(row["sample_diversity"], LEAST_SPACING, 1.0)) for row in measured
    ]
    coverage = [row["sample_coverage"] for row in measured if "sample_coverage" in row]
    step = history[-1].get("step", EARLY)
    if _opponent(history[-1]) is None and "divergence" in history[-1]:
        advice = "Try a lower weight of the divergence (--beta), or more steps."
    else:
        advice = "Try a lower learning rate for the generator or decoder, or a larger batch."
    # A generator that has only begun makes images that are alike too, but less so from epoch to epoch.
    if max(diversity[-2:]) < LEAST_DIVERSITY and _stuck(diversity, step):
        return {"collapse": f"samples differ {diversity[-1]:.2f} times as much as images of the data do. {advice}"}
    if max(spacing[-2:]) < LEAST_SPACING and _stuck(spacing, step):
        return {"collapse": f"most samples are repeated: they lie at {spacing[-1]:.2f} of their distance. {advice}"}
    if max(coverage) > LEAST_COVERAGE and max(coverage[-2:]) < COVERAGE_LOST * max(coverage):
        lost = f"samples cover {coverage[-1]:.0%} of the data, and covered {max(coverage):.0%} before"
        return {"collapse": f"{lost}. {advice}"}
    return {}


def saturation(history: History) -> Findings:
    """A discriminator that is always right while samples are bad and do not get better."""
    rows = ([v for name, v in row.items() if name.endswith("discriminator_accuracy")] for row in history[-2:])
    accuracy = min(max(values, default=0.0) for values in rows)  # of several discriminators, one that always wins
    before, now = (row.get("sample_diversity", 1.0) for row in history[-2:])
    bad = max(row.get("sample_coverage", 0.0) for row in history[-2:]) < LEAST_COVERAGE
    if accuracy <= SATURATED_ACCURACY or now > GROWING * before or not bad:
        return {}
    advice = "Try a lower learning rate for the discriminator, or noise or dropout in it."
    return {"saturation": f"the discriminator is right in {accuracy:.1%} of all cases. {advice}"}


def closed_gates(history: History) -> Findings:
    """Players that never learn, because a gate holds them back."""
    found = {}
    for name in (name for name in history[-1] if name.endswith("_gate_closed")):
        closed, player = min(row.get(name, 0.0) for row in history[-2:]), name.removesuffix("_gate_closed")
        if closed > CLOSED_GATE:
            advice = "Try a wider margin, or a smaller network for the player that wins."
            found[name] = f"the {player} was held back in {closed:.1%} of all steps. {advice}"
    return found


def codes_off_prior(history: History) -> Findings:
    """Codes that a prior gives far less density than a mixture fitted to them."""
    gap = min(row.get("code_prior_gap", 0.0) for row in history[-2:])
    if gap <= FAR_FROM_PRIOR:
        return {}
    now = history[-1]["code_prior_gap"]
    advice = "raise --beta" if "divergence" in history[-1] else "raise --adversarial_rate, or train longer"
    return {
        "codes": f"codes lie far from the prior, which gives them {now:.0f} nats less than a mixture fitted to them. "
        f"Samples are drawn from that mixture unless --sampler prior is given; to fill the prior, {advice}."
    }


def gradients(history: History) -> Findings:
    """Gradients far longer or shorter than they used to be, or of no length at all."""
    found = {}
    for name in (name for name in history[-1] if name.endswith("_gradient")):
        lengths = [row[name] for row in history if name in row]
        if len(lengths) < 2:
            continue
        *earlier, before, now = lengths
        usual = float(np.median(earlier)) if earlier else 0.0
        player = name.removesuffix("_gradient")
        if min(before, now) > EXPLODED * usual > 0:
            longer = f"the {player}'s gradient is {now / usual:.0f} times as long as before"
            found[f"exploding {name}"] = f"{longer}. Try a lower learning rate, or gradient clipping."
        if max(before, now) <= max(VANISHED * usual, NOTHING):
            opponent = _opponent(history[-1])
            weaker = f", or a weaker {opponent}" if opponent else ""
            advice = f"Try a lower learning rate{weaker}."
            found[f"vanishing {name}"] = f"the {player}'s gradient has all but vanished: {now:.2g}. {advice}"
    return found


def _stuck(values: list[float], step: float) -> bool:
    """Whether the last value has not grown; a tenth an epoch is growth, but early in a run epochs may be short."""
    *earlier, now = values
    if step < EARLY:
        return now <= max(earlier) and now <= UNCHANGED * min(values)
    return now <= GROWING * earlier[-1]


def _opponent(row: dict[str, float]) -> str | None:
    """What judges the samples, by the names of the logs: of a VAE or an autoencoder nothing does."""
    return next((player for player in ("discriminator", "critic") if any(player in name for name in row)), None)


SYMPTOMS = (collapse, saturation, closed_gates, codes_off_prior, gradients)

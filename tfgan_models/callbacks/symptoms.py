"""What the figures of two epochs, one after the other, say about a run that has gone wrong.

Each function takes the epochs' logs so far, at least two, the last two of which it judges, and gives for each finding
its name and what to tell the user. RESULTS.md says which runs the bounds were watched over.
"""

from __future__ import annotations

import numpy as np

History = list[dict[str, float]]
Findings = dict[str, str]

LEAST_STEPS = 50  # before these a generator has only begun, however short the epochs
LEAST_DIVERSITY, LEAST_SPACING, GROWING = 0.2, 0.1, 1.1
LEAST_COVERAGE, COVERAGE_LOST = 0.2, 0.25
SATURATED_ACCURACY, CLOSED_GATE = 0.995, 0.995
EXPLODED, VANISHED = 1_000, 1e-4  # times the usual length
NOTHING = 1e-10  # a length at which no player learns, whatever was usual


def collapse(history: History) -> Findings:
    """Samples that are alike, a few images again and again, or that have lost most of what they once covered."""
    if "sample_diversity" not in history[-1]:
        return {}
    before, now = (row.get("sample_diversity", 1.0) for row in history[-2:])
    # Over their diversity: the samples of a generator that has only begun lie close together without being repeated.
    close, closer = (
        row.get("sample_spacing", 1.0) / max(row.get("sample_diversity", 1.0), LEAST_SPACING) for row in history[-2:]
    )
    coverage = [row["sample_coverage"] for row in history if "sample_coverage" in row]
    advice = "Try a lower learning rate for the generator, a larger batch, or a loss with a gradient penalty."
    # A generator that has only begun makes images that are alike too, but less so at every epoch.
    if max(before, now) < LEAST_DIVERSITY and now < GROWING * before:
        return {"collapse": f"samples differ {now:.2f} times as much as images of the data do. {advice}"}
    if max(close, closer) < LEAST_SPACING and closer < GROWING * close:
        return {"collapse": f"most samples are repeated: they lie at {closer:.2f} of their distance. {advice}"}
    if max(coverage) > LEAST_COVERAGE and max(coverage[-2:]) < COVERAGE_LOST * max(coverage):
        lost = f"samples cover {coverage[-1]:.0%} of the data, and covered {max(coverage):.0%} before"
        return {"collapse": f"{lost}. {advice}"}
    return {}


def saturation(history: History) -> Findings:
    """A discriminator that is always right while samples are bad and do not get better."""
    accuracy = min(row.get("discriminator_accuracy", 0.0) for row in history[-2:])
    before, now = (row.get("sample_diversity", 1.0) for row in history[-2:])
    bad = max(row.get("sample_coverage", 0.0) for row in history[-2:]) < LEAST_COVERAGE
    if accuracy <= SATURATED_ACCURACY or now > GROWING * before or not bad:
        return {}
    advice = "Try a lower learning rate for the discriminator, noise or dropout in it, or smoothed labels."
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
            advice = "Try the non-saturating loss, or a weaker opponent."
            found[f"vanishing {name}"] = f"the {player}'s gradient has all but vanished: {now:.2g}. {advice}"
    return found


SYMPTOMS = (collapse, saturation, closed_gates, gradients)

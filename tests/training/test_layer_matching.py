"""Layers are matched by network, order, kind and shape, and not by the numbers in their names."""

from __future__ import annotations

from tfgan_models.training.layer_matching import Weight, match


def dense(network: str, name: str, *sizes: int) -> list[Weight]:
    return [Weight(network, f"{name}/kernel", sizes), Weight(network, f"{name}/bias", sizes[-1:])]


def test_numbers_of_names_do_not_count():
    child = dense("encoder", "dense", 8, 4) + dense("encoder", "dense_1", 4, 2)
    parent = dense("encoder", "dense_7", 8, 4) + dense("encoder", "dense_8", 4, 2)
    matched = match(child, parent)
    assert matched.pairs == {i: i for i in range(4)}
    assert not matched.new
    assert not matched.unused


def test_networks_are_matched_by_their_purpose_and_not_by_their_order():
    child = dense("generator", "dense", 4, 8) + dense("critic", "dense_1", 4, 8)
    parent = (
        dense("encoder", "dense", 4, 8) + dense("discriminator", "dense_1", 4, 8) + dense("decoder", "dense_2", 4, 8)
    )
    assert match(child, parent).pairs == {0: 4, 1: 5, 2: 2, 3: 3}


def test_a_layer_fits_with_all_of_its_weights_or_not_at_all():
    child = dense("decoder", "dense", 4, 8) + dense("decoder", "out", 8, 3)
    parent = dense("decoder", "dense", 6, 8) + dense("decoder", "out", 8, 3)
    matched = match(child, parent)
    assert matched.pairs == {2: 2, 3: 3}
    assert list(map(str, matched.new)) == ["decoder/dense"]
    assert list(map(str, matched.unused)) == ["decoder/dense"]


def test_a_further_stage_does_not_shift_the_others():
    stages = [weight for i in range(4) for weight in dense("decoder", f"dense_{i}", 2**i, 2 ** (i + 1))]
    assert match(stages, stages[2:]).pairs == {i: i - 2 for i in range(2, 8)}


def test_a_wrapper_of_the_same_name_may_be_repeated_or_not():
    child = [Weight("critic", "logit/u", (1,)), *dense("critic", "logit/logit", 8, 1)]
    parent = [Weight("critic", "logit/u", (1,)), *dense("critic", "logit", 8, 1)]
    matched = match(child, parent)
    assert matched.pairs == {0: 0, 1: 1, 2: 2}
    assert list(map(str, match(child, []).new)) == ["critic/logit"]


def test_unknown_networks_are_one_sequence_and_counters_are_left_out():
    child = [None, *dense("encoder", "dense", 8, 4), None, *dense("decoder", "dense", 4, 8)]
    parent = [None, *dense("", "dense_3", 8, 4), *dense("", "dense_4", 4, 8)]
    assert match(child, parent).pairs == {1: 1, 2: 2, 4: 3, 5: 4}

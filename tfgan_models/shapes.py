"""Sizes of tensors."""

from __future__ import annotations


def known(size: int | None) -> int:
    """Return a size of a tensor's shape, which has to be known when the graph is built.

    Raises:
        ValueError: it is unknown.
    """
    if size is None:
        raise ValueError("a size of the shape is None: give a tensor of known shape")
    return size

"""Static shapes of tensors."""

from __future__ import annotations


def static_size(size: int | None) -> int:
    """Return a dimension of a tensor's static shape.

    Raises:
        ValueError: the dimension is not known when the graph is built.
    """
    if size is None:
        raise ValueError("a size of the shape is None: give a tensor of known shape")
    return size

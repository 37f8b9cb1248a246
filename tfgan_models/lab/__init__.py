"""Experiments in two dimensions, small enough to try every technique beside the others: ``train/lab.py``.

In reading order: ``xy_game`` (the smallest game of two players), ``mixtures`` (points with modes, and how samples are
scored against them), ``hacks`` (what is tried, as plain data), ``settings``, ``networks``, ``training`` (a hack's model
and its runs), ``tasks`` (runs as plain values), ``notebook`` (finished ones in a file), ``workers`` (processes that do
them), ``report`` (tables and pictures).
"""

"""Experiments in two dimensions, small enough to try every technique beside the others: ``tfgan lab``.

In reading order: ``xy_game`` (the smallest game of two players), ``mixtures`` (points with modes, and how samples are
scored against them), ``techniques`` (what is tried, as plain data), ``settings``, ``networks``, ``training`` (a hack's
model and its runs), ``tasks`` (runs as plain values), ``results_file`` (finished ones in a file), ``report`` (tables
and pictures). ``eigen`` compares methods for eigenvectors and is not a game. ``training.processes`` has the processes
that do them.
"""

"""Two-dimensional experiments that compare all techniques: ``tfgan lab``.

In reading order: ``xy_game`` (the smallest game of two players), ``mixtures`` (points with modes, and the score of
samples), ``techniques`` (the techniques as plain data), ``networks``, ``tasks`` (runs as plain values), ``training`` (a
technique's model and its runs), ``results_file`` (completed runs in a file), ``report`` (tables and pictures).
``eigen`` compares methods for eigenvectors and is not a game. ``training.processes`` runs the tasks in processes.
"""

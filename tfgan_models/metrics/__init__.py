"""Measures of generative models: a paper in each file, functions of NumPy arrays.

Most take *features*, ``[n, d]``: what an extractor, chosen and named by the caller, makes of images. Features of
different extractors must not be compared. Everything is computed in float64, and TensorFlow is not imported until a
function needs it.
"""

"""Measures of generative models: a paper in each file, functions of NumPy arrays.

Most take *features*, ``[n, d]``: what an extractor, chosen and named by the caller, makes of images. Features of
different extractors must not be compared. Distances, moments and scores are computed in float64, without TensorFlow;
MS-SSIM is TensorFlow's, in float32, and the extractors are Keras networks, whose features are float32.
"""

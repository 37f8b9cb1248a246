"""Metrics of generative models: one paper per file, functions of NumPy arrays.

Most take *features*, ``[n, d]``, the output of an extractor that the caller chooses and reports. Features of different
extractors must not be compared. Distances, moments and scores are computed in float64, without TensorFlow;
MS-SSIM is TensorFlow's, in float32, and the extractors are Keras networks, whose features are float32.
"""

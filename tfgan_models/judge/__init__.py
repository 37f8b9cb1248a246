"""The human test: people say which pictures are real, after HYPE (Zhou et al. 2019, 1904.01121).

This folder imports no TensorFlow and no page: it takes arrays, returns dataclasses, and keeps answers in a SQLite file.
"""

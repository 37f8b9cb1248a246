"""The drawing of the embedded faces, in NumPy and Pillow.

In reading order: ``attributes`` and ``sampling`` (which attributes a face has), ``face`` (attributes and continuous
parameters of one face), ``drawing`` (its image), ``canvas``, ``curves`` and ``colors`` (drawing tools), one module for
each part of the picture, and ``parallel`` (many faces on all processors).
"""

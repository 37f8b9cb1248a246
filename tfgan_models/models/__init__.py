"""Algorithms, one in each file. They receive their networks and know nothing of data or flags."""

"""Layers of our own, one in each file."""

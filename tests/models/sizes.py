"""Sizes of the small models."""

SIZE, CHANNELS, LATENT, ATTRIBUTES, CLASSES, BATCH = 16, 1, 4, 3, 3, 8
STYLE = LATENT - CLASSES  # where a latent is a class and a style
WIDTH = 1 / 16

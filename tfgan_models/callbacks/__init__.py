"""Callbacks that draw, measure, check and save during training."""

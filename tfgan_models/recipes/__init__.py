"""One algorithm a file: its flags, its presets, and the model that they build. No TensorFlow at import."""

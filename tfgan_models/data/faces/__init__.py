"""The embedded data set of drawn faces; import the module you need, since only ``builder`` needs TensorFlow."""

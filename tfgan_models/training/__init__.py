"""The engine: a run from its flags to the export, checkpoints, averaged weights, devices and sweeps."""

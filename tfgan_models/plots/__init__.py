"""Drawing: grids of images, maps of latent spaces, confusion matrices, error and time, and pictures for TensorBoard."""

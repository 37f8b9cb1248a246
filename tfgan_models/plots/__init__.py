"""Drawing: grids of images, maps of latent spaces, confusion matrices, and pictures for TensorBoard."""

"""Drawing of image grids, maps of latent spaces and confusion matrices, as PNG files and for TensorBoard."""

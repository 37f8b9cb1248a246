"""What happens beside the training: pictures, checkpoints, figures, a watch on the losses."""

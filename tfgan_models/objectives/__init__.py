"""Pure functions that models add up: losses, penalties, targets, augmentation, priors."""

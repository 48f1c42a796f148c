"""Trained weights: the loop, its stages, checkpoints, and going on where it was interrupted."""

"""Training systems of the reference checkpoints."""

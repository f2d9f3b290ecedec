"""Plan, decode, perturb, predict, write: the only step that touches audio or a model."""

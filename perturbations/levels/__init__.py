"""Changes of level and of amplitude."""

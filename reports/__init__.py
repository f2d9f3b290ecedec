"""Renderings of findings; they format, and compute nothing."""

"""Perturbations: one idea per file; imports nothing of the other folders."""

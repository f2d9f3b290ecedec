"""Probes of sensitivity, not label preserving: pitch, tempo, formants."""

"""Corpus layouts: one file each, and the decoding of audio."""

"""The synthetic corpora."""

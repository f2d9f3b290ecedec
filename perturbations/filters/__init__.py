"""Filters, microphones and sampling rates."""

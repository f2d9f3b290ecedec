"""Named sets of conditions."""

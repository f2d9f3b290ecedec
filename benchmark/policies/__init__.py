"""Policies: the limits that findings are held against, each with its source."""

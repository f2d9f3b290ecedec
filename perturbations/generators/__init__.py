"""Sounds that are made here and stand in where no noise pack has them."""

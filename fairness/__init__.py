"""Fairness: group gaps and individual speakers. Imports only benchmark and perturbations."""

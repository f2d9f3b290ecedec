"""The harness: predicts once into one table, reduces it to findings. Imports only perturbations."""

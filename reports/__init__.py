"""Renderings of a run's findings: they put in order and format, and compute no result.

``view`` turns manifest and findings into the model of ``model``; a renderer, such as ``html``, only
writes that model down. May import benchmark, fairness and perturbations; nothing imports it but entry points.
"""

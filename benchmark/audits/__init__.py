"""Audits: what each needs predicted, and how it judges the table."""

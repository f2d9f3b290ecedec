"""A page per finding code of the fairness audit, for `ser-audit explain` and docs/findings.md."""

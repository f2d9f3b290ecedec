"""A page per finding code of the audits beside it, for `ser-audit explain` and docs/findings.md."""

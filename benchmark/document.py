"""The page of all finding codes, `docs/findings.md`, made from the pages of the registered audits.

``python -m ser_audit.benchmark.document > docs/findings.md`` makes it again.
"""

from __future__ import annotations

import re
from itertools import groupby

from . import plugins
from .codes import codes

INTRODUCTION = """\
# Findings

This page is made from the pages of codes: `python -m ser_audit.benchmark.document > docs/findings.md`.
`ser-audit explain CODE` shows one of them.

A finding is one question put to the table of predictions, with its answer.

- **Estimate and interval.** The interval comes from drawing speakers, not utterances: utterances of one
  speaker are alike. With few speakers it is wide, however many utterances each of them has.
- **Verdict.** The interval is held against a limit of the policy: `pass` wholly inside, `fail` wholly
  outside, else `inconclusive`. A finding without a limit is a measurement and has no verdict.
- **Held together.** Many questions are put at once, and some interval would miss by chance. So the intervals
  of a family hold all at once; that one makes the verdict. The interval of the value alone stands beside it.
- **What would decide it.** An inconclusive finding says how many speakers would decide it at 80 % power, at
  the present utterances of each, if what is seen is true and if nothing is wrong; and whether more utterances
  of the same speakers could. It gives no number where the estimate lies within .01 of the limit. The smallest
  gap or change that the present data would show (80 % power) stands beside each that is judged.
- **Not applicable.** There was nothing to judge, or no verdict may be given: without skill on an output
  (SER201, SER209) it is neither passed nor open, and speakers of the training data are never judged. The
  message says why.

The limits below are those of the default policy; `--policy FILE` holds others against the findings.
"""


def document() -> str:
    """The page, in Markdown; of the audits that are part of this package."""
    audits = plugins.found("audits")
    own = [code for code in codes().values() if audits[code.audit].value.startswith("ser_audit.")]
    parts = [INTRODUCTION]
    for audit, found in groupby(own, lambda code: code.audit):
        parts.append(f"## {audit.capitalize()}\n")
        for code in found:
            page = re.sub(r"^## (.*)$", r"**\1**", code.page or "", flags=re.MULTILINE)
            parts.append(f"### {code.name}: {code.question}\n\n{page}")
    return "\n".join(parts)


if __name__ == "__main__":
    print(document(), end="")

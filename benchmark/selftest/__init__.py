"""The selftest: checkpoints with one planted defect each, and what an audit must find in them.

``raters`` invents raters at the level of scores, and ``planted`` plants defects in them; ``checkpoints``
wraps the bundled checkpoint in defects, and ``heard`` lets the engine run it. ``expected.csv`` holds what
must be found, and ``truth`` makes it from the mutants' true values; ``trial`` audits all mutants once, and
``matrix`` shows what was found of each.
"""

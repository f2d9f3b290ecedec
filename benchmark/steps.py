"""The later steps: from the table to findings, from findings to renderings; no audio, no model."""

from __future__ import annotations

from pathlib import Path

from . import plugins
from .errors import InputError
from .files import write_atomically
from .finding import Findings
from .policy import load
from .progress import Progress, quiet
from .run import POLICY, Run
from .spec import Spec


def score(run: Run | str | Path, policy: str | Path | None = None) -> Findings:
    """Judge a run's table by a policy, and write ``findings.json``.

    Args:
        run: the run, or its folder.
        policy: a policy's name or file; None: the one that the run was made with.

    Raises:
        InputError: the run, its table or the policy cannot be used.
    """
    from threadpoolctl import threadpool_limits

    run = run if isinstance(run, Run) else Run(run)
    missing = run.missing()
    if missing:
        raise InputError(
            f"{run.path} is incomplete: {len(missing)} of {len(run.manifest.tables)} tables are missing,"
            f" such as {missing[0]}; give the same `ser-audit run` command again"
        )
    own = run.path / POLICY
    rules = load(policy or (own if own.is_file() else run.manifest.policy))
    with threadpool_limits(1):  # draws are many small products: more threads wait for each other
        found = [f for name in run.manifest.audits for f in plugins.load("audits", name).judge(run, rules)]
    findings = Findings(policy=rules.name, findings=tuple(found))
    write_atomically(run.path / "findings.json", findings.model_dump_json(indent=1).encode())
    return findings


def render(run: Run | str | Path, renderer: str = "html") -> Path:
    """Render a run's findings, and write the rendering into its folder.

    Args:
        run: the run, or its folder.
        renderer: a registered renderer's name.

    Returns:
        the path of what was written.

    Raises:
        InputError: the run has no findings yet, or there is no such renderer.
    """
    run = Run(run.path if isinstance(run, Run) else run)  # read anew: findings may have been judged since
    module = plugins.load("renderers", renderer)
    path = run.path / module.FILENAME
    write_atomically(path, module.render(run).encode())
    return path


def audit(spec: Spec, output: str | Path, progress: Progress = quiet) -> Run:
    """All three steps: predict, score, render.

    Args:
        spec: the audit.
        output: the run's folder.
        progress: called with what is being done, how much of it is done, and of how much.

    Raises:
        InputError: something in the spec, its files or the folder is wrong.
    """
    from .engine.session import predict

    run = predict(spec, output, progress)
    score(run)
    render(run)
    return Run(output)

"""`ser-audit run`: predict, judge and report."""

from __future__ import annotations

import click

from . import settings


@click.command()
@click.argument("checkpoints", nargs=-1, required=True, metavar="CHECKPOINT… | AUDIT.TOML")
@click.option(
    "-o", "--output", required=True, metavar="RUN", help="Folder of the run; new, or one to go on with."
)
@click.option(
    "--corpus", "corpora", multiple=True, metavar="NAME=PATH", help="A corpus to score; may be repeated."
)
@click.option(
    "--rows",
    multiple=True,
    metavar="[NAME:]COLUMN=VALUE,…",
    help="Choose rows by the values of a column; may be repeated.",
)
@click.option(
    "--column",
    "columns",
    multiple=True,
    metavar="[NAME:]ROLE=COLUMN",
    help="Name a column: file, speaker, sex, emotion, arousal, group.accent, …",
)
@click.option(
    "--scale",
    "scales",
    multiple=True,
    metavar="[NAME:]DIMENSION=LOW-HIGH",
    help="Declare a truth scale, as in arousal=1-7.",
)
@click.option("--language", "languages", multiple=True, metavar="NAME=CODE", help="Language of a corpus.")
@click.option(
    "--reference",
    "references",
    multiple=True,
    metavar="NAME=VARIANT",
    help="Of takes recorded in variants (--column variant=…, take=…): what the others are compared with.",
)
@click.option(
    "--labels", metavar="MAPPING.TOML", help="From the corpora's labels to the checkpoints' classes."
)
@click.option(
    "--checkpoint-info",
    "infos",
    multiple=True,
    metavar="[NAME=]FILE",
    help="Facts that a checkpoint's file cannot tell; default: the TOML beside it.",
)
@click.option("--trust", is_flag=True, help="Open CHECKPOINTs that run code of their own (TorchScript).")
@click.option(
    "--condition", "conditions", multiple=True, metavar="ID", help="A condition; default: the default set."
)
@click.option(
    "--set", "sets", multiple=True, metavar="NAME", help="A set of conditions, by name or TOML file; one."
)
@click.option(
    "--noise-pack",
    "noise_packs",
    multiple=True,
    metavar="NAME=FOLDER",
    help="Noises and impulse responses, categories by subfolder; may be repeated.",
)
@click.option("--audit", "audits", multiple=True, metavar="NAME", help="Only this audit; may be repeated.")
@click.option(
    "--variant",
    "variants",
    multiple=True,
    metavar="NAME",
    help="Time bfloat16, int8 or compiled beside float32, and what it changes; may be repeated.",
)
@click.option("--baseline", metavar="NAME", help="The checkpoint that the others are timed against in turn.")
@click.option("--policy", metavar="NAME", help="Limits, by name or TOML file.  [default: default]")
@click.option("--limit", type=click.IntRange(1), help="Only N utterances per corpus, spread over speakers.")
@click.option(
    "--batch-size", type=click.IntRange(1), help="Utterances per batch at most.  [default: 16; 64 on CUDA]"
)
@click.option(
    "--cache/--no-cache",
    default=None,
    help="Use what earlier runs computed, and keep what this one computes.  [default: cache]",
)
@click.option("--strict", is_flag=True, default=None, help="Refuse what is else handled and counted.")
@click.option("--dry-run", is_flag=True, help="Say what would be predicted, and stop.")
@click.option("--gate", is_flag=True, help="Exit 1 if a finding fails, 3 if one is undecided.")
@settings.runtime
def run(checkpoints, output, dry_run, gate, **flags) -> int:
    """Audit CHECKPOINTs on corpora: predict, judge, and write RUN/report.html.

    A CHECKPOINT is a folder (Hugging Face, audEERING, MSP Odyssey, SpeechBrain, emotion2vec, audonnx), an
    ONNX, torch.export or TorchScript file, `file.py:name`, a table of predictions, or `bundled`;
    `ser-audit inspect CHECKPOINT` says what it is. A corpus is a table (CSV, TSV, Parquet, JSON Lines),
    an audformat folder, or `synthetic:LANGUAGE`. A killed run goes on with the same command; checkpoints,
    corpora and conditions may be added to a run.

    \b
    Examples:
      ser-audit run model.onnx --corpus ravdess=metadata.csv --rows ravdess:corpus=ravdess -o RUN
      ser-audit run hf-folder other.onnx --corpus pod=pod.csv --scale arousal=1-7 -o RUN
      ser-audit run audit.toml -o RUN
    """
    from ..steps import audit
    from .progress import shown
    from .summary import exit_code, say

    spec = _spec(checkpoints, flags)
    if dry_run:
        from ..engine.estimate import estimate

        click.echo(estimate(spec))
        return 0
    with shown() as progress:
        result = audit(spec, output, progress)
    say(result)
    return exit_code(result, gate=gate)


def _spec(checkpoints, flags):
    from ..spec import Spec, read_spec
    from ..tomlfile import validate

    runtime = ("device", "threads", "workers", "seed", "limit", "batch_size", "cache", "strict", "policy")
    shared = settings.given(**{k: flags[k] for k in (*runtime, "baseline")})
    if flags["audits"]:
        shared["audits"] = flags["audits"]
    if flags["variants"]:
        shared["variants"] = flags["variants"]
    if len(flags["sets"]) > 1:
        first, second = flags["sets"][:2]
        raise click.UsageError(
            f"--set {first} and --set {second}: give one; a second command with the same -o adds the other"
        )
    if flags["conditions"] and flags["sets"]:
        raise click.UsageError("give --condition or --set, not both")
    if flags["conditions"] or flags["sets"]:
        shared["conditions"] = flags["sets"][0] if flags["sets"] else flags["conditions"]
    if flags["noise_packs"]:
        shared["noise_packs"] = settings.named(flags["noise_packs"], "--noise-pack", "NAME=FOLDER")
    if len(checkpoints) == 1 and checkpoints[0].endswith(".toml"):
        for flag in (
            "corpora",
            "rows",
            "columns",
            "scales",
            "languages",
            "references",
            "labels",
            "infos",
            "trust",
        ):
            if flags[flag]:
                raise click.UsageError(
                    f"{checkpoints[0]} describes the audit: put {flag} there, not in a flag"
                )
        spec = read_spec(checkpoints[0])
        return validate(Spec, {**spec.model_dump(exclude_unset=True), **shared}, checkpoints[0])
    if not flags["corpora"]:
        raise click.UsageError("no corpus: give --corpus NAME=PATH, as in --corpus aru=synthetic:aru")
    corpora = settings.named(flags["corpora"], "--corpus")
    rows = settings.per_corpus(flags["rows"], "--rows", "[NAME:]COLUMN=VALUE,…", corpora)
    columns = settings.per_corpus(flags["columns"], "--column", "[NAME:]ROLE=COLUMN", corpora)
    scales = settings.per_corpus(flags["scales"], "--scale", "[NAME:]DIMENSION=LOW-HIGH", corpora)
    languages = settings.named(flags["languages"], "--language", "NAME=CODE")
    references = settings.named(flags["references"], "--reference", "NAME=VARIANT")
    for flag, given in (("--language", languages), ("--reference", references)):
        for name in set(given) - set(corpora):
            raise click.UsageError(f"{flag}: no --corpus is called {name!r}, only {', '.join(corpora)}")
    data = {
        "checkpoints": _checkpoints(checkpoints, flags["infos"], flags["trust"]),
        "corpora": [
            {
                "name": name,
                "path": path,
                "rows": {k: tuple(v.split(",")) for k, v in rows[name].items()},
                "columns": columns[name],
                "scales": {k: settings.scale(v) for k, v in scales[name].items()},
                "language": languages.get(name),
                "reference": references.get(name),
            }
            for name, path in corpora.items()
        ],
        "labels": flags["labels"],
        **shared,
    }
    return validate(Spec, data, "the command line")


def _checkpoints(references, infos, trust) -> list[dict]:
    from pathlib import Path

    entries = [{"path": reference, "info": None, "trust": trust} for reference in references]
    for info in infos:
        name, separator, file = info.partition("=")
        matching = [e for e in entries if separator and name in (Path(e["path"]).name, Path(e["path"]).stem)]
        if not separator and len(entries) == 1:
            matching, file = entries, info
        if len(matching) != 1:
            names = ", ".join(Path(e["path"]).stem for e in entries)
            raise click.UsageError(
                f"--checkpoint-info {info!r}: give it as NAME=FILE, with NAME one of {names}"
            )
        matching[0]["info"] = file
    return entries

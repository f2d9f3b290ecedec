"""From columns of text to utterances: what every layout that is a table at heart has in common."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from ..corpus import DIMENSIONS, CorpusOptions, Utterance
from ..errors import InputError
from .columns import find_columns, how_to_name, required
from .identity import file_names
from .limit import limited
from .readers import Cells
from .row import RowReader
from .rows import check_filled, choose_rows
from .takes import paired
from .truth import Scale, check_scales


@dataclass(frozen=True)
class TableCorpus:
    """A corpus that a table lists."""

    name: str
    format: str
    source: str
    revision: str
    utterances: tuple[Utterance, ...]
    scales: Mapping[str, Scale]  # dimension -> the declared scale that its truth was mapped from
    labels: tuple[str, ...]  # every emotion label of the table, in rows that were not chosen too
    reference: str | None = None  # of the variants that its takes were recorded in

    @cached_property
    def languages(self) -> tuple[str, ...]:
        """Languages of its utterances, sorted; empty where unknown."""
        return tuple(sorted({u.groups["language"] for u in self.utterances if "language" in u.groups}))


def table_corpus(
    name: str,
    *,
    format: str,
    source: str,
    folder: Path,
    cells: Cells,
    options: CorpusOptions,
    declared: Mapping[str, Scale] | None = None,
) -> TableCorpus:
    """The corpus that a table lists.

    Args:
        name: of the corpus.
        format: of its layout.
        source: name of its file or folder.
        folder: where its relative file names start.
        cells: the table; at least one row.
        options: what the user says.
        declared: column -> scale, where the layout itself declares one; the user's win.

    Raises:
        InputError: see the messages; each names the corpus, the value, and what would be right.
    """
    found = list(cells)
    columns = find_columns(name, found, options.columns)
    file = required(name, "file", columns, found)
    required(name, "speaker", columns, found)
    if not {"emotion", *DIMENSIONS} & set(columns):
        raise InputError(
            f"corpus {name}: no column is truth (emotion, {', '.join(DIMENSIONS)}); columns found:"
            f" {', '.join(found)}: {how_to_name(name, 'emotion')}"
        )
    if "end" in columns and "start" not in columns:
        raise InputError(
            f"corpus {name}: the column {columns['end']!r} ends segments, but none starts them:"
            f" {how_to_name(name, 'start')}"
        )
    rows = choose_rows(name, cells, options.rows, columns.get("corpus"))
    for role in ("file", "speaker"):
        check_filled(name, role, columns[role], cells, rows)
    scales = _scales(name, columns, options, declared or {})
    # Named over the whole table: ids do not depend on the rows that are chosen.
    named = {i: cell for i, cell in enumerate(cells[file]) if cell is not None}
    names = dict(zip(named, file_names(list(named.values()), folder), strict=True))
    reader = RowReader(name, cells, columns, scales, options.language, folder, names)
    reader.check_declared(rows)
    utterances = [reader.utterance(i) for i in rows]
    repeated = [u for u, times in Counter(u.id for u in utterances).items() if times > 1]
    if repeated:
        raise InputError(
            f"corpus {name}: the utterance {repeated[0]!r} stands in several rows"
            f" ({len(repeated)} such utterance(s)): keep one row of each"
        )
    utterances = paired(name, utterances, rows, cells, columns, options.reference)
    revision = _revision(utterances)
    if options.limit is not None:
        utterances = limited(utterances, options.limit, options.seed)
    used = {d: s for d, s in scales.items() if any(cells[columns[d]][i] is not None for i in rows)}
    labels = {v for v in cells[columns["emotion"]] if v is not None} if "emotion" in columns else set()
    return TableCorpus(
        name, format, source, revision, tuple(utterances), used, tuple(sorted(labels)), options.reference
    )


def _scales(
    corpus: str, columns: Mapping[str, str], options: CorpusOptions, declared: Mapping[str, Scale]
) -> dict[str, Scale]:
    """Dimension -> its scale; the user's before the layout's."""
    given = dict(options.scales)
    own = {d: declared[columns[d]] for d in DIMENSIONS if d in columns and columns[d] in declared}
    check_scales(corpus, {**own, **given})
    for dimension in given:
        if dimension not in columns:
            raise InputError(
                f"corpus {corpus}: a scale is given for {dimension}, but no column is {dimension}:"
                f" {how_to_name(corpus, dimension)}"
            )
    return {d: (float(low), float(high)) for d, (low, high) in {**own, **given}.items()}


def _revision(utterances: Iterable[Utterance]) -> str:
    """A hash of what is scored: ids, truth, groups, words, and sizes of the files in bytes."""
    digest = hashlib.sha256()
    for utterance in sorted(utterances, key=lambda u: u.id):
        record = (
            utterance.id,
            utterance.speaker,
            dict(utterance.truth),
            dict(utterance.groups),
            utterance.transcript,
            _size(utterance.load),
            *([{v: _size(load) for v, load in utterance.variants.items()}] if utterance.variants else []),
        )
        digest.update(json.dumps(record, sort_keys=True).encode() + b"\n")
    return f"sha256:{digest.hexdigest()}"


def _size(load: Callable) -> int | None:
    try:
        return Path(load.file).stat().st_size  # type: ignore[attr-defined]  # a Source
    except OSError:
        return None

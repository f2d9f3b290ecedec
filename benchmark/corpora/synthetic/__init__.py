"""The synthetic corpora: invented speech of invented speakers, with emotion planted where theory puts it.

A reference ``synthetic:LANGUAGE?KEY=VALUE&KEY=VALUE`` opens one:

==============  ==============================================================================
LANGUAGE        ``aru`` or ``beno``: two vowel systems, two vocabularies
``speakers``    how many, women and men in turn (default 24)
``utterances``  of each speaker (default 10)
``seed``        of all draws; other seeds are other people with the same names (default 0)
``noise``       a planted defect ``GROUP:VALUE:SNR``: white noise at SNR dB under all utterances
                of a ``sex``, ``speaker`` or ``language``; may be given several times, such as
                ``noise=sex:female:10&noise=speaker:aru_s02:0``
==============  ==============================================================================

Speech is 16 kHz, mono, 1.0–2.2 s an utterance. Truth: ``arousal``, ``dominance``, ``valence`` in [0, 1],
and ``emotion`` (anger, happiness, neutral, sadness). Groups: ``sex``, ``language``, ``age``.
"""

from .corpus import SyntheticCorpus, open_corpus
from .reference import SCHEME

__all__ = ["SyntheticCorpus", "open_corpus", "recognises"]


def recognises(path: str) -> bool:
    """Whether ``path`` is a reference to a synthetic corpus."""
    return path.startswith(SCHEME)

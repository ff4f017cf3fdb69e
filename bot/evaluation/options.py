"""What can be chosen on the command line, apart from what it leads to, so that `--help` loads nothing."""

from enum import StrEnum


class SystemName(StrEnum):
    """The systems that can be evaluated: ours, what the usual tutorial builds, BM25 alone."""

    FOOTNOTE = "footnote"
    NAIVE = "naive"
    KEYWORD = "keyword"


class Replay(StrEnum):
    """Which conversation a question is asked in: after the system's own answers, the recorded ones, none.

    A question that is `REWRITTEN` is asked as people made it stand alone.
    """

    OWN = "own"
    RECORDED = "recorded"
    NONE = "none"
    REWRITTEN = "rewritten"


class Only(StrEnum):
    """What a run can be limited to."""

    RETRIEVAL = "retrieval"


class SetName(StrEnum):
    """The public data sets that cases are made of."""

    SQUAD = "squad"
    MULTIHOP_RAG = "multihop-rag"
    MTRAG = "mtrag"
    CANARD = "canard"
    POLNEAR = "polnear"

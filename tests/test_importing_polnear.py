"""PolNeAR becomes texts with attributions, from either of its forms."""

from pathlib import Path

import pytest

from bot.evaluation.cases import Case, Parts
from bot.evaluation.importing.sets import import_set
from retrieval.errors import CaseError
from tests.sets import cases_of, write_lines

NEWS = "Riga votes.\n\nAnn Lee said on Monday “we won”, she added, “at last”."
SAYING = Parts(source=((13, 20),), cue=((21, 25),), content=((36, 44), (57, 66)))
ADDED = Parts(cue=((50, 55),))


def polnear(folder: Path, *, is_published: bool) -> None:
    name = "nyt_2016-01-02_riga-votes"
    if is_published:
        home = folder / "data/train"
        (home / "text").mkdir(parents=True)
        (home / "attributions").mkdir()
        for text in (name, "nyt_2016-01-03_set-aside"):
            (home / f"text/{text}.txt").write_bytes(NEWS.encode())
        head = "T1\tSource 13 20\tAnn Lee\nT2\tCue 21 25\tsaid\nT3\tContent 36 44;57 66\t“we won” “at last”\n"
        last = "T4\tAttribution 21 25\tsaid\nE1\tAttribution:T4 Content:T3 Cue:T2 Source:T1\n"
        more = "T5\tCue 50 55\tadded\nT6\tAttribution-no-source 50 55\tadded\n"
        more += "E2\tAttribution-no-source:T6 Cue:T5\n"
        (home / f"attributions/{name}_4b22.ann").write_text(head + last, "utf-8")
        (home / f"attributions/{name}_d473.ann").write_text(
            more + head + last + "E3\tAttribution:T4\n", "utf-8"
        )
        (home / "attributions/nyt_2016-01-03_set-aside_d473.ann").write_text("T1\tDiscuss 0 5\tRiga \n")
    else:
        row = {"split": "train", "publisher": "nyt", "text": NEWS}
        ids = [name, "nyt_2016-01-03_set-aside"]
        write_lines(folder / "articles.train.jsonl.gz", [{"id": text, **row} for text in ids])
        said = {"article": name, "source": [[13, 20]], "cue": [[21, 25]], "content": [[36, 44], [57, 66]]}
        write_lines(folder / "attributions.train.jsonl.gz", [
            {**said, "annotator": "4b22"},
            {"article": name, "cue": [[50, 55]], "annotator": "d473"},
            {**said, "annotator": "d473"},
            {"article": name, "annotator": "d473", "kind": "indirect"},
        ])  # fmt: skip


@pytest.mark.parametrize("is_published", [True, False])
def test_polnear_when_read_takes_who_marked_most(is_published: bool, tmp_path: Path) -> None:
    polnear(tmp_path / "set", is_published=is_published)
    imported = import_set("polnear", tmp_path / "set", tmp_path / "out")
    assert (imported.cases, imported.turns, imported.articles_path) == (1, 1, None)
    assert imported.notes == ("Articles left out, because nobody marked anything: 1.",)
    assert cases_of(imported) == [
        Case(
            id="nyt_2016-01-02_riga-votes", text=NEWS, attributions=(SAYING, ADDED), language="en",
            tags=("publisher: nyt", "split: train"),
        )
    ]  # fmt: skip


def test_polnear_when_files_lie_side_by_side_reads_them(tmp_path: Path) -> None:
    (tmp_path / "one.txt").write_bytes(b"Ann said no.\r\nBo said yes.")
    (tmp_path / "one.ann").write_text(
        "T1\tSource 14 16\tBo\nT2\tCue 17 21\tsaid\nE1\tAttribution:T2 Cue:T2 Source:T1"
    )
    (case,) = cases_of(import_set("polnear", tmp_path, tmp_path / "out"))
    assert case.text is not None
    assert [case.text[start:end] for start, end in case.attributions[0].source] == ["Bo"]


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("T1\tSource\tBo", r"line 1: it does not say where it stands"),
        ("E1\tAttribution:T9 Cue:T9", r"line 1: its cue is 'T9', which no line of the file marks"),
        (
            "T1\tCue 3 900\tsaid\nE1\tAttribution:T1 Cue:T1",
            r"line 2: the place 3-900 is not in the text of one",
        ),
    ],
)
def test_polnear_when_a_line_is_malformed_names_it(line: str, why: str, tmp_path: Path) -> None:
    (tmp_path / "one.txt").write_text("Ann said no.")
    (tmp_path / "one.ann").write_text(line)
    with pytest.raises(CaseError, match=r"one\.ann, " + why):
        import_set("polnear", tmp_path, tmp_path / "out")

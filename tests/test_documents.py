"""PDF, Word, mail, EPUB and saved pages are read as articles; what cannot be read is said so."""

import zlib
from datetime import date
from io import BytesIO

import pytest
from docx import Document
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls
from hypothesis import given, settings
from hypothesis import strategies as st

from retrieval.documents import read_document
from retrieval.formats import DOCUMENT_SUFFIXES, Draft, Unreadable
from tests.document_samples import STORY, archive, chapter, encrypted, epub, pdf, pdf_of
from tests.page_samples import ENGLISH, page

TODAY = date(2024, 11, 20)
LONG = "<p>The bridge between the two towns will open in May, the minister said.</p>" * 4


def read(data: bytes, kind: str) -> list[Draft | Unreadable]:
    return read_document(data, kind, today=TODAY)


def only(data: bytes, kind: str) -> Draft:
    (draft,) = read(data, kind)
    assert isinstance(draft, Draft)
    return draft


def word_file(write_more: bool = True) -> bytes:
    file = Document()
    file.core_properties.author = "Anna Berg"
    file.core_properties.title = "template_v3_final"
    if write_more:
        file.add_paragraph("Bridge opens in May", style="Title")
        file.add_paragraph("By Anna Berg")
        row = file.add_table(1, 2).rows[0]
        row.cells[0].text, row.cells[1].text = "Length", "1,200 metres"
        changed = file.add_paragraph("The bridge opens in ")._p
        run = "<w:r><w:t>{0}</w:t></w:r>"
        names = nsdecls("w")
        changed.append(parse_xml(f"<w:ins {names} w:id='1' w:author='x'>{run.format('May')}</w:ins>"))
        changed.append(
            parse_xml(f"<w:del {names} w:id='2' w:author='x'><w:r><w:delText>June</w:delText></w:r></w:del>")
        )
        changed.append(parse_xml(f"<w:r {names}><w:t>.</w:t></w:r>"))
        file.sections[0].header.paragraphs[0].text = "Confidential"
    stream = BytesIO()
    file.save(stream)
    return stream.getvalue()


def mail(body: str, content_type: str = "text/plain; charset=utf-8", more: str = "") -> bytes:
    return (
        "From: =?utf-8?q?Anna_Bj=C3=B6rk?= <anna@example.com>\r\nTo: li@example.com\r\n"
        "Subject: =?utf-8?q?Bridge_opens_=E2=80=93_at_last?=\r\n"
        "Date: Thu, 07 Nov 2024 09:30:00 +0100 (CET)\r\n"
        f"MIME-Version: 1.0\r\nContent-Type: {content_type}\r\n{more}\r\n{body}"
    ).encode()


def test_pdf_lines_are_paragraphs_again_without_running_heads() -> None:
    others = [
        [f"{town} waits for its own {thing}."] for town, thing in (("Riga", "bridge"), ("Turku", "ferry"))
    ]
    pages = [
        ["Example Daily", *lines, f"Page {number} of 3"] for number, lines in enumerate([STORY, *others], 1)
    ]
    assert only(pdf(pages), ".pdf").text.split("\n") == [
        "The bridge between the two towns will open in May, the minister of transport said on Thursday"
        " in Riga. Work began in 2019 and was stopped twice, once by a strike and once by a crane ship.",
        "Anna Berg runs the ferry company that will close in June, when the long-term contract ends."
        " She has a long list and no term.",
        "Riga waits for its own bridge.",
        "Turku waits for its own ferry.",
    ]


def test_pdf_heading_stands_alone() -> None:
    lines = only(pdf([["Bridge opens in May", *STORY]]), ".pdf").text.split("\n")
    assert lines[0] == "Bridge opens in May"


def test_pdf_metadata_counts_only_where_the_pages_say_the_same() -> None:
    info = "/Title (Bridge opens in May) /Author (Anna Berg) /CreationDate (D:20241107093000Z)"
    found = only(pdf([["Bridge opens in May", *STORY]], info), ".pdf").fields
    assert found == {"title": "Bridge opens in May", "author": "Anna Berg"}
    info = "/Title (Microsoft Word - draft7.doc) /Author (user1)"
    assert only(pdf([STORY], info), ".pdf").fields == {"title": None, "author": None}


def test_pdf_protected_for_changes_alone_is_read() -> None:
    assert "crane ship" in only(encrypted(pdf([STORY]), ""), ".pdf").text


@pytest.mark.parametrize(
    ("data", "why"),
    [
        pytest.param(encrypted(pdf([STORY]), "secret"), "protected with a password", id="password"),
        pytest.param(
            pdf([[]] * 3, with_pictures=True), "is a scan: its pages hold pictures and no", id="scan"
        ),
        pytest.param(pdf([["Scanned 1"]] * 3, with_pictures=True), "is a scan", id="stamped scan"),
        pytest.param(pdf([[]]), "holds no text", id="no text"),
        pytest.param(pdf([STORY])[:-400], "damaged|no text", id="cut"),
        pytest.param(b"%PDF-1.7\nrubbish", "damaged PDF", id="rubbish"),
        pytest.param(b"hello", "it is no PDF", id="text"),
        pytest.param(pdf([[]] * 2001), "more than 2,000 pages", id="pages"),
        pytest.param(
            pdf_of([zlib.compress(b" " * 21_000_000, 9)]), "unpacks to more than may be read", id="bomb"
        ),
        pytest.param(
            pdf_of([zlib.compress(b" " * 19_000_000, 9)] * 12), "unpacks to more than may be read", id="bombs"
        ),
    ],
)
def test_pdf_that_cannot_be_read_is_refused(
    data: bytes, why: str, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    with pytest.raises(Unreadable, match=why):
        read(data, ".pdf")
    assert capfd.readouterr() == ("", "")
    assert not caplog.records


def test_word_file_holds_paragraphs_tables_and_accepted_changes_in_order() -> None:
    found = only(word_file(), ".docx")
    assert found.text.split("\n") == [
        "Bridge opens in May", "By Anna Berg", "Length | 1,200 metres", "The bridge opens in May.",
    ]  # fmt: skip
    assert found.fields == {"title": "Bridge opens in May", "author": "Anna Berg"}


@pytest.mark.parametrize(
    ("data", "why"),
    [
        pytest.param(word_file(write_more=False), "holds no text", id="no text"),
        pytest.param(word_file()[:5000], "damaged, or not a .docx", id="cut"),
        pytest.param(archive({"a.txt": "x"}), "damaged, or not a .docx", id="other archive"),
        pytest.param(
            b"\xd0\xcf\x11\xe0" * 200, "protected with a password, or of an older form", id="password"
        ),
        pytest.param(archive({"a": bytes(40_000_000)}), "over 200 times its size", id="bomb"),
        pytest.param(archive({"a": bytes(51_000_000)}), "unpacks to more than may be read", id="large part"),
        pytest.param(archive({str(n): "" for n in range(10_001)}), "unpacks to more", id="many parts"),
    ],
)
def test_word_file_that_cannot_be_read_is_refused(data: bytes, why: str) -> None:
    with pytest.raises(Unreadable, match=why):
        read(data, ".docx")


def test_mail_is_read_without_what_it_quotes_and_signs() -> None:
    body = (
        "The bridge opens in May.\r\n\r\nOn Wed, 6 Nov 2024 at 10:00, Li Wei\r\n"
        "<li@example.com> wrote:\r\n> When?\r\n> > Soon?\r\n\r\n"
        "More to come.\r\n-- \r\nAnna Björk\r\nExample News\r\n"
    )
    found = only(mail(body), ".eml")
    assert found.text == "The bridge opens in May.\n\nMore to come."
    assert found.fields == {
        "title": "Bridge opens – at last", "author": "Anna Björk", "published": "2024-11-07T09:30:00+01:00",
    }  # fmt: skip


def test_mail_without_usable_headers_keeps_its_text() -> None:
    found = only(b"Subject: " + b"=?utf-8?q?a?= " * 20_000 + b"\n\nThe bridge opens.", ".eml")
    assert (found.text, found.fields["title"]) == ("The bridge opens.", None)


def test_mail_below_an_original_message_is_left_out() -> None:
    body = "Agreed.\n\n-----Original Message-----\nFrom: Li\n\nThe old text.\n"
    assert only(mail(body), ".eml").text == "Agreed."


def test_mail_that_flows_has_its_paragraphs_joined() -> None:
    body = "The bridge opens \r\nin May.\r\n\r\nNext \r\none.\r\n"
    assert (
        only(mail(body, "text/plain; format=flowed"), ".eml").text == "The bridge opens in May.\n\nNext one."
    )


def test_mail_of_html_and_attachments_gives_its_text() -> None:
    html = (
        "<html><head><style>p{}</style></head><body><h1>News</h1><p>The bridge&nbsp;opens\nin May.</p><ul>"
        "<li>One</li></ul><blockquote type='cite'>old</blockquote></body></html>"
    )
    parts = (
        f"--b\r\nContent-Type: text/html; charset=utf-8\r\n\r\n{html}\r\n--b\r\nContent-Type: text/plain\r\n"
        "Content-Disposition: attachment; filename=a.txt\r\n\r\nattached\r\n--b--\r\n"
    )
    found = only(mail(parts, 'multipart/mixed; boundary="b"'), ".eml")
    assert found.text == "News\nThe bridge opens in May.\n- One"


@pytest.mark.parametrize(
    ("data", "why"),
    [
        pytest.param(b"hello\n\nworld", "no mail", id="text"),
        pytest.param(mail("> quoted\r\n"), "without text of its own", id="quotes alone"),
        pytest.param(mail("\r\n--b" * 5_001, 'multipart/mixed; boundary="b"'), "too many parts", id="parts"),
        pytest.param(mail("x", "text/plain; " + "a=b; " * 3_000), "too long headers", id="headers"),
        pytest.param(mail("\0\x01\x02" * 100), "binary", id="binary"),
    ],
)
def test_mail_that_cannot_be_read_is_refused(data: bytes, why: str) -> None:
    with pytest.raises(Unreadable, match=why):
        read(data, ".eml")


def test_book_is_an_article_for_each_chapter_in_its_own_order() -> None:
    note = '<p>Ferries stop<a epub:type="noteref" href="#n">3</a> in June.<br/>Then trains.</p>'
    book = epub(
        {
            "b": chapter("Trains &amp; ships", LONG + note),
            "cover": chapter("Cover", ""),
            "a": chapter("Start", LONG),
        },
        spine=("a", "cover", "b", "missing"),
    )
    drafts = [draft for draft in read(book, ".epub") if isinstance(draft, Draft)]
    assert [draft.fields["title"] for draft in drafts] == ["The Sound: Start", "The Sound: Trains & ships"]
    assert drafts[1].text.endswith("Ferries stop in June.\nThen trains.")
    assert {**drafts[0].fields, "title": None} == {
        "author": ["Anna Berg", "Li Wei"], "publisher": "Example Press", "published": "2019-05-06",
        "language": "en", "title": None,
    }  # fmt: skip


def test_book_with_one_chapter_too_large_gives_the_others_and_says_so() -> None:
    found = read(epub({"a": chapter("A", LONG), "b": chapter("B", "<i></i>" * 20_001)}), ".epub")
    assert isinstance(found[0], Draft)
    assert str(found[1]) == "chapter file 2: the page has more than 40,000 tags"


PROTECTED = {
    "META-INF/encryption.xml": '<encryption xmlns:e="http://www.w3.org/2001/04/xmlenc#">'
    '<e:CipherReference URI="OPS/text/a%20x.xhtml"/></encryption>'
}
OUTSIDE = {"META-INF/container.xml": '<!DOCTYPE c [<!ENTITY x SYSTEM "file:///etc/passwd">]><c>&x;</c>'}


@pytest.mark.parametrize(
    ("data", "why"),
    [
        pytest.param(
            epub({"a": chapter("A", LONG)}, PROTECTED), r"protected against copying \(DRM\)", id="DRM"
        ),
        pytest.param(epub({"a": chapter("A", "<p>x</p>")}), "no chapter holds text", id="no text"),
        pytest.param(epub({"a": chapter("A", LONG)})[:500], "damaged, or not an .epub", id="cut"),
        pytest.param(archive({"a.txt": "x"}), "lacks 'META-INF/container.xml'", id="other archive"),
        pytest.param(archive(OUTSIDE), "does not say what its chapters are", id="entities"),
        pytest.param(archive({"a": bytes(40_000_000)}), "zip bomb", id="bomb"),
    ],
)
def test_book_that_cannot_be_read_is_refused(data: bytes, why: str) -> None:
    with pytest.raises(Unreadable, match=why):
        read(data, ".epub")


def test_saved_page_is_read_as_a_page() -> None:
    assert only(page(ENGLISH), ".HTM").text.startswith("The bridge between")


@pytest.mark.parametrize(
    ("data", "kind", "why"),
    [
        (b"x", ".doc", r"of a kind that is not read \('.doc'\)"),
        (b" \n", ".pdf", "it is empty"),
        (b"%PDF-" + bytes(50_000_000), ".pdf", "larger than 50 MB"),
    ],
    ids=["kind", "empty", "large"],
)
def test_other_files_are_refused(data: bytes, kind: str, why: str) -> None:
    with pytest.raises(Unreadable, match=why):
        read(data, kind)


SAMPLES = {
    ".pdf": pdf([STORY]),
    ".docx": word_file(),
    ".epub": epub({"a": chapter("A", LONG)}),
    ".eml": mail("x\n"),
}


@settings(deadline=None)
@given(st.sampled_from(sorted(DOCUMENT_SUFFIXES)), st.binary(max_size=400))
def test_any_bytes_are_read_or_unreadable(kind: str, data: bytes) -> None:
    for start in (b"", b"%PDF-1.7\n", b"Subject: x\n"):
        try:
            read(start + data, kind)
        except Unreadable as error:
            assert str(error)


@settings(deadline=None, max_examples=80)
@given(st.sampled_from(sorted(SAMPLES)), st.floats(0, 1), st.binary(max_size=4), st.booleans())
def test_damaged_file_is_read_or_unreadable(kind: str, share: float, damage: bytes, is_cut: bool) -> None:
    data = SAMPLES[kind]
    place = int(share * len(data))
    try:
        read(data[:place] + damage + (b"" if is_cut else data[place + len(damage) :]), kind)
    except Unreadable as error:
        assert str(error)

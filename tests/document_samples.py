"""Files of pages, mail and books, made as programs make them."""

import zlib
from collections.abc import Mapping, Sequence
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile

from pypdf import PdfReader, PdfWriter

STORY = [
    "The bridge between the two towns will open in May, the minister of trans-",
    "port said on Thursday in Riga. Work began in 2019 and was stopped twice,",
    "once by a strike and once by a crane ship.",
    "Anna Berg runs the ferry company that will close in June, when the long-",
    "term contract ends. She has a long list and no term.",
]
PICTURE = b"<< /Type /XObject /Subtype /Image /Width 1 /Height 1 /ColorSpace /DeviceGray /BitsPerComponent 8"


def pdf(pages: Sequence[Sequence[str]], info: str = "", *, with_pictures: bool = False) -> bytes:
    """Write a PDF by hand: a page for each list of lines."""
    streams = [
        b"BT /F1 12 Tf 72 720 Td 14 TL "
        + b" ".join(b"(%s) Tj T*" % line.encode("cp1252") for line in page)
        + b" ET"
        for page in pages
    ]  # fmt: skip
    return pdf_of([zlib.compress(stream) for stream in streams], info, with_pictures=with_pictures)


def pdf_of(streams: Sequence[bytes], info: str = "", *, with_pictures: bool = False) -> bytes:
    """Write a PDF of pages whose contents are compressed already."""
    picture = b" /XObject << /P 4 0 R >>" if with_pictures else b""
    kids = b" ".join(b"%d 0 R" % (6 + 2 * place) for place in range(len(streams)))
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [%s] /Count %d >>" % (kids, len(streams)),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
        PICTURE + b" /Length 1 >>\nstream\n\0\nendstream",
        b"<< %s >>" % info.encode(),
    ]
    for stream in streams:
        objects += [
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents %d 0 R /Resources"
            b" << /Font << /F1 3 0 R >>%s >> >>" % (len(objects) + 2, picture),
            b"<< /Filter /FlateDecode /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream),
        ]
    data, places = b"%PDF-1.7\n", []
    for number, content in enumerate(objects, 1):
        places.append(len(data))
        data += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    return data + (
        b"xref\n0 %d\n0000000000 65535 f \n%strailer\n<< /Size %d /Root 1 0 R /Info 5 0 R >>\n"
        b"startxref\n%d\n%%%%EOF" % (len(objects) + 1, table, len(objects) + 1, len(data))
    )


def encrypted(data: bytes, password: str) -> bytes:
    """Protect a PDF with a password for reading."""
    writer, stream = PdfWriter(clone_from=PdfReader(BytesIO(data))), BytesIO()
    writer.encrypt(password, "owner", algorithm="RC4-128")
    writer.write(stream)
    return stream.getvalue()


def archive(files: Mapping[str, str | bytes]) -> bytes:
    """Pack files into a zip archive."""
    stream = BytesIO()
    with ZipFile(stream, "w", ZIP_DEFLATED) as packed:
        for name, content in files.items():
            packed.writestr(name, content)
    return stream.getvalue()


def epub(
    chapters: Mapping[str, str], more: Mapping[str, str] | None = None, spine: Sequence[str] = ()
) -> bytes:
    """Write an EPUB; the spine is in the order of the names given, else of the chapters."""
    items = "".join(
        f'<item id="{name}" href="text/{name}%20x.xhtml" media-type="application/xhtml+xml"/>'
        for name in chapters
    )
    order = "".join(f'<itemref idref="{name}"/>' for name in spine or chapters)
    package = f"""<?xml version="1.0"?><package xmlns="http://www.idpf.org/2007/opf" version="3.0">
    <metadata xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>The Sound</dc:title>
    <dc:creator>Anna Berg</dc:creator><dc:creator>Li Wei</dc:creator><dc:language>en</dc:language>
    <dc:publisher>Example Press</dc:publisher><dc:date>2019-05-06</dc:date></metadata>
    <manifest>{items}<item id="css" href="a.css" media-type="text/css"/></manifest><spine>{order}</spine>
    </package>"""
    return archive(
        {
            "mimetype": "application/epub+zip",
            "META-INF/container.xml": '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container">'
            '<rootfiles><rootfile full-path="OPS/book.opf"/></rootfiles></container>',
            "OPS/book.opf": package,
            **{f"OPS/text/{name} x.xhtml": text for name, text in chapters.items()},
            **(more or {}),
        }
    )


def chapter(title: str, text: str) -> str:
    """Write a chapter as XHTML."""
    return (
        '<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"'
        ' xmlns:epub="http://www.idpf.org/2007/ops">'
        f"<head><title/><script src='a.js'/></head><body><h1>{title}</h1>{text}</body></html>"
    )

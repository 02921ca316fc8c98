"""PDF: a table of places that is right, streams that unpack, texts that can be read back, and only letters in use."""

import re
from io import BytesIO
from zlib import decompress

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

import netbuilder as nb
from netbuilder.examples import example
from netbuilder.graph import Graph
from netbuilder.interop.figures import draw_figure
from netbuilder.interop.figures.opentype import inter
from netbuilder.interop.figures.pdf import LARGEST, to_pdf
from netbuilder.interop.figures.picture import Picture, Text
from netbuilder.resources import resource
from tests.interop.figures.designs import HOSTILE, hostile


def objects(data: bytes) -> dict[int, bytes]:
    """The objects of a file as its table of places finds them. Raises AssertionError where anything is out of place."""
    assert data.startswith(b"%PDF-1.6\n")
    tail = re.search(rb"startxref\n(\d+)\n%%EOF\n$", data)
    assert tail
    start = int(tail[1])
    assert data[start : start + 5] == b"xref\n"
    lines = data[start:].split(b"\n")
    count = int(lines[1].split()[1])
    entries = data[start + len(lines[0]) + len(lines[1]) + 2 :][: 20 * count]
    assert entries[:20] == b"0000000000 65535 f \n"
    found: dict[int, bytes] = {}
    for index in range(1, count):
        entry = entries[20 * index : 20 * index + 20]
        assert re.fullmatch(rb"\d{10} 00000 n \n", entry)
        place, head = int(entry[:10]), b"%d 0 obj\n" % index
        assert data[place : place + len(head)] == head
        found[index] = data[place + len(head) : data.index(b"\nendobj\n", place)]
    assert b"/Size %d " % count in data[start:]
    references = {int(number) for body in found.values() for number in re.findall(rb"(\d+) 0 R", body[:2000])}
    assert references <= set(found)
    return found


def unpacked(body: bytes) -> bytes:
    head, _, rest = body.partition(b"\nstream\n")
    length = re.search(rb"/Length (\d+)", head)
    assert length
    packed = rest[: int(length[1])]
    assert rest[int(length[1]) :] == b"\nendstream"
    return decompress(packed)


def read(data: bytes) -> list[str]:
    """Every line of text, by the fonts' own word for what their glyphs mean."""
    found = objects(data)
    page = next(body for body in found.values() if b"/Type /Page " in body)
    meaning = {
        name: _meaning(unpacked(found[int(number)]))
        for name, font in re.findall(rb"/(\w+) (\d+) 0 R", page[page.index(b"/Font") : page.index(b">>")])
        for number in re.findall(rb"/ToUnicode (\d+) 0 R", found[int(font)])
    }
    (contents,) = re.findall(rb"/Contents (\d+) 0 R", page)
    lines = re.findall(rb"/(\w+) [\d.]+ Tf [^<]*<([0-9A-F]*)> Tj", unpacked(found[int(contents)]))
    return [
        "".join(meaning[font].get(codes[i : i + 4], "\ufffd") for i in range(0, len(codes), 4)) for font, codes in lines
    ]


def _meaning(cmap: bytes) -> dict[bytes, str]:
    pairs = re.findall(rb"^<([0-9A-F]{4})> <([0-9A-F]+)>$", cmap, re.MULTILINE)
    return {glyph: bytes.fromhex(text.decode()).decode("utf-16-be") for glyph, text in pairs}


@pytest.mark.parametrize("style", ["cards", "boxes"])
@pytest.mark.parametrize("name", ["lenet-5", "resnet-20"])
def test_every_text_can_be_read_back(name: str, style):
    picture = draw_figure(example(name), style=style, table=True)
    assert read(to_pdf(picture)) == [text.text for text in picture.texts]


def test_a_table_that_is_off_by_one_would_be_noticed():
    data = to_pdf(draw_figure(example("mlp")))
    with pytest.raises(AssertionError):
        objects(data.replace(b"%PDF-1.6\n", b"%PDF-1.6\n\n"))
    with pytest.raises(AssertionError):
        objects(data.replace(b"0 obj\n", b"0 obj \n", 3))


def test_signs_come_out_and_what_the_font_lacks_is_a_box_that_copies_as_itself():
    picture = draw_figure(hostile(), table=True)
    data = to_pdf(picture)
    lines = read(data)
    assert {name for name in HOSTILE if name != "卷积 层"} <= set(lines)
    assert "\ufffd\ufffd \ufffd" in lines
    contents = next(unpacked(body) for body in objects(data).values() if b"/FlateDecode" in body)
    assert "卷积 层".encode("utf-16-be").hex().upper().encode() in contents
    signs = "× · → – “ ” … − ₂"
    assert read(to_pdf(Picture(99, 20, "#FFFFFF", (Text((0, 9), signs, 9, "#000000"),)))) == [signs]


def test_the_embedded_font_draws_what_the_whole_one_draws_and_nothing_else():
    used = "conv1 5×5"
    font = inter("Regular")
    small = font.outlines({font.glyphs[letter] for letter in used})

    def drawn(source, text: str) -> np.ndarray:
        image = Image.new("L", (300, 60))
        ImageDraw.Draw(image).text((5, 5), text, 255, source)
        return np.asarray(image)

    layout = ImageFont.Layout.BASIC
    whole = ImageFont.truetype(str(resource("fonts/Inter-Regular.otf")), 40, layout_engine=layout)
    part = ImageFont.truetype(BytesIO(small), 40, layout_engine=layout)
    assert drawn(whole, used).any()
    assert (drawn(part, used) > 0).sum() == pytest.approx((drawn(whole, used) > 0).sum(), rel=0.02)
    assert drawn(whole, "Wq").any()
    assert not drawn(part, "Wq").any()


def test_widths_are_those_of_the_font():
    layout = ImageFont.Layout.BASIC
    for weight in ("Regular", "Medium", "SemiBold"):
        font = ImageFont.truetype(str(resource(f"fonts/Inter-{weight}.otf")), 1000, layout_engine=layout)
        for text in ("conv1", "28×28×6", "“quoted” – α→β", "卷积"):
            assert Text((0, 0), text, 1000, "#000000", weight).width == pytest.approx(
                font.getlength(text), abs=len(text)
            )


def test_a_page_is_as_long_as_a_page_may_be():
    graph = Graph.chain(nb.Input(features=4), nb.Dense(3)).move({1: (-9e8, 0.0), 2: (9e8, 9e8)})
    for made, longest in ((graph, LARGEST), (example("mlp"), None)):
        picture = draw_figure(made)
        page = next(body for body in objects(to_pdf(picture)).values() if b"/MediaBox" in body)
        sides = re.search(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", page)
        assert sides
        expected = longest or 0.75 * max(picture.width, picture.height)
        assert max(float(side) for side in sides.groups()) == pytest.approx(expected, abs=0.01)

"""Pictures for prediction arrive in the shape the design reads; other files get a sentence."""

import io
import random
import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from netbuilder.data import DataError, load_image
from netbuilder.layers.shapes import ImageShape

GREY, COLOUR = ImageShape(1, 6, 9), ImageShape(3, 6, 9)


def picture(mode: str = "RGB", size: tuple[int, int] = (18, 12)) -> Image.Image:
    noise = np.random.default_rng(0).integers(0, 256, (size[1], size[0], 3), dtype=np.uint8)
    return Image.fromarray(noise).convert(mode)


@pytest.mark.parametrize("ending", ["png", "jpg", "bmp", "gif", "webp"])
def test_the_five_formats_are_read(tmp_path, ending):
    path = tmp_path / f"a.{ending}"
    picture().save(path)
    for shape in (GREY, COLOUR):
        pixels = load_image(path, shape)
        assert pixels.shape == shape.array
        assert pixels.dtype == np.uint8
        assert pixels.flags.c_contiguous


def test_colours_keep_their_planes(tmp_path):
    Image.new("RGB", (9, 6), (250, 100, 3)).save(tmp_path / "a.png")
    assert load_image(tmp_path / "a.png", COLOUR)[:, 2, 2].tolist() == [250, 100, 3]
    assert load_image(tmp_path / "a.png", COLOUR, invert=True)[:, 2, 2].tolist() == [5, 155, 252]


@pytest.mark.parametrize("mode", ["1", "L", "P", "LA", "RGBA", "I;16"])
def test_every_mode_becomes_what_is_asked(tmp_path, mode):
    if mode == "I;16":
        Image.fromarray(np.full((12, 18), 0x80FF, dtype=np.uint16)).save(tmp_path / "a.png")
        assert (load_image(tmp_path / "a.png", GREY) == 0x80).all()
    else:
        picture(mode).save(tmp_path / "a.png")
    assert load_image(tmp_path / "a.png", COLOUR).shape == (3, 6, 9)


def test_transparency_is_laid_on_white(tmp_path):
    Image.new("RGBA", (9, 6), (0, 0, 0, 0)).save(tmp_path / "a.png")
    assert (load_image(tmp_path / "a.png", GREY) == 255).all()


def test_a_photo_is_turned_upright(tmp_path):
    half = np.zeros((12, 18), dtype=np.uint8)
    half[:, 9:] = 255
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned clockwise by a quarter: the left becomes the top
    Image.fromarray(half).save(tmp_path / "a.png", exif=exif)
    pixels = load_image(tmp_path / "a.png", ImageShape(1, 18, 12))[0]
    assert pixels[:8].max() == 0
    assert pixels[10:].min() == 255


def test_an_enormous_picture_is_refused_by_its_header(tmp_path):
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    for side in (8_000, 12_000, 50_000):
        header = chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0))
        (tmp_path / "a.png").write_bytes(b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", b"") + chunk(b"IEND", b""))
        with pytest.raises(DataError, match="pixels"):
            load_image(tmp_path / "a.png", GREY)


def test_other_formats_and_other_things_are_refused(tmp_path):
    picture().save(tmp_path / "a.tiff")
    with pytest.raises(DataError, match=r"“a\.tiff” is not a picture"):
        load_image(tmp_path / "a.tiff", GREY)
    with pytest.raises(DataError, match="no file"):
        load_image(tmp_path / "none.png", GREY)
    with pytest.raises(DataError, match="is not a file"):
        load_image(tmp_path, GREY)
    with pytest.raises(DataError, match="the design expects 4"):
        load_image(tmp_path / "a.tiff", ImageShape(4, 6, 9))


@pytest.mark.parametrize("kind", ["png", "jpeg", "gif", "bmp", "webp"])
def test_damaged_pictures_load_or_are_refused_in_a_sentence(tmp_path, kind):
    stream, rng, path = io.BytesIO(), random.Random(5), tmp_path / "a"
    picture().save(stream, kind)
    refused: list[str] = []
    for _ in range(80):
        content = bytearray(stream.getvalue())
        for _ in range(rng.randrange(1, 5)):
            content[rng.randrange(len(content))] = rng.randrange(256)
        path.write_bytes(content[: rng.choice([None, rng.randrange(len(content))])])
        try:
            load_image(path, COLOUR)
        except DataError as problem:
            refused.append(str(problem))
    assert refused
    assert all(sentence.endswith(".") for sentence in refused)

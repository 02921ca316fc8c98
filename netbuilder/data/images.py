"""From an image file to pixels in the shape a design reads, for prediction."""

import stat
import warnings
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from netbuilder.data.errors import DataError, quoted
from netbuilder.layers.shapes import ImageShape

FORMATS = ("PNG", "JPEG", "BMP", "GIF", "WEBP")
MAX_PIXELS = 50_000_000
_MAX_FILE = 100 << 20


def load_image(path: str | Path, shape: ImageShape, *, invert: bool = False) -> NDArray[np.uint8]:
    """The picture as uint8 (C, H, W): grey for one channel, RGB for three, stretched to the height and width.

    Transparency is laid on white; of an animation the first frame is taken; a photo's orientation is followed.
    `invert` exchanges light and dark, for ink on paper where the data is white on black.
    Raises `DataError` for other formats, damaged files, more than 50 million pixels, or another number of channels.
    """
    path = Path(path)
    if shape.channels not in (1, 3):
        raise DataError(f"A picture has 1 channel (grey) or 3 (colour), but the design expects {shape.channels}.")
    pixels = _decoded(path, shape)
    planes = pixels[np.newaxis] if pixels.ndim == 2 else pixels.transpose(2, 0, 1)
    return np.ascontiguousarray(255 - planes if invert else planes)


def _decoded(path: Path, shape: ImageShape) -> NDArray[np.uint8]:
    shown = quoted(path.name, 100)
    try:
        about = path.stat()
        if not stat.S_ISREG(about.st_mode):
            raise DataError(f"{shown} is not a file.")
        if about.st_size > _MAX_FILE:
            raise DataError(f"{shown} is larger than {_MAX_FILE >> 20} MB.")
        with warnings.catch_warnings():
            # Pillow warns of many pixels while it opens; the limit below is stricter and says so itself.
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(path, formats=FORMATS) as picture:
                _check_pixels(picture, shown)
                flat = _flattened(picture, "L" if shape.channels == 1 else "RGB")
        return np.asarray(flat.resize((shape.width, shape.height), Image.Resampling.BILINEAR))
    except DataError:
        raise
    except Image.DecompressionBombError:
        raise DataError(f"{shown} has too many pixels; at most {MAX_PIXELS:,} are read.") from None
    except Image.UnidentifiedImageError:
        raise DataError(f"{shown} is not a picture netbuilder reads: {', '.join(FORMATS)}.") from None
    except FileNotFoundError:
        raise DataError(f"There is no file {shown}.") from None
    except Exception as problem:
        # Pillow's decoders meet damage with a dozen kinds of exception, from SyntaxError to struct.error.
        raise DataError(f"{shown} cannot be read as a picture ({type(problem).__name__}).") from None


def _check_pixels(picture: Any, shown: str) -> None:
    width, height = picture.size
    if width * height > MAX_PIXELS:
        raise DataError(f"{shown} has {width:,} × {height:,} pixels; at most {MAX_PIXELS:,} in all are read.")


def _flattened(picture: Image.Image, mode: str) -> Image.Image:
    """In `mode` L or RGB, upright, on white where it is transparent."""
    picture = ImageOps.exif_transpose(picture)
    if picture.mode.startswith("I"):
        # 16-bit grey: Pillow's own conversion would clip everything above 255 to white.
        picture = Image.fromarray((np.asarray(picture).astype(np.uint32) >> 8).clip(0, 255).astype(np.uint8))
    if picture.mode in ("RGBA", "LA", "PA") or "transparency" in picture.info:
        picture = picture.convert("RGBA")
        white = Image.new("RGBA", picture.size, "white")
        picture = Image.alpha_composite(white, picture)
    return picture.convert(mode)

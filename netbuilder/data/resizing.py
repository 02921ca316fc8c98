"""Images of one size and number of channels made into images of another."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

# ITU-R BT.601, as Pillow's own conversion to grey.
LUMA = (0.299, 0.587, 0.114)


def resized(images: NDArray[Any], height: int, width: int) -> NDArray[Any]:
    """(N, C, h, w) uint8 or float32 resampled bilinearly, with antialiasing when smaller, in the same type."""
    count, channels, old_height, old_width = images.shape
    if (old_height, old_width) == (height, width):
        return images
    result = np.empty((count, channels, height, width), dtype=images.dtype)
    for image, target in zip(images, result, strict=True):
        for plane, target_plane in zip(image, target, strict=True):
            picture = Image.fromarray(np.ascontiguousarray(plane))
            target_plane[...] = picture.resize((width, height), Image.Resampling.BILINEAR)
    return result


def recoloured(images: NDArray[Any], channels: int) -> NDArray[Any]:
    """(N, C, H, W) with `channels` channels: grey is repeated, as a view; colour becomes its luma."""
    if images.shape[1] == channels:
        return images
    if images.shape[1] == 1:
        return np.broadcast_to(images, (len(images), channels, *images.shape[2:]))
    if images.shape[1] != 3 or channels != 1:
        raise ValueError(f"No rule makes {images.shape[1]} channels into {channels}.")
    result = np.empty((len(images), 1, *images.shape[2:]), dtype=images.dtype)
    for image, target in zip(images, result, strict=True):
        luma = sum(weight * image[channel].astype(np.float32) for channel, weight in enumerate(LUMA))
        target[0] = np.rint(luma) if images.dtype == np.uint8 else luma
    return result

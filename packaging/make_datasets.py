"""Make the shipped data sets, resources/datasets/*.npz, from their public sources.

    python packaging/make_datasets.py [--fashion FOLDER]

Digits come from scikit-learn's package (needed only here); FOLDER holds the four official Fashion-MNIST
``.gz`` files (Debian: the package ``dataset-fashion-mnist``). The same sources give the same arrays.
"""

import argparse
import gzip
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

DATASETS = Path(__file__).resolve().parent.parent / "resources" / "datasets"
DEBIAN_FOLDER = Path("/usr/share/datasets/fashion-mnist")
DIGITS_TEST_PER_CLASS = 36
FASHION_TRAINING_PER_CLASS = 1000
FASHION_TEST_PER_CLASS = 200

Bytes = NDArray[np.uint8]


def first_of_each_class(labels: NDArray[np.integer], count: int) -> NDArray[np.intp]:
    """Positions of the first `count` samples of every class, in the source's own order."""
    found = [np.flatnonzero(labels == label)[:count] for label in np.unique(labels)]
    return np.sort(np.concatenate(found))


def without_duplicates(images: Bytes, others: Bytes) -> NDArray[np.intp]:
    """Positions of images that are repeated neither earlier in `images` nor anywhere in `others`."""
    seen = {image.tobytes() for image in others}
    kept: list[int] = []
    for position, image in enumerate(images):
        if (content := image.tobytes()) not in seen:
            seen.add(content)
            kept.append(position)
    return np.array(kept, dtype=np.intp)


def read_idx(path: Path) -> Bytes:
    """A gzipped IDX file of unsigned bytes: two zero bytes, type 8, the rank, the sizes, the values."""
    content = gzip.decompress(path.read_bytes())
    if content[:3] != b"\0\0\x08":
        raise SystemExit(f"{path} is not an IDX file of bytes.")
    rank = content[3]
    sizes = np.frombuffer(content, ">u4", rank, 4).astype(int)
    return np.frombuffer(content, np.uint8, -1, 4 + 4 * rank).reshape(sizes)


def save(name: str, training: tuple[Bytes, Bytes], test: tuple[Bytes, Bytes]) -> None:
    """Write NAME.npz after checking that no image occurs twice, within a part or across the two."""
    images = np.concatenate([training[0], test[0]])
    if len({image.tobytes() for image in images}) != len(images):
        raise SystemExit(f"{name}: an image occurs twice.")
    path = DATASETS / f"{name}.npz"
    np.savez_compressed(path, x_train=training[0], y_train=training[1], x_test=test[0], y_test=test[1])
    print(f"{path.name}: {len(training[0])} + {len(test[0])} images, {path.stat().st_size / 1e6:.2f} MB")


def make_digits() -> None:
    """1,797 digits of 8×8, grey levels 0…16 spread over 0…255; 36 of each class, spread evenly, are the test part."""
    from sklearn.datasets import load_digits  # type: ignore[import-untyped]

    source = load_digits()
    images = np.rint(source.images * (255 / 16)).astype(np.uint8)
    labels = source.target.astype(np.uint8)
    kept = without_duplicates(images, images[:0])
    images, labels = images[kept], labels[kept]
    test = np.zeros(len(labels), dtype=bool)
    for label in range(10):
        # Evenly spaced, because the source lists its thirteen writers one after another.
        members = np.flatnonzero(labels == label)
        test[members[np.linspace(0, len(members) - 1, DIGITS_TEST_PER_CLASS).round().astype(int)]] = True
    save("digits", (images[~test], labels[~test]), (images[test], labels[test]))


def make_fashion(folder: Path) -> None:
    """The first 1,000 of each class of the official training split and the first 200 of the official test split."""
    images, labels = read_idx(folder / "train-images-idx3-ubyte.gz"), read_idx(folder / "train-labels-idx1-ubyte.gz")
    test_images = read_idx(folder / "t10k-images-idx3-ubyte.gz")
    test_labels = read_idx(folder / "t10k-labels-idx1-ubyte.gz")
    clean_test = without_duplicates(test_images, images)
    test_images, test_labels = test_images[clean_test], test_labels[clean_test]
    clean = without_duplicates(images, test_images)
    images, labels = images[clean], labels[clean]
    training = first_of_each_class(labels, FASHION_TRAINING_PER_CLASS)
    test = first_of_each_class(test_labels, FASHION_TEST_PER_CLASS)
    save("fashion-mnist", (images[training], labels[training]), (test_images[test], test_labels[test]))


def main() -> None:
    """Make both files."""
    parser = argparse.ArgumentParser(description="Make the shipped data sets from their public sources.")
    parser.add_argument("--fashion", type=Path, default=DEBIAN_FOLDER, help="folder of the official .gz files")
    DATASETS.mkdir(parents=True, exist_ok=True)
    make_digits()
    make_fashion(parser.parse_args().fashion)


if __name__ == "__main__":
    main()

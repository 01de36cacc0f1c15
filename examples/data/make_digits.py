"""Makes the four digits-*.gz files: a random, stratified part of MNIST.

    MNIST_DIR=<folder of the four MNIST files> python make_digits.py

Reads train-images-idx3-ubyte, train-labels-idx1-ubyte, t10k-images-idx3-ubyte and t10k-labels-idx1-ubyte, each with
.gz or without. Needs nothing but Python. The choice depends on nothing but SEED: digits are ranked by a SHA-256 of the
seed, the set and their number, which is the same on every machine and with every version of Python. The compressed
bytes may differ between versions of zlib; what they hold does not.
"""

import gzip
import hashlib
import io
import os
import struct
from pathlib import Path

SEED = "monograd digits 1"
SIZES = {"train": 10_000, "t10k": 2_000}
NAMES = {"train": "train", "t10k": "test"}
CLASSES = range(10)


def read_idx(folder, name):
    """The shape and the bytes of an IDX file of unsigned bytes."""
    path = Path(folder) / name
    data = path.read_bytes() if path.exists() else gzip.decompress(Path(f"{path}.gz").read_bytes())
    rank = data[3]
    assert data[:3] == b"\0\0\x08", f"{path} holds no unsigned bytes"
    start = 4 + 4 * rank
    return struct.unpack(f">{rank}I", data[4:start]), data[start:]


def write_idx(path, shape, data):
    """Writes a gzip file whose bytes do not depend on the time or the path."""
    header = struct.pack(f">BBBB{len(shape)}I", 0, 0, 8, len(shape), *shape)
    buffer = io.BytesIO()
    with gzip.GzipFile(filename="", mode="wb", compresslevel=9, fileobj=buffer, mtime=0) as file:
        file.write(header + data)
    path.write_bytes(buffer.getvalue())


def rank(part, index):
    """A number that says when a digit's turn is; the same everywhere."""
    return hashlib.sha256(f"{SEED}/{part}/{index}".encode()).digest()


def quotas(labels, size):
    """How many of each class: their shares of the whole set, rounded by the largest remainder."""
    shares = {c: size * labels.count(c) / len(labels) for c in CLASSES}
    counts = {c: int(share) for c, share in shares.items()}
    by_remainder = sorted(CLASSES, key=lambda c: counts[c] - shares[c])
    for c in by_remainder[: size - sum(counts.values())]:
        counts[c] += 1
    return counts


def choose(part, labels, size):
    """The chosen digits, in random order."""
    chosen = []
    for c, count in quotas(labels, size).items():
        members = [index for index, label in enumerate(labels) if label == c]
        chosen += sorted(members, key=lambda index: rank(part, index))[:count]
    return sorted(chosen, key=lambda index: rank(part, index))


def main():
    source = os.environ["MNIST_DIR"]
    target = Path(__file__).parent
    for part, size in SIZES.items():
        (_, height, width), pixels = read_idx(source, f"{part}-images-idx3-ubyte")
        _, labels = read_idx(source, f"{part}-labels-idx1-ubyte")
        chosen = choose(part, labels, size)
        area = height * width
        images = b"".join(pixels[index * area : (index + 1) * area] for index in chosen)
        name = NAMES[part]
        write_idx(target / f"digits-{name}-images-idx3-ubyte.gz", (size, height, width), images)
        write_idx(target / f"digits-{name}-labels-idx1-ubyte.gz", (size,), bytes(labels[index] for index in chosen))


if __name__ == "__main__":
    main()

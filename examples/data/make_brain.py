"""Writes slices of a brain and masks of its grey matter, for `segment`, as IDX files.

    pip install nilearn
    python3 examples/data/make_brain.py FOLDER

They are cut, crosswise, out of the MNI152 template (ICBM 2009a, symmetric; the mean of 152 heads) and of its map of grey
matter, both of which nilearn 0.14 brings with it. Each image has 64×64 bytes; what is more than half grey matter is 1 in the mask.
As a scanner would, the script adds noise, 4 % of the brightest, and makes each slice brighter by up to 20 % on one side and
darker on the other. Of every fifty slices the first five are held out, and those beside them, which look the same, are left out.

Source: Fonov, Evans, McKinstry, Almli and Collins, "Unbiased nonlinear average age-appropriate brain templates from birth to
adulthood" (2009).
"""

import struct
import sys
from pathlib import Path

import numpy as np
from nilearn.datasets import load_mni152_template, load_mni152_gm_template

SIDE = 64


def write(path, images):
    """IDX: two zeros, 8 for unsigned bytes, the number of axes, each axis' size as a big-endian u32, the bytes."""
    header = struct.pack(">BBBB", 0, 0, 8, images.ndim) + b"".join(struct.pack(">I", size) for size in images.shape)
    path.write_bytes(header + images.tobytes())


def sampled(volume, axis):
    """All slices along `axis`, each a square of SIDE×SIDE means of blocks."""
    slices = np.moveaxis(volume, axis, 0)
    block = -(-max(slices.shape[1:]) // SIDE)
    margins = [(0, 0)] + [((total := SIDE * block - size) // 2, total - total // 2) for size in slices.shape[1:]]
    slices = np.pad(slices, margins)
    means = slices.reshape(len(slices), SIDE, block, SIDE, block).mean(axis=(2, 4))
    return means.transpose(0, 2, 1)[:, ::-1]


def scanned(images, random):
    """Uneven and noisy."""
    side = np.linspace(-1, 1, SIDE)
    turn = random.uniform(0, 2 * np.pi, (len(images), 1, 1))
    field = 1 + 0.2 * (np.cos(turn) * side + np.sin(turn) * side[:, None])
    return images * field + random.normal(0, 0.04, images.shape)


def main(folder):
    folder.mkdir(parents=True, exist_ok=True)
    volumes = [load(resolution=1).get_fdata() for load in (load_mni152_template, load_mni152_gm_template)]
    parts = {"train": ([], []), "test": ([], [])}
    for axis in range(3):
        image, grey = (sampled(volume, axis) for volume in volumes)
        for index in np.flatnonzero((image > 0).mean(axis=(1, 2)) > 0.1):
            place = index % 50
            if place < 5:
                part = "test"
            elif 8 <= place < 47:
                part = "train"
            else:
                continue
            parts[part][0].append(image[index])
            parts[part][1].append(grey[index] > 0.5)
    brightest = max(image.max() for image in parts["train"][0])
    random = np.random.default_rng(0)
    for part, (images, masks) in parts.items():
        images = np.clip(np.round(255 * scanned(np.stack(images) / brightest, random)), 0, 255).astype(np.uint8)
        write(folder / f"{part}-images-idx3-ubyte", images)
        write(folder / f"{part}-masks-idx3-ubyte", np.stack(masks).astype(np.uint8))
        print(f"{len(images)} images in {part}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))

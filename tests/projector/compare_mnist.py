"""Judges our particle mesh by our exact t-SNE on 10,000 digits of MNIST, 50 principal components.

usage: compare_mnist.py PATH_OF_tsne_of_file
Both maps are measured in float64 with P over the 90 nearest neighbours, as all fast t-SNE has it; with
P over all pairs, which the exact method alone minimises, that method is 0.02 lower. Exit code 77: SPIROGRAM_MNIST does not name a
folder with train-images-idx3-ubyte.gz.
"""

import gzip
import os
import pathlib
import subprocess
import sys
import tempfile

POINTS = 10_000
DIMS = 50
PERPLEXITY = 30
ITERATIONS = 750
KL_TOLERANCE = 0.005


def main():
    images = pathlib.Path(os.environ.get("SPIROGRAM_MNIST", "."), "train-images-idx3-ubyte.gz")
    if not images.exists():
        print("skipped: SPIROGRAM_MNIST names no folder with", images.name)
        sys.exit(77)
    import numpy as np

    with gzip.open(images) as file:
        pixels = np.frombuffer(file.read(16 + POINTS * 784), np.uint8, offset=16)
    rows = pixels.reshape(POINTS, 784).astype(np.float32) / 255
    rows -= rows.mean(0)
    axes = np.linalg.eigh(rows.T.astype(np.float64) @ rows)[1][:, ::-1][:, :DIMS]
    kl = {}
    with tempfile.TemporaryDirectory() as folder:
        source = pathlib.Path(folder, "in.f32")
        (rows @ axes).astype("<f4").tofile(source)
        for method in ("exact", "mesh"):
            command = [sys.argv[1], method, str(POINTS), str(DIMS), str(PERPLEXITY),
                       str(ITERATIONS), source, pathlib.Path(folder, method)]
            answer = subprocess.run(command, check=True, capture_output=True, text=True).stdout
            all_pairs, seconds, kl[method] = (float(word) for word in answer.split())
            print(f"{method:5}  KL {kl[method]:.4f}, over all pairs {all_pairs:.4f}, {seconds:.2f} s",
                  flush=True)
    if kl["mesh"] > kl["exact"] + KL_TOLERANCE:
        sys.exit(f"KL {kl['mesh']:.4f} is over {kl['exact']:.4f} + {KL_TOLERANCE}")


if __name__ == "__main__":
    main()

"""Judges our maps of small data sets by scikit-learn's exact t-SNE at the same settings.

usage: compare_sklearn.py PATH_OF_tsne_of_file
Both maps are measured by one evaluator, here, in float64. Exit code 77: scikit-learn is missing.
"""

import pathlib
import subprocess
import sys
import tempfile

try:
    import numpy as np
    import sklearn
    from sklearn.datasets import (
        load_breast_cancer,
        load_diabetes,
        load_digits,
        load_iris,
        load_wine,
        make_swiss_roll,
    )
    from sklearn.manifold import TSNE
    from sklearn.manifold._t_sne import _joint_probabilities
    from sklearn.metrics import pairwise_distances
    from sklearn.preprocessing import StandardScaler
except ImportError as error:
    print(f"skipped: {error}")
    sys.exit(77)

PERPLEXITY = 30
ITERATIONS = 750
KL_TOLERANCE = 0.005


def kl_divergence(affinities, coordinates):
    """KL(P||Q) over all pairs; `affinities` is the full N x N matrix."""
    coordinates = coordinates.astype(np.float64)
    q = 1 / (1 + pairwise_distances(coordinates, metric="sqeuclidean"))
    np.fill_diagonal(q, 0)
    q /= q.sum()
    present = affinities > 0
    return float(np.sum(affinities[present] * np.log(affinities[present] / q[present])))


def full_affinities(points):
    distances = pairwise_distances(points, metric="sqeuclidean").astype(np.float32)
    condensed = _joint_probabilities(distances, PERPLEXITY, False)
    full = np.zeros_like(distances, dtype=np.float64)
    full[np.triu_indices(len(points), 1)] = condensed
    return full + full.T


def our_map(program, method, points):
    with tempfile.TemporaryDirectory() as folder:
        source, target = pathlib.Path(folder, "in.f32"), pathlib.Path(folder, "out.f32")
        points.astype("<f4").tofile(source)
        shape = [str(size) for size in points.shape]
        command = [program, method, *shape, str(PERPLEXITY), str(ITERATIONS), source, target]
        answer = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        kl, seconds, _ = (float(word) for word in answer.split())
        return np.fromfile(target, "<f4").reshape(len(points), 2), kl, seconds


def peer_map(points):
    options = dict(method="exact", perplexity=PERPLEXITY, init="pca", random_state=1)
    try:
        tsne = TSNE(max_iter=ITERATIONS, **options)
    except TypeError:  # before scikit-learn 1.5
        tsne = TSNE(n_iter=ITERATIONS, **options)
    return tsne.fit_transform(points)


def compare(name, points):
    affinities = full_affinities(points)
    peer = kl_divergence(affinities, peer_map(points))
    print(f"{name}, {len(points)} points, {ITERATIONS} iterations")
    print(f"scikit-learn {sklearn.__version__} exact KL {peer:.4f}")
    for method in ("exact", "mesh"):
        ours, reported, seconds = our_map(sys.argv[1], method, points)
        measured = kl_divergence(affinities, ours)
        print(f"ours, {method:5}  KL {measured:.4f} (reported {reported:.4f}), {seconds:.2f} s")
        if abs(measured - reported) > 1e-3:
            sys.exit("the reported KL divergence is not that of the map")
        if measured > peer + KL_TOLERANCE:
            sys.exit(f"KL {measured:.4f} is over {peer:.4f} + {KL_TOLERANCE}")


def standardised(data):
    return StandardScaler().fit_transform(data)


def main():
    random = np.random.default_rng(1)
    for name, points in {
        "digits": load_digits().data,
        "iris": load_iris().data,
        "wine": standardised(load_wine().data),
        "breast cancer": standardised(load_breast_cancer().data),
        "diabetes": load_diabetes().data,
        "swiss roll": make_swiss_roll(1500, random_state=1)[0],
        "Gaussian cloud": random.normal(size=(300, 10)),
    }.items():
        compare(name, points.astype(np.float32))


if __name__ == "__main__":
    main()

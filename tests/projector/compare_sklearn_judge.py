"""Holds our quality and statistics of an embedding against scikit-learn's, on the digits.

usage: compare_sklearn_judge.py PATH_OF_judge_of_file
Exit code 77: scikit-learn is missing.
"""

import pathlib
import subprocess
import sys
import tempfile

try:
    import numpy as np
    from scipy.stats import spearmanr
    from sklearn.cluster import KMeans
    from sklearn.datasets import load_digits
    from sklearn.decomposition import PCA
    from sklearn.manifold import trustworthiness
    from sklearn.metrics import pairwise_distances, silhouette_score
    from sklearn.model_selection import LeaveOneOut, cross_val_score
    from sklearn.neighbors import KNeighborsClassifier, NearestNeighbors
except ImportError as error:
    print(f"skipped: {error}")
    sys.exit(77)

NEIGHBORS = 30
CLUSTER_COUNTS = (2, 3, 5, 8, 10, 16, 32, 50)


def ours(program, matrix, map_, labels):
    with tempfile.TemporaryDirectory() as folder:
        paths = [pathlib.Path(folder, name) for name in ("matrix", "map", "labels", "out")]
        for path, values, kind in zip(paths, (matrix, map_, labels), ("<f4", "<f4", "<i4")):
            values.astype(kind).tofile(path)
        shape = [str(size) for size in matrix.shape]
        command = [program, *shape, *paths[:3], str(NEIGHBORS), paths[3]]
        text = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        numbers = {name: float(value) for name, value in map(str.split, text.splitlines())}
        out = np.fromfile(paths[3], "<f4")
    size = len(matrix) * NEIGHBORS
    return numbers, out[size : 2 * size].reshape(-1, NEIGHBORS), out[2 * size :].astype(int)


def theirs(matrix, map_, labels):
    s = np.linalg.svd(matrix.astype(np.float64), compute_uv=False)
    p = s / s.sum()
    p = p[p > 1e-12]
    lambdas = np.linalg.svd(matrix - matrix.mean(0), compute_uv=False) ** 2
    pairs = np.triu_indices(len(matrix), 1)
    near = lambda of: NearestNeighbors(n_neighbors=10).fit(of).kneighbors(return_distance=False)
    overlap = [len(set(a) & set(b)) for a, b in zip(near(matrix), near(map_))]
    vote = cross_val_score(KNeighborsClassifier(10), map_, labels, cv=LeaveOneOut())
    return {
        "trustworthiness": trustworthiness(matrix, map_, n_neighbors=12),
        "continuity": trustworthiness(map_, matrix, n_neighbors=12),  # the two spaces exchanged
        "recall_10": np.mean(overlap) / 10,
        "class_accuracy": vote.mean(),
        "spearman": spearmanr(pairwise_distances(matrix)[pairs], pairwise_distances(map_)[pairs])[0],
        "rankme_raw": np.exp(-(p * np.log(p)).sum()),
        "participation_ratio": lambdas.sum() ** 2 / (lambdas**2).sum(),
    }


# Pixels are integers: many distances tie, and which of two equally near rows comes first is free.
TOLERANCES = {"recall_10": 3e-3, "class_accuracy": 3e-3, "spearman": 1e-2}


def main():
    digits = load_digits()
    matrix = digits.data.astype(np.float32)
    map_ = PCA(2).fit_transform(matrix).astype(np.float32)
    got, distances, clusters = ours(sys.argv[1], matrix, map_, digits.target)
    want = theirs(matrix, map_, digits.target)
    failures = []

    def check(name, value, expected, tolerance):
        print(f"{name:20} ours {value:.6f}  scikit-learn {expected:.6f}")
        if not abs(value - expected) <= tolerance * max(1, abs(expected)):
            failures.append(name)

    for name, expected in want.items():
        check(name, got[name], expected, TOLERANCES.get(name, 1e-4))
    peer = NearestNeighbors(n_neighbors=NEIGHBORS, algorithm="brute").fit(matrix.astype(np.float64))
    worst = np.abs(distances - peer.kneighbors()[0]).max()
    check("neighbour distances", worst, 0, 1e-5)
    check("silhouette", got["silhouette"], silhouette_score(matrix, clusters), 1e-5)

    def peer_silhouette(k):
        return silhouette_score(matrix, KMeans(k, n_init=5, random_state=1).fit_predict(matrix))

    counts = {*CLUSTER_COUNTS, int(got["clusters"])}
    check("best silhouette", got["silhouette"], max(map(peer_silhouette, counts)), 0.01)
    peer_within = KMeans(int(got["clusters"]), n_init=5, random_state=1).fit(matrix).inertia_
    total = ((matrix - matrix.mean(0)) ** 2).sum()
    check("within share", got["within_share"], peer_within / total, 0.01)
    if failures:
        sys.exit("differ: " + ", ".join(failures))


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
"""Draws maps of one matrix by our t-SNE and by its peers, and judges all by one evaluator.

usage: compare_tsne.py MATRIX.npy FOLDER {ours|exact|opentsne|fitsne|sklearn|judge}...
                       [--program PATH] [--fitsne FOLDER] [--iterations 750] [--threads 2] [--all-pairs]

MATRIX is N x D float32. Each of `ours`, `exact` (our direct sums over all pairs), `opentsne`, `fitsne` and `sklearn` writes FOLDER/NAME.npy and
FOLDER/NAME.json (wall and CPU seconds, from rows to map; the peers' own imports are not counted).
`judge` prints a table of every map in FOLDER: the exact KL divergence, with P from the exact 90
nearest neighbours at perplexity 30 and Z over all pairs in float64, and the recall@10 of 5,000 rows.
With --all-pairs P is that of all pairs of rows, N^2 memory: what the exact method minimises.
The peers come from PyPI: pip install openTSNE scikit-learn. FIt-SNE is a checkout of its repository,
built as its README says, in --fitsne. A peer that is missing is said to be so.
"""

import argparse
import json
import pathlib
import resource
import subprocess
import sys
import time

import numpy as np

PERPLEXITY = 30
NEIGHBORS = 3 * PERPLEXITY
RECALL_AT = 10
QUERIES = 5000
BLOCK = 500


def cpu_seconds():
    usage = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(u.ru_utime + u.ru_stime for u in usage)


def ours(path, target, options, *more):
    command = [options.program, path, target, "--iterations", str(options.iterations),
               "--perplexity", str(PERPLEXITY), "--threads", str(options.threads), *more]
    answer = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    report = json.loads(answer)
    return {"wall": report["seconds"], "cpu": report["cpu_seconds"], **report}


def exact(path, target, options):
    return ours(path, target, options, "--exact", "1")


def timed(fit, target, who=resource.RUSAGE_SELF):
    cpu, wall = cpu_seconds(), time.perf_counter()
    coordinates, extra = fit()
    times = {"wall": time.perf_counter() - wall, "cpu": cpu_seconds() - cpu}
    np.save(target, np.asarray(coordinates, np.float32))
    peak = resource.getrusage(who).ru_maxrss / 1024
    return {**times, **extra, "peak_mb": peak}


def opentsne(path, target, options):
    import openTSNE
    rows = np.load(path)

    def fit():
        late = options.iterations - 250
        tsne = openTSNE.TSNE(perplexity=PERPLEXITY, n_iter=late, n_jobs=options.threads, random_state=1,
                             negative_gradient_method="fft")
        return tsne.fit(rows), {"version": openTSNE.__version__}

    return timed(fit, target)


def fitsne(path, target, options):
    sys.path.append(options.fitsne)
    from fast_tsne import fast_tsne  # its own wrapper and defaults; it runs a program
    rows = np.load(path)

    def fit():
        coordinates = fast_tsne(rows, perplexity=PERPLEXITY, max_iter=options.iterations, seed=1,
                                nthreads=options.threads)
        return coordinates, {}

    return timed(fit, target, resource.RUSAGE_CHILDREN)


def sklearn(path, target, options):
    import sklearn as package
    from sklearn.manifold import TSNE
    rows = np.load(path)

    def fit():
        tsne = TSNE(perplexity=PERPLEXITY, max_iter=options.iterations, init="pca", random_state=1,
                    n_jobs=options.threads)
        return tsne.fit_transform(rows), {"version": package.__version__}

    return timed(fit, target)


def nearest(rows, queries, count):
    """The `count` nearest rows of each query, without itself, and their squared distances."""
    indices = np.empty((len(queries), count), np.int64)
    squares = np.empty((len(queries), count))
    norms = np.einsum("ij,ij->i", rows, rows)
    for begin in range(0, len(queries), BLOCK):
        at = queries[begin:begin + BLOCK]
        distances = norms[None, :] - 2 * rows[at] @ rows.T
        distances[np.arange(len(at)), at] = np.inf
        found = np.argpartition(distances, count, axis=1)[:, :count]
        exact = np.square(rows[at][:, None, :].astype(np.float64) - rows[found]).sum(2)
        order = np.argsort(exact, axis=1, kind="stable")
        indices[begin:begin + BLOCK] = np.take_along_axis(found, order, 1)
        squares[begin:begin + BLOCK] = np.take_along_axis(exact, order, 1)
    return indices, squares


def conditionals(squares):
    """p_{j|i} of rows of squared distances, of which inf is none."""
    squares = squares - squares.min(1, keepdims=True)
    low, high = np.full(len(squares), -50.0), np.full(len(squares), 50.0)
    for _ in range(60):
        middle = (low + high) / 2
        weights = np.exp(-np.exp(middle)[:, None] * squares)
        p = weights / weights.sum(1, keepdims=True)
        entropy = -(p * np.log(np.maximum(p, 1e-300))).sum(1)
        is_wide = entropy > np.log(PERPLEXITY)
        low, high = np.where(is_wide, middle, low), np.where(is_wide, high, middle)
    return p


def affinities(rows):
    """The edges (i, j, p_ij) of P, each direction once."""
    count = len(rows)
    indices, squares = nearest(rows, np.arange(count), NEIGHBORS)
    row = np.repeat(np.arange(count), NEIGHBORS)
    column, value = indices.ravel(), conditionals(squares).ravel() / (2 * count)
    keys = np.concatenate([row * count + column, column * count + row])
    keys, inverse = np.unique(keys, return_inverse=True)
    values = np.bincount(inverse, np.concatenate([value, value]))
    return keys // count, keys % count, values


def dense_affinities(rows):
    """P, N x N."""
    count = len(rows)
    rows = rows.astype(np.float64)
    norms = np.einsum("ij,ij->i", rows, rows)
    p = np.empty((count, count))
    for begin in range(0, count, BLOCK):
        block = rows[begin:begin + BLOCK]
        squares = norms[begin:begin + BLOCK, None] + norms[None, :] - 2 * block @ rows.T
        squares[np.arange(len(block)), begin + np.arange(len(block))] = np.inf
        p[begin:begin + BLOCK] = conditionals(squares)
    return (p + p.T) / (2 * count)


def attraction(edges, coordinates):
    """The sum of p_ij log(p_ij (1 + |y_i - y_j|^2)): the KL divergence less the logarithm of Z."""
    i, j, p = edges
    squares = np.square(coordinates[i] - coordinates[j]).sum(1)
    return (p * np.log(np.maximum(p, 1e-300))).sum() + (p * np.log1p(squares)).sum()


def dense_attraction(p, coordinates):
    """As attraction, of an N x N matrix P."""
    total = 0.0
    norms = np.einsum("ij,ij->i", coordinates, coordinates)
    for begin in range(0, len(coordinates), BLOCK):
        block, at = coordinates[begin:begin + BLOCK], p[begin:begin + BLOCK]
        squares = norms[begin:begin + BLOCK, None] + norms[None, :] - 2 * block @ coordinates.T
        total += (at * (np.log(np.maximum(at, 1e-300)) + np.log1p(np.maximum(squares, 0)))).sum()
    return total


def sum_of_q(coordinates):
    total = 0.0
    norms = np.einsum("ij,ij->i", coordinates, coordinates)
    for begin in range(0, len(coordinates), BLOCK):
        block = coordinates[begin:begin + BLOCK]
        squares = norms[begin:begin + BLOCK, None] + norms[None, :] - 2 * block @ coordinates.T
        total += (1 / (1 + np.maximum(squares, 0))).sum()
    return total - len(coordinates)


def judge(path, folder, all_pairs):
    rows = np.load(path)
    p = dense_affinities(rows) if all_pairs else affinities(rows)
    queries = np.random.default_rng(1).permutation(len(rows))[:QUERIES]
    truth = nearest(rows, queries, RECALL_AT)[0]
    print("| map | exact KL | recall@10 | wall s | CPU s | peak MB |\n|---|---|---|---|---|---|")
    for target in sorted(pathlib.Path(folder).glob("*.npy")):
        coordinates = np.load(target)[:, :2].astype(np.float64)
        coordinates -= coordinates.mean(0)
        kl = dense_attraction(p, coordinates) if all_pairs else attraction(p, coordinates)
        kl += np.log(sum_of_q(coordinates))
        found = nearest(np.ascontiguousarray(coordinates), queries, RECALL_AT)[0]
        recall = np.mean([len(set(a) & set(b)) / RECALL_AT for a, b in zip(found, truth)])
        run = json.loads(target.with_suffix(".json").read_text())
        print(f"| {target.stem} | {kl:.4f} | {recall:.4f} | {run['wall']:.1f} | {run['cpu']:.1f} "
              f"| {run.get('peak_mb', 0):.0f} |", flush=True)


def run_steps(options, steps, judge_maps):
    """Runs `judge_maps`, or the function of a step's name, whose figures go beside its map."""
    options.folder.mkdir(parents=True, exist_ok=True)
    for step in options.steps:
        if step == "judge":
            judge_maps()
            continue
        target = options.folder / f"{step}.npy"
        try:
            run = steps[step](options.matrix, target, options)
        except ImportError as error:
            print(f"{step}: skipped: {error}", file=sys.stderr)
            continue
        target.with_suffix(".json").write_text(json.dumps(run))
        print(step, json.dumps(run), flush=True)


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("matrix")
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("steps", nargs="+", choices=["ours", "exact", "opentsne", "fitsne", "sklearn", "judge"])
    parser.add_argument("--program", default="build/release/tsne_seconds")
    parser.add_argument("--fitsne", default="FIt-SNE")
    parser.add_argument("--iterations", type=int, default=750)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--all-pairs", action="store_true")
    options = parser.parse_args()
    run_steps(options, globals(), lambda: judge(options.matrix, options.folder, options.all_pairs))


if __name__ == "__main__":
    main()

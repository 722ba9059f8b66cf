#!/usr/bin/env python3
"""Draws maps of one matrix by our UMAP and by umap-learn, and judges both by one evaluator.

usage: compare_umap.py MATRIX.npy FOLDER {ours|umap|umap_pca|judge}... [--program PATH]
                       [--neighbors 15] [--min-dist 0.1] [--epochs 0] [--threads 2] [--seed 1]

MATRIX is N x D float32. `ours` runs `spirogram project --method umap`; `umap` is umap-learn as it
comes, without a seed and on several threads; `umap_pca` starts from principal components as ours does.
--epochs 0: 500 up to 10,000 rows, else 200, for all. Each writes FOLDER/NAME.npy and FOLDER/NAME.json
(wall and CPU seconds from rows to map; umap-learn's imports are not counted, nor is its compilation:
it has drawn a small map before). `judge` prints a table of every map in FOLDER: trustworthiness
at 12 neighbours and recall@10, both of at most 5,000 rows against all, in the D dims.
The peer comes from PyPI: pip install umap-learn. Where it is missing this is said.
"""

import argparse
import json
import pathlib
import resource
import subprocess

import numpy as np

from compare_tsne import BLOCK, QUERIES, RECALL_AT, nearest, run_steps, timed

TRUST_NEIGHBORS = 12


def ours(path, target, options):
    command = [options.program, "project", path, "--method", "umap", "--out", target, "--json",
               "--quality", "off", "--neighbors", str(options.neighbors), "--seed", str(options.seed),
               "--min-dist", str(options.min_dist), "--epochs", str(options.epochs), "--threads",
               str(options.threads)]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    answer = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    seconds = json.loads(answer)["seconds"]
    return {"wall": seconds["total"], "cpu": cpu, "peak_mb": after.ru_maxrss / 1024, "stages": seconds}


def peer(path, target, options, init):
    import umap
    rows = np.load(path)
    umap.UMAP(n_jobs=options.threads).fit(rows[:5000])

    def fit():
        model = umap.UMAP(n_neighbors=options.neighbors, min_dist=options.min_dist, init=init,
                          n_epochs=options.epochs or None, n_jobs=options.threads)
        return model.fit_transform(rows), {"version": umap.__version__}

    return timed(fit, target)


def umap(path, target, options):
    return peer(path, target, options, "spectral")


def umap_pca(path, target, options):
    return peer(path, target, options, "pca")


def trustworthiness(rows, coordinates, queries):
    """Venna and Kaski 2001, on some of the rows."""
    k, count = TRUST_NEIGHBORS, len(rows)
    near = nearest(coordinates, queries, k)[0]
    norms = np.einsum("ij,ij->i", rows, rows)
    penalty = 0
    for begin in range(0, len(queries), BLOCK):
        at = queries[begin:begin + BLOCK]
        squares = norms[None, :] - 2 * rows[at] @ rows.T
        squares[np.arange(len(at)), at] = np.inf
        order = np.argsort(squares, axis=1)
        ranks = np.empty_like(order)
        np.put_along_axis(ranks, order, np.broadcast_to(np.arange(1, count + 1), order.shape), 1)
        found = np.take_along_axis(ranks, near[begin:begin + BLOCK], 1)
        penalty += np.maximum(found - k, 0).sum()
    return 1 - 2 / (len(queries) * k * (2 * count - 3 * k - 1)) * penalty


def judge(path, folder):
    rows = np.load(path).astype(np.float64)
    queries = np.random.default_rng(1).permutation(len(rows))[:QUERIES]
    truth = nearest(rows, queries, RECALL_AT)[0]
    print("| map | trustworthiness | recall@10 | wall s | CPU s | peak MB |\n|---|---|---|---|---|---|")
    for target in sorted(pathlib.Path(folder).glob("*.npy")):
        coordinates = np.load(target).astype(np.float64)
        coordinates -= coordinates.mean(0)
        found = nearest(coordinates, queries, RECALL_AT)[0]
        recall = np.mean([len(set(a) & set(b)) / RECALL_AT for a, b in zip(found, truth)])
        trust = trustworthiness(rows, coordinates, queries)
        run = json.loads(target.with_suffix(".json").read_text())
        print(f"| {target.stem} | {trust:.4f} | {recall:.4f} | {run['wall']:.1f} | {run['cpu']:.1f} "
              f"| {run.get('peak_mb', 0):.0f} |", flush=True)


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("matrix")
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("steps", nargs="+", choices=["ours", "umap", "umap_pca", "judge"])
    parser.add_argument("--program", default="build/release/spirogram")
    parser.add_argument("--neighbors", type=int, default=15)
    parser.add_argument("--min-dist", type=float, default=0.1)
    parser.add_argument("--epochs", type=int, default=0)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    run_steps(options, globals(), lambda: judge(options.matrix, options.folder))


if __name__ == "__main__":
    main()

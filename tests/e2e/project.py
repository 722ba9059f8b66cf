#!/usr/bin/env python3
"""`spirogram project` on files as numpy, Python and TensorBoard's writers make them, on a run of the
trainer: what it writes and what it prints. What it refuses: project_odd_input.py.

usage: project.py SPIROGRAM TEST_DATA

Exit code 77 where the peers' packages are missing: the test is then skipped.
"""

import csv
import gzip
import pathlib
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from server import Server  # noqa: E402

try:
    import numpy
    import tensorboardX
    from PIL import Image
    from project_program import PROGRAM, clusters, refusal, report, run, run_tests
except ImportError as error:
    print(f"skipped: {error}")
    sys.exit(77)

DATA = pathlib.Path(sys.argv[2])
FAST = ["--iterations", "100", "--perplexity", "10", "--device", "cpu"]


def share_with_own_label(points, label):
    """How many points have a nearest neighbour of their own cluster."""
    distance = ((points[:, None, :] - points[None, :, :]) ** 2).sum(axis=2)
    numpy.fill_diagonal(distance, numpy.inf)
    return (label[distance.argmin(axis=1)] == label).mean()


def tests_numpy_files(folder):
    rows, label = clusters()
    numpy.save(folder / "rows.npy", rows)
    out = folder / "map.npy"
    answer = report(folder / "rows.npy", *FAST, "--out", out)
    map_ = numpy.load(out)
    assert map_.dtype == numpy.float32 and map_.shape == (200, 2) and map_.flags.c_contiguous
    assert share_with_own_label(map_, label) > 0.98
    assert answer["method"] == "tsne" and answer["seed"] == 1 and answer["iterations"] == 100
    assert answer["points"] == 200 and answer["dims"] == 2 and answer["device"] == "cpu"
    assert answer["parameters"]["perplexity"] == 10
    assert answer["parameters"]["metric"] == "euclidean"
    assert answer["kl_divergence"] > 0 and answer["kl_is_exact"] is True
    assert 0.8 < answer["trustworthiness"] <= 1 and 0 < answer["recall_10"] <= 1
    assert answer["quality"]["trustworthiness"]["samples"] == 200
    extent = numpy.ptp(map_, axis=0).max()
    assert abs(answer["span"] - extent) < 1e-3 * extent
    stages = answer["seconds"]
    assert {"read", "start", "neighbors", "affinities", "descent", "quality", "write",
            "total"} == set(stages), stages
    assert all(seconds >= 0 for seconds in stages.values())
    assert answer["outputs"] == [str(out)]
    # Whatever the file's type and order, the same numbers give the same map.
    whole = (rows * 100).astype(numpy.int32)
    want = None
    for version in [(1, 0), (2, 0), (3, 0)]:
        for dtype in ["f8", "i8", "i4"]:
            for order in ["C", "F"]:
                with open(folder / "typed.npy", "wb") as file:
                    numpy.lib.format.write_array(
                        file, numpy.asarray(whole, dtype=dtype, order=order), version=version)
                run(folder / "typed.npy", *FAST, "--method", "pca", "--quality", "off", "--out", out)
                want = out.read_bytes() if want is None else want
                assert out.read_bytes() == want, (version, dtype, order)
    for dtype in [">f4", ">f8", ">i4", ">i8"]:
        numpy.save(folder / "typed.npy", whole.astype(dtype))
        run(folder / "typed.npy", *FAST, "--method", "pca", "--quality", "off", "--out", out)
        assert out.read_bytes() == want, dtype
    for dtype in ["f2", "i1", "u1", "i2", "u2", "u4", "u8", "?"]:
        numpy.save(folder / "typed.npy", (rows > 0).astype(dtype))
        run(folder / "typed.npy", "--method", "pca", "--quality", "off", "--out", out)
        assert numpy.load(out).shape == (200, 2), dtype


def tests_few_iterations(folder):
    """Of few iterations, half let go again what the early exaggeration drew together."""
    rows = numpy.random.default_rng(0).normal(size=(60, 5)).astype(numpy.float32)
    numpy.save(folder / "rows.npy", rows)
    for iterations, early in [(100, 50), (300, 150), (500, 250), (750, 250)]:
        answer = report(folder / "rows.npy", "--device", "cpu", "--iterations", iterations)
        assert answer["parameters"]["early_exaggeration_iterations"] == early
        assert answer["span"] > 1 and answer["trustworthiness"] > 0.75, answer
    drawn = report(folder / "rows.npy", "--device", "cpu", "--iterations", 100,
                   "--early-exaggeration-iterations", 100)
    assert drawn["parameters"]["early_exaggeration_iterations"] == 100, "what was asked for"
    free = report(folder / "rows.npy", "--device", "cpu", "--iterations", 100)
    assert free["kl_divergence"] < drawn["kl_divergence"], (free, drawn)


def tests_pca_against_numpy(folder):
    rows, _ = clusters()
    numpy.save(folder / "rows.npy", rows)
    answer = report(folder / "rows.npy", "--method", "pca", "--dims", 3, "--out", folder / "p.npy")
    centred = rows.astype(numpy.float64) - rows.mean(axis=0)
    _, sizes, axes = numpy.linalg.svd(centred, full_matrices=False)
    want = centred @ axes[:3].T
    got = numpy.load(folder / "p.npy")
    signs = numpy.sign((want * got).sum(axis=0))
    assert numpy.abs(got - want * signs).max() < 1e-3
    share = sizes**2 / (sizes**2).sum()
    assert numpy.allclose(answer["variance_share"], share[:3], atol=1e-6)
    assert answer["kl_divergence"] is None and answer["iterations"] == 0
    numpy.save(folder / "small.npy", rows * 1e-12)
    text = run(folder / "small.npy", "--method", "pca", "--quality", "off").stdout
    assert "e-11" in text.split("span")[1].splitlines()[0], text
    report(folder / "rows.npy", "--method", "pca", "--dims", 16, "--out", folder / "p.npy")
    assert numpy.load(folder / "p.npy").shape == (200, 16)


def tests_the_same_seed_gives_the_same_bytes(folder):
    rows, _ = clusters(each=250)  # beyond the exact method
    numpy.save(folder / "rows.npy", rows)
    maps = []
    for number, flags in enumerate([["--threads", 1], ["--threads", 2], ["--seed", 2, "--init", "random"]]):
        out = folder / f"map{number}.npy"
        answer = report(folder / "rows.npy", *FAST, "--quality", "off", "--out", out, *flags)
        assert answer["engine"] == "particle mesh" and answer["kl_is_exact"] is False
        assert answer["neighbors"] and answer["quality"]["absent"] == "--quality off"
        assert answer["trustworthiness"] is None and answer["span"] > 0
        maps.append(out.read_bytes())
    assert maps[0] == maps[1] and maps[0] != maps[2]


def tests_all_files_tell_the_same(folder):
    rows, label = clusters()
    numpy.save(folder / "rows.npy", rows)
    rows.tofile(folder / "rows.bin")
    with open(folder / "rows.csv", "w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["kind", *(f"f{i}" for i in range(16)), "number"])
        for row, kind in zip(rows, label):
            writer.writerow([f'cluster "{kind}", ü', *map(repr, map(float, row)), kind])
    (folder / "rows.tsv").write_text(
        "".join("\t".join(map(repr, map(float, row))) + "\n" for row in rows))
    (folder / "labels.tsv").write_text("".join(f"{kind}\n" for kind in label))
    (folder / "projector_config.pbtxt").write_text(
        'embeddings { tensor_name: "items" tensor_path: "rows.tsv" metadata_path: "labels.tsv" }\n'
        'embeddings { tensor_name: "others" tensor_path: "rows.npy" }\n')
    maps = set()
    for number, arguments in enumerate([
            [folder / "rows.npy"], [folder / "rows.bin", "--shape", "200x16"],
            [folder / "rows.csv", "--metadata-columns", "number"], [folder / "rows.tsv"],
            [folder / "projector_config.pbtxt", "--tensor", "items"],
            [folder / "projector_config.pbtxt", "--tensor", "others"]]):
        out = folder / f"same{number}.npy"
        run(*arguments, *FAST, "--quality", "off", "--out", out)
        maps.add(out.read_bytes())
    assert len(maps) == 1, f"{len(maps)} different maps of the same rows"
    assert "items, others" in refusal(folder / "projector_config.pbtxt")
    (folder / "projector_config.pbtxt").write_text('model_checkpoint_path: "none.ckpt"\n')
    assert "no checkpoint none.ckpt" in refusal(folder / "projector_config.pbtxt")

    answer = report(folder / "rows.csv", *FAST, "--colour-by", "number", "--out", folder / "m.csv",
                    "--out", folder / "m.png", "--out", folder / "m.npy", "--size", 600)
    assert answer["input"]["metadata_columns"] == ["kind", "number"]
    assert answer["input"]["dims"] == 16
    with open(folder / "m.csv", newline="") as file:
        table = list(csv.reader(file))
    assert table[0] == ["row", "x", "y", "kind", "number"] and len(table) == 201
    map_ = numpy.load(folder / "m.npy")
    for number, row in enumerate(table[1:]):
        assert int(row[0]) == number
        assert (numpy.array(row[1:3], dtype=numpy.float32) == map_[number]).all()
        assert row[3:] == [f'cluster "{label[number]}", ü', str(label[number])]


def tests_pictures(folder):
    rows, label = clusters()
    numpy.save(folder / "rows.npy", rows)
    (folder / "labels.tsv").write_text(
        "name\tdepth\n" + "".join(f"<b>{kind}</b> 重み\t{i / 7}\n" for i, kind in enumerate(label)))
    sizes = set()
    for number, flags in enumerate([[], ["--dark"], ["--colour-by", "name"], ["--colour-by", "depth"],
                                    ["--dims", 3]]):
        out = folder / f"p{number}.png"
        run(folder / "rows.npy", "--metadata", folder / "labels.tsv", *FAST, "--size", 500, "--out",
            out, *flags)
        with Image.open(out) as image:
            image.load()
            assert image.format == "PNG" and image.size == (500, 500) and image.mode == "RGB"
            ground = image.getpixel((0, 0))
            assert ground == ((0x17, 0x1F, 0x26) if "--dark" in flags else (255, 255, 255)), ground
            colours = image.getcolors(500 * 500)
            assert sum(count for count, colour in colours if colour != ground) > 1000
            found = {colour for _, colour in colours}
            if "name" in flags:  # the legend has each category's colour at its full strength
                assert {(0x0B, 0x6F, 0xB3), (0xD1, 0x56, 0x0A), (0x05, 0x5B, 0x10)} <= found
            if "depth" in flags:
                assert {(0x44, 0x01, 0x54), (0x22, 0xA6, 0x85)} <= found
        sizes.add(out.read_bytes())
    assert len(sizes) == 5
    message = refusal(folder / "rows.npy", "--metadata", folder / "labels.tsv", "--colour-by", "x",
                      code=3)
    assert "name, depth" in message, message


def tests_continuing_a_map(folder):
    rows, _ = clusters()
    numpy.save(folder / "rows.npy", rows)
    first, second = folder / "first.npy", folder / "second.npy"
    before = report(folder / "rows.npy", "--iterations", 300, *FAST[2:], "--out", first)
    after = report(folder / "rows.npy", *FAST, "--start", first, "--out", second)
    assert after["parameters"]["init"] == "given"
    assert after["parameters"]["early_exaggeration_iterations"] == 0
    assert after["kl_divergence"] < before["kl_divergence"] + 0.01
    a, b = numpy.load(first), numpy.load(second)
    assert (a != b).any()
    assert numpy.corrcoef(a[:, 0], b[:, 0])[0, 1] > 0.95  # it goes on, it does not begin anew
    numpy.save(first, a[:100])
    assert "100 x 2, want 200 x 2" in refusal(folder / "rows.npy", *FAST, "--start", first)


def tests_umap(folder):
    rows, label = clusters()
    numpy.save(folder / "rows.npy", rows)
    out = folder / "map.npy"
    answer = report(folder / "rows.npy", "--method", "umap", "--out", out)
    assert share_with_own_label(numpy.load(out), label) > 0.98
    assert answer["method"] == "umap" and answer["engine"] == "sampling"
    assert answer["iterations"] == 500 and answer["kl_divergence"] is None
    parameters = answer["parameters"]
    assert parameters["neighbors"] == 15 and parameters["min_dist"] == 0.1
    assert abs(parameters["a"] - 1.577) < 1e-3 and abs(parameters["b"] - 0.895) < 1e-3
    assert answer["trustworthiness"] > 0.9 and answer["recall_10"] > 0.3
    first = out.read_bytes()
    run(folder / "rows.npy", "--method", "umap", "--threads", 1, "--quality", "off", "--out", out)
    assert out.read_bytes() == first, "the number of threads shows in the map"
    text = run(folder / "rows.npy", "--method", "umap", "--dims", 3, "--neighbors", 5, "--min-dist", 0.5,
               "--epochs", 50, "--metric", "cosine", "--out", out).stdout
    assert numpy.load(out).shape == (200, 3)
    assert "50 epochs" in text and "KL" not in text, text
    run(folder / "rows.npy", "--method", "umap", "--dims", 3, "--epochs", 5, "--start", out)
    assert "got 300 neighbours, want 2 to 200" in refusal(
        folder / "rows.npy", "--method", "umap", "--neighbors", 300)
    assert "got min_dist 2, want 0 to 1" in refusal(
        folder / "rows.npy", "--method", "umap", "--min-dist", 2)
    assert "UMAP is computed on the CPU" in refusal(
        folder / "rows.npy", "--method", "umap", "--device", "cuda")
    assert "UMAP of 200 points takes" in refusal(
        folder / "rows.npy", "--method", "umap", "--memory-gib", 1e-3, code=1)


def tests_placing_new_rows(folder):
    rows, label = clusters(each=30)
    numpy.save(folder / "old.npy", rows[:200])
    numpy.save(folder / "new.npy", rows[200:])
    old, new = folder / "old_map.npy", folder / "new_map.npy"
    run(folder / "old.npy", *FAST, "--out", old)
    before = old.read_bytes()
    onto = ["--onto", old, "--reference", folder / "old.npy"]
    answer = report(folder / "new.npy", *onto, "--out", new)
    assert old.read_bytes() == before
    maps = numpy.load(old), numpy.load(new)
    assert maps[1].shape == (100, 2)
    distance = ((maps[1][:, None, :] - maps[0][None, :, :]) ** 2).sum(axis=2)
    assert (label[:200][distance.argmin(axis=1)] == label[200:]).mean() > 0.98
    assert answer["method"] == "placement" and answer["points"] == 100
    placement = answer["placement"]
    assert placement["reference"].endswith("old.npy") and placement["reference_points"] == 200
    assert placement["neighbors"] == 10 and 0.3 < placement["recall"] <= 1
    assert "recall@10" in run(folder / "new.npy", *onto).stdout
    # A row lands in the same place whatever else is placed, and however many threads place it.
    numpy.save(folder / "few.npy", rows[200:203])
    run(folder / "few.npy", *onto, "--threads", 1, "--out", folder / "few_map.npy")
    assert (numpy.load(folder / "few_map.npy") == maps[1][:3]).all()
    assert "go together" in refusal(folder / "new.npy", "--onto", old)
    assert "whatever drew the map" in refusal(folder / "new.npy", *onto, "--method", "umap")
    assert "want 100 x 2" in refusal(folder / "new.npy", "--onto", old, "--reference",
                                     folder / "new.npy")
    numpy.save(folder / "wide.npy", numpy.ones((5, 3), dtype=numpy.float32))
    assert "got 3 dims and 200 old rows, want the 16 dims" in refusal(folder / "wide.npy", *onto)


def tests_late_exaggeration(folder):
    rows, _ = clusters(each=300)
    numpy.save(folder / "rows.npy", rows)
    usual = report(folder / "rows.npy", "--iterations", 300, "--quality", "off")
    late = report(folder / "rows.npy", "--iterations", 300, "--quality", "off", "--late-exaggeration",
                  4, "--late-exaggeration-iterations", 50)
    assert late["parameters"]["late_exaggeration"] == 4
    assert late["span"] < usual["span"], "what attracts harder lies closer"


def tests_tensorboards_writer(folder):
    rows, label = clusters()
    writer = tensorboardX.SummaryWriter(str(folder / "run"))
    writer.add_embedding(rows, metadata=[f"c{kind}" for kind in label], global_step=1)
    writer.close()
    answer = report(folder / "run/projector_config.pbtxt", *FAST, "--colour-by", "label", "--out",
                    folder / "map.png")
    assert answer["points"] == 200 and answer["input"]["dims"] == 16
    assert answer["input"]["metadata_columns"] == ["label"]


def tests_a_run(folder):
    logdir, data = folder / "runs", folder / "data"
    subprocess.run([PROGRAM, "train", "recsys", "--logdir", logdir, "--run", "a/b", "--steps", "60",
                    "--device", "cpu", "--no-profile"], check=True, capture_output=True, timeout=240)
    server = Server(PROGRAM, str(logdir), str(data))
    server.wait_until_loaded()
    of_run = ["--data-dir", data, "--run", "a/b"]
    names = refusal(*of_run).split("one of: ")[1].split(", ")
    assert "embeddings/item_embedding" in names, names
    of_run += ["--tag", "embeddings/item_embedding"]
    fast = [*FAST, "--quality", "off"]
    answer = report(*of_run, *fast, "--out", folder / "run.npy")
    assert answer["input"]["format"] == "run" and answer["points"] > 100
    # The logger's own projector files hold the newest checkpoint.
    config = next(logdir.rglob("projector_config.pbtxt"))
    tensors = refusal(config).split("one of: ")[1].split(", ")
    tensor = next(name for name in tensors if "item_embedding" in name)
    run(config, "--tensor", tensor, *fast, "--out", folder / "file.npy")
    assert (folder / "run.npy").read_bytes() == (folder / "file.npy").read_bytes()
    column = answer["input"]["metadata_columns"][0]
    run(*of_run, *fast, "--colour-by", column, "--out", folder / "run.png")
    assert "no step 987654" in refusal(*of_run, "--step", 987654, code=3)
    assert "there are: a/b" in refusal("--data-dir", data, "--run", "none", code=3)
    assert "no embedding" in refusal("--data-dir", data, "--run", "a/b", "--tag", "x", code=3)
    for rows in (of_run, [config, "--tensor", tensor]):
        assert "--memory-gib" in refusal(*rows, "--memory-gib", 1e-6, code=1), rows
    assert server.stop() == 0


def tests_digits(folder):
    images = DATA / "mnist" / "t10k-images-idx3-ubyte.gz"
    if not images.exists():
        print(f"left out: no {images}")
        return
    count = 3000
    pixels = numpy.frombuffer(gzip.open(images).read(), dtype="u1")[16:].reshape(-1, 784)[:count]
    labels = DATA / "mnist" / "t10k-labels-idx1-ubyte.gz"
    label = numpy.frombuffer(gzip.open(labels).read(), dtype="u1")[8:][:count]
    numpy.save(folder / "digits.npy", pixels)
    answer = report(folder / "digits.npy", "--device", "cpu", "--iterations", 400, "--out",
                    folder / "map.npy")
    assert answer["trustworthiness"] > 0.95 and answer["recall_10"] > 0.3, answer
    assert share_with_own_label(numpy.load(folder / "map.npy"), label) > 0.88


run_tests(globals())

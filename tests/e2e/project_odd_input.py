#!/usr/bin/env python3
"""`spirogram project` on input that is damaged, small, or holds what is no number, and from a pipe:
what it leaves out, what it fits, and what it refuses.

usage: project_odd_input.py SPIROGRAM

Exit code 77 where numpy is missing: the test is then skipped.
"""

import json
import os
import pathlib
import pty
import signal
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent))

try:
    import numpy
    from project_program import PROGRAM, clusters, refusal, report, run, run_tests
except ImportError as error:
    print(f"skipped: {error}")
    sys.exit(77)


def tests_damaged_files(folder):
    rows, _ = clusters(each=3, count=2, dims=4)
    numpy.save(folder / "whole.npy", rows)
    whole = (folder / "whole.npy").read_bytes()
    cut = folder / "cut.npy"
    for length in range(len(whole)):
        cut.write_bytes(whole[:length])
        assert "cut.npy" in refusal(cut, "--method", "pca", code=6), length
    cut.write_bytes(whole + b"x")
    refusal(cut, code=6)
    # Any one byte of the header may be another: refused, or read as what it then says.
    for at in range(128):
        for byte in [0, 0x27, 0x39, 0xFF]:
            cut.write_bytes(whole[:at] + bytes([byte]) + whole[at + 1:])
            done = subprocess.run([PROGRAM, "project", cut, "--method", "pca", "--quality", "off"],
                                  capture_output=True, text=True, timeout=60)
            assert done.returncode in (0, 2, 6), (at, byte, done)
    for shape in [(6,), (2, 3, 4), ()]:
        numpy.save(cut, numpy.zeros(shape))
        assert f"rank {len(shape)}" in refusal(cut, code=6)
    numpy.save(cut, numpy.zeros((0, 4)))
    refusal(cut, code=6)
    numpy.save(cut, numpy.array([["a", "b"]]))
    refusal(cut, code=6)
    (folder / "x.csv").write_text("a,b\n1,2\n3,x\n")
    assert 'x.csv, line 3, column "b"' in refusal(folder / "x.csv")
    (folder / "x.csv").write_bytes(b"\xff\xfe\x00\x01")
    refusal(folder / "x.csv")
    assert "x.bin" in refusal(folder / "x.bin", "--shape", "2x2", code=3)


def done_wrong(*arguments):
    """What the parser of the command line says."""
    return run("rows.npy", *arguments, expect=2).stderr


def tests_few_rows(folder):
    """What was not asked for is fitted to the rows, and told."""
    rows, _ = clusters(each=5)
    numpy.save(folder / "few.npy", rows)
    done = run(folder / "few.npy", "--json", "--iterations", 50, "--device", "cpu")
    assert json.loads(done.stdout)["parameters"]["perplexity"] == 16
    assert "perplexity 16, a third of the other points: there are 50 rows" in done.stderr
    numpy.save(folder / "few.npy", rows[:4])
    assert report(folder / "few.npy", "--device", "cpu")["parameters"]["perplexity"] == 1
    assert report(folder / "few.npy", "--method", "umap")["parameters"]["neighbors"] == 4
    assert "got 15 neighbours" in refusal(folder / "few.npy", "--method", "umap", "--neighbors", 15)
    numpy.save(folder / "few.npy", rows[:3])
    assert "got 3 points, want at least 4" in refusal(folder / "few.npy")


def tests_a_full_disk_behind_stdout(folder):
    numpy.save(folder / "rows.npy", clusters()[0])
    with open("/dev/full", "w") as full:
        done = subprocess.run([PROGRAM, "project", folder / "rows.npy", "--method", "pca"],
                              stdout=full, stderr=subprocess.PIPE, text=True, timeout=60)
    assert done.returncode == 1 and "write to stdout" in done.stderr, done


def tests_a_link_stays_a_link(folder):
    numpy.save(folder / "rows.npy", clusters()[0])
    (folder / "target.npy").write_bytes(b"old")
    (folder / "link.npy").symlink_to("target.npy")
    run(folder / "rows.npy", "--method", "pca", "--out", folder / "link.npy")
    assert (folder / "link.npy").is_symlink()
    assert numpy.load(folder / "target.npy").shape == (200, 2)
    (folder / "full.npy").symlink_to("/dev/full")
    assert "full.npy is a device" in refusal(folder / "rows.npy", "--out", folder / "full.npy")


def tests_what_is_read_is_not_overwritten(folder):
    rows, _ = clusters()
    numpy.save(folder / "rows.npy", rows)
    numpy.savetxt(folder / "rows.csv", rows, delimiter=",")
    (folder / "link.npy").symlink_to("rows.npy")
    for source, out in [("rows.npy", "rows.npy"), ("rows.npy", f"../{folder.name}/rows.npy"),
                        ("rows.npy", "link.npy"), ("link.npy", "rows.npy"), ("rows.csv", "rows.csv")]:
        before = (folder / source).read_bytes()
        assert "is read too" in refusal(folder / source, "--method", "pca", "--out", folder / out)
        assert (folder / source).read_bytes() == before, (source, out)
    assert "is read too" in refusal(
        folder / "rows.csv", "--onto", folder / "rows.npy", "--reference", folder / "rows.npy",
        "--dims", 3, "--out", folder / "rows.npy")
    assert "twice" in refusal(folder / "rows.npy", "--out", folder / "x.npy", "--out",
                              folder / "." / ".." / folder.name / "x.npy")
    run(folder / "rows.npy", "--method", "pca", "--dims", 3, "--out", folder / "map.npy")
    assert "want 200 x 2, or --dims 3" in refusal(folder / "rows.npy", "--start", folder / "map.npy")
    # A map that one goes on from is one's own.
    run(folder / "rows.npy", "--method", "pca", "--out", folder / "map.npy")
    run(folder / "rows.npy", "--iterations", 20, "--device", "cpu", "--start", folder / "map.npy",
        "--out", folder / "map.npy")


def tests_flags_of_no_use(folder):
    """What changes nothing is told, and changes nothing; what has its use is not told of."""
    rows, _ = clusters(each=5)
    rows_file, map_file, other_map = folder / "rows.npy", folder / "map.npy", folder / "other.npy"
    numpy.save(rows_file, rows)

    def notes(*args, out=map_file):
        told = run(rows_file, *args, "--quality", "off", "--out", out).stderr
        return [line.removeprefix("spirogram: ") for line in told.splitlines() if "of no use" in line]

    umap = ["--method", "umap", "--epochs", 5]
    assert notes(*umap, "--init", "random") == []
    plain = map_file.read_bytes()
    given = ["--perplexity", 3, "--iterations", 30, "--late_exaggeration", 2]
    assert notes(*umap, *given, "--init", "random", out=other_map) == [
        f"{flag} is of no use to --method umap" for flag in ["--perplexity", "--iterations", "--late-exaggeration"]]
    assert other_map.read_bytes() == plain
    assert notes("--method", "pca", "--init", "random", "--epochs", 5) == [
        f"{flag} is of no use to --method pca" for flag in ["--epochs", "--init"]]
    assert notes("--onto", map_file, "--reference", rows_file, "--perplexity", 3, out=other_map) == [
        "--perplexity is of no use to --onto"]
    fast = ["--perplexity", 3, "--iterations", 30]
    for flag, other in [("--late-exaggeration", "--late-exaggeration-iterations"),
                        ("--late-exaggeration-iterations", "--late-exaggeration")]:
        assert notes(*fast, flag, 2) == [f"{flag} is of no use without {other}"]
        assert notes(*fast, flag, 2, other, 3) == []
    drawn = ["--size", 300, "--dark"]
    assert notes("--method", "pca", *drawn) == [f"{flag} is of no use without a .png" for flag in drawn[::2]]
    assert notes("--method", "pca", *drawn, "--out", folder / "drawn.PNG") == []


def tests_what_cannot_be_drawn(folder):
    numpy.save(folder / "one.npy", numpy.ones((1, 4), dtype=numpy.float32))
    for method in ["tsne", "umap"]:
        told = run(folder / "one.npy", "--method", method, expect=2).stderr
        assert told.count("\n") == 1 and "got 1 points" in told, told
    run(folder / "one.npy", "--method", "pca", "--out", folder / "one.png")
    rows, _ = clusters(each=5)
    numpy.save(folder / "few.npy", rows)
    assert "got perplexity 30" in refusal(folder / "few.npy", "--perplexity", 30)
    assert "want a whole number from 0" in done_wrong("--seed", -1)
    assert "want a whole number from 0" in done_wrong("--seed", 2 ** 64)
    assert '--memory-gib: got "nan"' in done_wrong("--memory-gib", "nan")
    (folder / "red.csv").write_bytes(b"a,b\n1,2\n3,\x1b[31m\0red\n")
    assert '"\\x1b[31m\\x00red"' in refusal(folder / "red.csv")
    (folder / "red.csv").unlink()
    assert "want tsne, umap or pca" in refusal(folder / "few.npy", "--method", "none")
    assert ".npy, .csv or .png" in refusal(folder / "few.npy", "--out", folder / "x.jpg")
    run(folder / "few.npy", "--method", "pca", "--out", folder / "MAP.NPY")
    (folder / "MAP.NPY").unlink()
    assert "twice" in refusal(folder / "few.npy", "--out", folder / "x.npy", "--out",
                              folder / "x.npy")
    assert "--memory-gib" in refusal(folder / "few.npy", "--perplexity", 5, "--memory-gib", 1e-6,
                                     code=1)
    assert "either a FILE or --data-dir" in refusal()
    (folder / "labels.tsv").write_text("a\nb\n")
    assert "got 2 rows of metadata, want 50" in refusal(
        folder / "few.npy", "--metadata", folder / "labels.tsv")
    left = sorted(path.name for path in folder.iterdir())
    assert left == ["few.npy", "labels.tsv", "one.npy", "one.png"], left
    help_ = run("--help").stdout
    assert "Examples:" in help_ and "--colour-by" in help_


def tests_an_interrupt_leaves_nothing(folder):
    rows, _ = clusters(each=400)
    numpy.save(folder / "rows.npy", rows)
    terminal, other_end = pty.openpty()
    process = subprocess.Popen(
        [PROGRAM, "project", folder / "rows.npy", "--device", "cpu", "--iterations", "1000000",
         "--out", folder / "map.npy"], stdout=subprocess.PIPE, stderr=other_end)
    os.close(other_end)
    seen = b""
    while b"t-SNE [" not in seen:
        seen += os.read(terminal, 4096)
    process.send_signal(signal.SIGINT)
    assert process.wait(timeout=60) == 130
    while b"cancelled, nothing was written" not in seen:
        seen += os.read(terminal, 4096)
    os.close(terminal)
    assert process.stdout.read() == b""
    assert [path.name for path in folder.iterdir()] == ["rows.npy"]


def tests_rows_that_are_no_numbers(folder):
    """They are left out, named, and have no place; the others have the map that they have alone."""
    rows, label = clusters()
    broken = rows.copy()
    broken[4, 2], broken[150, 0] = numpy.nan, -numpy.inf
    numpy.save(folder / "broken.npy", broken)
    done = run(folder / "broken.npy", "--method", "pca", "--json", "--out", folder / "map.npy",
               "--out", folder / "map.csv", "--out", folder / "map.png")
    assert "2 of 200 rows are left out of the map, counted from 0: 4 (column 2 is NaN), " \
           "150 (column 0 is -Inf)" in done.stderr
    assert json.loads(done.stdout)["input"]["rows_left_out"] == [4, 150]
    places = numpy.load(folder / "map.npy")
    assert numpy.isnan(places).any(axis=1).nonzero()[0].tolist() == [4, 150]
    numpy.save(folder / "others.npy", numpy.delete(rows, [4, 150], axis=0))
    run(folder / "others.npy", "--method", "pca", "--out", folder / "alone.npy")
    assert (numpy.delete(places, [4, 150], axis=0) == numpy.load(folder / "alone.npy")).all()
    assert (folder / "map.csv").read_text().splitlines()[5] == "4,,"
    # Such a map is one to go on from, and to place rows on.
    run(folder / "broken.npy", "--start", folder / "map.npy", "--iterations", 50, "--device", "cpu",
        "--perplexity", 10, "--out", folder / "longer.npy")
    assert numpy.isnan(numpy.load(folder / "longer.npy")).any(axis=1).sum() == 2
    numpy.save(folder / "new.npy", broken[:10])
    run(folder / "new.npy", "--onto", folder / "map.npy", "--reference", folder / "broken.npy",
        "--out", folder / "placed.npy")
    assert numpy.isnan(numpy.load(folder / "placed.npy")).any(axis=1).nonzero()[0].tolist() == [4]
    numpy.save(folder / "rows.npy", rows)
    assert "has no place for row 4" in refusal(folder / "rows.npy", "--start", folder / "map.npy")
    broken[:, 3] = numpy.nan
    numpy.save(folder / "broken.npy", broken)
    message = refusal(folder / "broken.npy")
    assert "200 of 200 rows hold NaN" in message and "column 3 in 200 rows" in message


def tests_the_standard_input(folder):
    rows, _ = clusters(each=5)
    numpy.save(folder / "rows.npy", rows)
    numpy.savetxt(folder / "rows.csv", rows, delimiter=",", header=",".join("abcdefghijklmnop"))
    numpy.savetxt(folder / "rows.tsv", rows, delimiter="\t")
    (folder / "rows.bin").write_bytes(rows.tobytes())
    maps = []
    for name, *arguments in [("rows.npy",), ("rows.csv",), ("rows.tsv",), ("rows.tsv", "--format", "tsv"),
                             ("rows.bin", "--shape", "50x16")]:
        with open(folder / name, "rb") as source:
            done = subprocess.run([PROGRAM, "project", "-", "--method", "pca", "--json", *arguments,
                                   "--out", folder / "map.npy"], stdin=source, capture_output=True,
                                  text=True, timeout=60)
        assert done.returncode == 0, done
        assert json.loads(done.stdout)["input"]["name"] == "stdin"
        maps.append(numpy.load(folder / "map.npy"))
    assert all(numpy.abs(one - maps[0]).max() < 1e-4 for one in maps)

    def refused(text, *arguments):
        done = subprocess.run([PROGRAM, "project", "-", *arguments], input=text, capture_output=True,
                              timeout=60)
        assert done.returncode == 2, done
        return done.stderr.decode()
    assert 'stdin, line 2, column "column 2": got "x"' in refused(b"1,2\n3,x\n")
    assert "stdin, line 3: got 1 cells" in refused(b"1,2\n3,4\n# later\n")
    assert "the input is empty" in refused(b"")
    assert "want --format" in refused(bytes(100))


run_tests(globals())

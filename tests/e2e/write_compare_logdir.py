#!/usr/bin/env python3
"""Writes the log directory of compare_page.mjs: 40 runs whose hyperparameters differ, by tensorboardX. Two of them have
them, and one a metric, in a sub-run named by the time, as add_hparams makes it. One run alone logs a third metric.

usage: write_compare_logdir.py LOGDIR

Exit code 77 where tensorboardX is missing.
"""

import sys

try:
    from tensorboardX import SummaryWriter
    from tensorboardX.summary import hparams
except ImportError as error:
    print(f"skipped: {error}")
    sys.exit(77)

HOSTILE = "<img src=x onerror=alert(1)>"
RUNS = 40

for i in range(RUNS):
    settings = {
        "learning_rate": 10 ** (-4 + 3 * i / (RUNS - 1)),
        "optimizer": ("adam", "sgd", HOSTILE)[i % 3],
        "units": 16 << i % 4,
        "dropout": i % 2 == 0,
        "epochs": 3,  # the same everywhere: no axis
    }
    if i == 7:
        del settings["units"]
    with SummaryWriter(f"{sys.argv[1]}/run_{i:02}") as writer:
        if i not in (11, 25):
            for summary in hparams(settings, {"loss": None}):
                writer.file_writer.add_summary(summary)
        for layer in range(3):
            writer.add_histogram(f"layer_{layer}/weights", [i, i + layer, i + 2 * layer], 0)
        for step in range(5):
            loss = abs(i - 25) / 10 + 1 / (1 + step)
            writer.add_scalar("loss", loss, step)
            if i != 11:
                # The first run was at its best on the way.
                writer.add_scalar("accuracy", 0.9375 if i == 0 and step == 2 else 1 / (1 + loss), step)
            if i == 3:
                writer.add_scalar("auc", 0.625, step)
        if i in (11, 25):
            writer.add_hparams(settings, {"accuracy": 0.125} if i == 11 else {})

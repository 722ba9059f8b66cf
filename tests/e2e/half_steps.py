"""What the writers that get killed log: a scalar at each step from 0 on, whose value is half the step."""


def check_tag(server, run, tag, at_least):
    """Reads the whole tag in windows small enough that every row is one point; returns their number.

    Fails where a step is missing, doubled or of another value, or where there are fewer than
    `at_least`, which are those that were flushed or acknowledged.
    """
    seen = 0
    while True:
        items = server.get_columns("/api/v1/scalars", run=run, tag=tag, rows=10000,
                                   **{"from": seen, "to": seen + 4999})
        if not items or not items[0]["step"]:
            break
        item = items[0]
        steps = tuple(range(seen, seen + len(item["step"])))
        assert item["step"] == steps, f"{tag}: steps behind {seen} are {item['step'][:5]}..."
        assert set(item["count"]) == {1}, f"{tag}: a row of several points where each is one"
        assert item["mean"] == tuple(step * 0.5 for step in steps), f"{tag}: wrong values"
        seen += len(steps)
    assert seen >= at_least, f"{tag}: {seen} steps in the store, {at_least} were flushed or acknowledged"
    return seen

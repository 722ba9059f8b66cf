"""images, audio, mesh, projector: what is served as bytes."""

from .series import ODD, index_of, pairs_of


def walk(walker):
    walk_blobs(walker, "images", "images", "individualImage")
    walk_blobs(walker, "audio", "audio", "individualAudio")
    walk_meshes(walker)
    walk_projector(walker)


def walk_blobs(walker, plugin, listing, individual):
    """A blob's key is opaque: the bytes that it names are compared in its place."""
    for run, names in index_of(walker, plugin).items():
        for tag, info in names.items():
            for sample in range(info["samples"]):
                params = {"run": run, "tag": tag, "sample": sample}
                answers = [resolved(server, plugin, listing, individual, params)
                           for server in (walker.pair.ours, walker.pair.theirs)]
                if isinstance(answers[0], list) != isinstance(answers[1], list):
                    answers = [{"status": answer.get("status") if isinstance(answer, dict) else 200}
                               for answer in answers]
                walker.compare(f"{plugin}/{listing}", str(params), *walker.mark(run, tag, *answers))
    walker.status(f"{plugin}/{listing}", {"run": ODD, "tag": ODD})
    if plugin == "audio":
        walker.status("audio/individualAudio", {"content_type": "text/html", "blob_key": "x"})


def resolved(server, plugin, listing, individual, params):
    answer = server.get(f"/data/plugin/{plugin}/{listing}", params).json()
    for item in answer if isinstance(answer, list) else ():
        reply = server.get(f"/data/plugin/{plugin}/{individual}?{item.pop('query')}")
        item["blob"] = [reply.status, reply.content_type, reply.body.hex()]
    return answer


def walk_meshes(walker):
    for run, tag in pairs_of(index_of(walker, "mesh")):
        by_part = lambda ours, theirs: (sorted(ours, key=part_key), sorted(theirs, key=part_key))  # noqa: E731
        _, theirs = walker.get_json("mesh/meshes", {"run": run, "tag": tag}, by_part)
        restarted = any(walker.facts.is_restarted(run, f"{tag}_{part}") for part in ("VERTEX", "FACE", "COLOR"))
        for item in theirs or []:
            for sample in range(item["data_shape"][0]):
                for part in () if restarted else ("VERTEX", "FACE", "COLOR"):
                    walker.get_bytes("mesh/data", {"run": run, "tag": tag, "step": item["step"], "sample": sample,
                                                   "content_type": part})
    walker.get_json("mesh/meshes", {"run": ODD, "tag": ODD})
    walker.status("mesh/data", {"run": ODD, "tag": ODD, "content_type": "WINDOW"})


def part_key(item):
    return item["step"], item["content_type"]


def projector_runs(ours, theirs):
    more = sorted(set(ours) - set(theirs))
    return sorted(set(ours) & set(theirs)) + [{"more": run} for run in more], sorted(theirs)


def names_of(config):
    """TensorBoard may list an entry without a name, which stands for all of a checkpoint."""
    return {embedding["tensorName"] for embedding in (config or {}).get("embeddings", []) if "tensorName" in embedding}


def projector_info(ours, theirs):
    def only(config, other, mark):
        """Those that the other lists too are compared, in one order; the rest is told apart."""
        listed = sorted(config["embeddings"], key=lambda embedding: embedding.get("tensorName", ""))
        alone = [embedding for embedding in listed if embedding.get("tensorName") not in names_of(other)]
        config = {**config, "embeddings": [embedding for embedding in listed if embedding not in alone]}
        return {**config, mark: alone} if alone else config

    return only(ours, theirs, "listed"), only(theirs, ours, "unnamed")


def walk_projector(walker):
    _, runs = walker.get_json("projector/runs", adapt=projector_runs)
    for run in runs or []:
        ours, theirs = walker.get_json("projector/info", {"run": run}, adapt=projector_info)
        for name in names_of(ours) & names_of(theirs):
            params = {"run": run, "name": name}
            for rows in ({}, {"num_rows": 2}):
                walker.get_bytes("projector/tensor", params | rows)
                walker.get_bytes("projector/metadata", params | rows)
            walker.get_bytes("projector/bookmarks", params)
            walker.get_bytes("projector/sprite_image", params)
            walker.status("projector/tensor", params | {"num_rows": "x"})
        walker.status("projector/tensor", {"run": run, "name": ODD})
        walker.status("projector/metadata", {"run": run})
    walker.status("projector/info", {"run": ODD})
    walker.status("projector/info", {})

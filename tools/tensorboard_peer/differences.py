"""Where Spirogram means to differ from TensorBoard: a name, the reason, and how to tell.

Each rule sees one value of an answer (report.Difference) and says whether it accounts for it. Rules are
as narrow as they can be: what no rule accounts for is a defect of one of the two.
"""

import html
import json
import math
import re
import struct

MISSING = "(missing)"


def number(value):
    if isinstance(value, bool):
        return None
    if isinstance(value, (int, float)):
        return float(value)
    # NaN and infinities travel as texts.
    names = {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}
    return names.get(value) if isinstance(value, str) else None


def float32(value):
    try:
        return struct.unpack("<f", struct.pack("<f", value))[0]
    except OverflowError:
        return math.copysign(math.inf, value)


def is_float32_of_ours(at):
    ours, theirs = number(at.ours), number(at.theirs)
    return ours is not None and theirs is not None and float32(ours) == theirs


def is_nearly(at, relative):
    ours, theirs = number(at.ours), number(at.theirs)
    return ours is not None and theirs is not None and math.isclose(ours, theirs, rel_tol=relative, abs_tol=1e-30)


def words(markup):
    """What a reader sees of an HTML text."""
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", markup)).split())


def letters(markup):
    """The words without what is Markdown, were it rendered or not; of an image its alternative text."""
    markup = re.sub(r'<img alt="([^"]*)"[^>]*>', r"\1", markup)
    text = html.unescape(re.sub(r"<[^>]*>", " ", markup))
    return re.sub(r"[\s*_`#<>|\-\[\]()!~\\=+.:\d]+", "", text)


def letters_without_html(markup):
    """The same where raw HTML was rendered, or where a link was none: without its target."""
    markup = re.sub(r"<p>\[\w+\]: .*</p>", "", markup)
    markup = re.sub(r"\](\([^)]*\)|\[\w+\])", "", markup)
    return letters(re.sub(r"<[^>]*>", " ", html.unescape(re.sub(r"<[^>]*>", " ", markup))))


def is_html(at):
    is_place = at.path[-1:] in (("text",), ("description",)) or "tagDescriptions" in at.path
    return is_place and isinstance(at.ours, str) and isinstance(at.theirs, str) and MISSING not in (at.ours, at.theirs)


def is_number(text):
    try:
        float(text)
    except ValueError:
        return False
    return True


def is_same_as_float(ours, theirs):
    """Of values, and of the last field of lines of CSV."""
    if isinstance(ours, str) and isinstance(theirs, str):
        mine, other = ours.rpartition(","), theirs.rpartition(",")
        whole = other[2].replace("True", "1").replace("False", "0")
        if mine[0] != other[0] or not re.fullmatch(r"-?[0-9]+", whole) or not is_number(mine[2]):
            return False
        ours, theirs = float(mine[2]), int(whole)
    return isinstance(ours, float) and isinstance(theirs, int) and float(theirs) == ours


def is_marked(at, mark):
    """Whether the walk (walk.py) put this mark in place of what differs."""
    return mark in at.path or isinstance(at.ours, dict) and mark in at.ours


# name -> (reason, rule)
INTENDED = {
    "version": (
        "each server tells its own version",
        lambda at: at.route == "environment" and at.path == ("version",)),
    "debug": (
        "flags and internals of the server are nobody's business",
        lambda at: at.route == "environment" and at.path[:1] == ("debug",) and at.ours == MISSING),
    "notifications": (
        "TensorBoard redirects to a page of its own news; there are none here",
        lambda at: at.route == "notifications"),
    "projector page": (
        "the projector's module is part of TensorBoard's pages; the app has a projector of its own",
        lambda at: at.route == "plugins_listing" and at.path[:2] == ("projector", "loading_mechanism")
        or at.route == "plugin_entry.html"),
    "projector's runs": (
        "TensorBoard looks for the projector's files in the logdir itself and beside event files only, and reads "
        "checkpoints only where TensorFlow is installed",
        lambda at: at.route == "projector/runs" and is_marked(at, "more")),
    "checkpoint path": (
        "where files lie on the server's disk is nobody's business",
        lambda at: at.route == "projector/info" and at.path == ("modelCheckpointPath",) and at.ours == MISSING),
    "variables that no config names": (
        "TensorBoard lists every matrix of the checkpoint as an embedding; here those that the config names, and all "
        "where it names none",
        lambda at: at.route == "projector/info" and at.path[:1] == ("unnamed",)),
    "checkpoints": (
        "TensorBoard reads checkpoints only where TensorFlow is installed",
        lambda at: at.route == "projector/info" and at.path[:1] == ("listed",)),
    "projector at once": (
        "TensorBoard answers \"not enabled\" until a thread of its own has looked for the files",
        lambda at: at.route == "plugins_listing" and at.path == ("projector", "enabled") and at.ours is True),
    "float32 histograms": (
        "TensorBoard's Python loader keeps a TF1 histogram's float64 values as float32",
        lambda at: at.loader == "python" and at.route in ("histograms/histograms", "timeseries/timeSeries")
        and is_float32_of_ours(at)),
    "float32 distributions": (
        "quantiles of what its Python loader rounded to float32",
        lambda at: at.loader == "python" and at.route == "distributions/distributions" and is_nearly(at, 1e-5)),
    "untrimmed histograms": (
        "TensorBoard's Rust loader keeps empty buckets at the ends of a TF1 histogram and gives the outermost "
        "the edges min and max, so that edges go back; its Python loader drops them, and so do we",
        lambda at: at.loader == "fast" and at.path[-1:] == ("untrimmed",)),
    "sampled when read": (
        "TensorBoard answers at most 51 histograms and 501 distributions whatever it keeps; we answer all",
        lambda at: at.theirs == "(left out by sampling)"),
    "Markdown": (
        "descriptions and texts are rendered by a smaller Markdown; the words are the same",
        lambda at: is_html(at) and words(at.ours) == words(at.theirs)),
    "Markdown left as text": (
        "raw HTML, images and rarer Markdown stay as the text that was logged; the letters are the same",
        lambda at: is_html(at) and (letters(at.theirs) in (letters(at.ours), letters_without_html(at.ours))
                                    or letters_without_html(at.theirs) == letters_without_html(at.ours))),
    "refused, not failed": (
        "a wrong request ends TensorBoard's handler with a 500; we say what is wrong with it, or answer",
        lambda at: at.path == ("status",) and at.theirs == 500 and isinstance(at.ours, int) and at.ours < 500),
    "unusual scalars": (
        "TensorBoard's Rust loader drops scalars that are not float32 of rank 0, both loaders those whose tag has no "
        "plugin or says that it holds tensors; here every tensor of one number is a scalar",
        lambda at: is_marked(at, "unusual scalar")),
    "integers and truths": (
        "scalars are float64 here; TensorBoard's Python loader answers integers and booleans as such",
        lambda at: at.loader == "python" and is_same_as_float(at.ours, at.theirs)),
    "plain labels": (
        "TensorBoard's Rust loader forgets the name and the description of an old-style value that has no plugin",
        lambda at: is_marked(at, "plain labels")),
    "warned of": (
        "a value that its plugin cannot hold is a warning of the run; TensorBoard lists its tag, and fails or answers "
        "with what it makes of it",
        lambda at: is_marked(at, "warned of")),
    "restarted": (
        "a step repeated, gone back to or taken back by a START: TensorBoard's loaders each lose or keep other points, "
        "the restart rule says what shows here",
        lambda at: is_marked(at, "restarted")),
    "no time": (
        "a wall time that is NaN or infinite is taken for the last one before it; TensorBoard's Rust loader drops what "
        "its first event dates so, its Python loader answers NaN",
        lambda at: is_marked(at, "timeless")),
    "runs without events": (
        "TensorBoard's Rust loader lists no run of which nothing was logged yet, its Python loader all; here one "
        "whose files hold a byte is listed",
        lambda at: at.route == "runs" and is_marked(at, "empty")),
    "order of runs": (
        "by the least wall time of a run, as TensorBoard's Rust loader has them; its Python loader takes that of the "
        "first event in the file",
        lambda at: at.loader == "python" and at.route == "runs" and "order" in at.path),
    "gaps in histograms": (
        "a bucket of nothing stands where two buckets do not touch, so that quantiles do not fall between them",
        lambda at: at.path[-1:] == ("gap",)),
    "layouts joined": (
        "of a third layout TensorBoard loses charts of a category that the second one brought",
        lambda at: at.route == "custom_scalars/layout" and at.path[-2:-1] == ("chart",) and at.theirs == MISSING),
    "no images": (
        "TensorBoard counts the two sizes before the images as there even where nothing is",
        lambda at: at.path[-1:] in (("samples",), ("maxSamplesPerStep",)) and at.theirs in (-1, -2)),
    "odd counts": (
        "quantiles of counts that are NaN or negative, across a gap, or with the empty buckets that TensorBoard's Rust "
        "loader keeps around",
        lambda at: is_marked(at, "odd counts")),
    "counts that are NaN": (
        "TensorBoard answers 400 for PR curves whose counts are NaN; here they are \"NaN\"",
        lambda at: at.route == "pr_curves/pr_curves" and at.path == ("status",) and (at.ours, at.theirs) == (200, 400)),
    "what a mesh has": (
        "TensorBoard repeats what the first value's metadata declare; here shape, samples and components are those of "
        "the values, and an empty part is none",
        lambda at: at.route == "mesh/meshes" and ({"components", "data_shape"} & set(at.path) or at.ours == MISSING)
        or at.route == "mesh/tags" and (at.path[-1:] == ("samples",) or at.ours == MISSING)),
    "newer plugin contents": (
        "TensorBoard leaves out tags whose content says a version that it does not know; the values are what counts",
        lambda at: is_marked(at, "newer content")),
    "display names": (
        "TensorBoard's Python loader repeats the tag of an old-style value as its display name; its Rust loader "
        "and we leave a name that was not given empty",
        lambda at: at.loader == "python" and at.path[-1:] == ("displayName",) and at.ours == ""
        and at.theirs == at.path[-2]),
    "type of audio": (
        "here WAV is what is WAV; TensorBoard's Rust loader calls no old-style clip so, its Python loader all of them, "
        "and both believe what metadata say of new ones",
        lambda at: at.route == "audio/audio" and sorted([str(at.ours), str(at.theirs)]) == [
            "application/octet-stream", "audio/wav"]),
    "all experiments": (
        "of several hparams experiments TensorBoard shows the first it finds; we show the union, and what sessions "
        "hold beyond it",
        lambda at: is_marked(at, "beyond the first experiment")),
    "stated again": (
        "of a run that states its hyperparameters or its end again, the last statement counts here, the first in "
        "TensorBoard",
        lambda at: is_marked(at, "stated again")),
    "hyperparameters without a type": (
        "TensorBoard leaves out hyperparameters whose values are all lists or structs; here they are texts",
        lambda at: at.path[:1] == ("without a type",)),
    "escaped texts": (
        "TensorBoard lists texts among the values of a hyperparameter as JSON escapes them, so that no filter "
        "finds them",
        lambda at: at.route == "hparams/experiment" and "domainDiscrete" in at.path
        and isinstance(at.ours, str) and json.dumps(at.ours)[1:-1] == at.theirs),
    "NaN without a rank": (
        "sorted by a column that holds NaN or several types, TensorBoard's groups come in any order or not at all; "
        "here NaN comes last, and is in no interval",
        lambda at: is_marked(at, "without a rank") or at.route == "hparams/experiment" and "domainInterval" in at.path
        and "NaN" in (at.ours, at.theirs)),
    "group of the logdir": (
        "where the logdir itself is a session, TensorBoard lists its metrics a second time, under the group \".\"",
        lambda at: is_marked(at, "group of the logdir")),
    "lists among hparams": (
        "TensorBoard's answer holds what its API has no type for as Python objects; here lists and structs are "
        "texts, and null is as if absent",
        lambda at: "hparams" in at.path and (isinstance(at.theirs, (list, dict)) and isinstance(at.ours, str)
                                             or at.theirs is None and at.ours == MISSING)),
}

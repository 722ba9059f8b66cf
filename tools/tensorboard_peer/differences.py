"""Where Spirogram means to differ from TensorBoard: a name, the reason, and how to tell.

Each rule sees one value of an answer (report.Difference) and says whether it accounts for it. Rules are
as narrow as they can be: what no rule accounts for is a defect of one of the two.
"""

import html
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
    """The words without what is Markdown, were it rendered or not."""
    text = html.unescape(re.sub(r"<[^>]*>", " ", markup))
    return re.sub(r"[\s*_`#<>|\-\[\]()!~\\=+.:\d]+", "", text)


def letters_without_html(markup):
    """The same where raw HTML was rendered."""
    return letters(re.sub(r"<[^>]*>", " ", html.unescape(re.sub(r"<[^>]*>", " ", markup))))


def is_html(at):
    is_place = at.path[-1:] in (("text",), ("description",)) or "tagDescriptions" in at.path
    return is_place and isinstance(at.ours, str) and isinstance(at.theirs, str) and MISSING not in (at.ours, at.theirs)


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
        lambda at: is_html(at) and letters(at.theirs) in (letters(at.ours), letters_without_html(at.ours))),
    "refused, not failed": (
        "a wrong request ends TensorBoard's handler with a 500; we say what is wrong with it, or answer",
        lambda at: at.path == ("status",) and at.theirs == 500 and isinstance(at.ours, int) and at.ours < 500),
    "non-float scalars": (
        "TensorBoard's Rust loader drops scalars that are not float32; its Python loader and we keep them",
        lambda at: at.loader == "fast" and "non-float" in at.path),
    "display names": (
        "TensorBoard's Python loader repeats the tag of an old-style value as its display name; its Rust loader "
        "and we leave a name that was not given empty",
        lambda at: at.loader == "python" and at.path[-1:] == ("displayName",) and at.ours == ""
        and at.theirs == at.path[-2]),
    "type of old audio": (
        "TensorBoard's Rust loader does not say that old-style clips are WAV",
        lambda at: at.loader == "fast" and at.route == "audio/audio" and at.ours == "audio/wav"
        and at.theirs == "application/octet-stream"),
    "all experiments": (
        "of several hparams experiments TensorBoard shows the first it finds; we show the union, and what sessions "
        "hold beyond it",
        lambda at: at.path[:1] == ("beyond the first experiment",)),
    "lists among hparams": (
        "TensorBoard's answer holds what its API has no type for as Python objects; here lists and structs are "
        "texts, and null is as if absent",
        lambda at: "hparams" in at.path and (isinstance(at.theirs, (list, dict)) and isinstance(at.ours, str)
                                             or at.theirs is None and at.ours == MISSING)),
}

"""What the event files of a log directory say of each series: why the two servers may show it differently."""

import collections
import math

from tensorboard.backend.event_processing import event_file_loader
from tensorboard.compat.proto import event_pb2, summary_pb2, types_pb2
from tensorboard.plugins.hparams.metadata import SESSION_END_INFO_TAG, SESSION_START_INFO_TAG


class Facts:
    """Reads every event file once."""

    def __init__(self, logdir):
        self.runs_without_events = set()
        self.has_restated_session = False  # where a run states the start or the end of its session again
        self._unusual_scalars = set()
        self._restarted = set()
        self._timeless = set()
        self._plain_labels = set()
        self._newer = set()
        by_run = collections.defaultdict(list)
        for path in sorted(logdir.rglob("*tfevents*")):
            by_run[path.parent.relative_to(logdir).as_posix()].append(path)
        for run, paths in by_run.items():
            self._read_run(run, paths)

    def is_unusual_scalar(self, run, tag):
        """Whether a value of that tag is a tensor that is no float32 of rank 0 of the plugin `scalars`."""
        return (run, tag) in self._unusual_scalars

    def is_restarted(self, run, tag):
        """Whether the tag repeats a step or goes back, within the order of the files, or a START takes back steps."""
        return (run, tag) in self._restarted

    def is_timeless(self, run, tag):
        """Whether one of its wall times is NaN or infinite."""
        return (run, tag) in self._timeless

    def is_plain_with_labels(self, run, tag):
        """Whether it has names or a description, but no plugin: an old-style value whose metadata says no more."""
        return (run, tag) in self._plain_labels

    def is_newer(self, run, tag):
        """Whether its plugin's content says a version above 0, the only one that there is."""
        return (run, tag) in self._newer

    def _read_run(self, run, paths):
        last, plugins, is_empty = {}, {}, True
        for path in paths:
            for record in event_file_loader.RawEventFileLoader(str(path)).Load():
                event = event_pb2.Event.FromString(record)
                is_empty = False
                if event.session_log.status == event.session_log.START:
                    self._restarted |= {(run, tag) for tag, step in last.items() if step >= event.step}
                for value in event.summary.value:
                    is_session = value.tag in (SESSION_START_INFO_TAG, SESSION_END_INFO_TAG)
                    self.has_restated_session |= is_session and value.tag in last
                    if last.get(value.tag, event.step - 1) >= event.step:
                        self._restarted.add((run, value.tag))
                    if not math.isfinite(event.wall_time):
                        self._timeless.add((run, value.tag))
                    last[value.tag] = max(event.step, last.get(value.tag, event.step))
                    self._read_value(run, value, plugins)
        if is_empty:
            self.runs_without_events.add(run)

    def _read_value(self, run, value, plugins):
        plugin = plugins.setdefault(value.tag, value.metadata.plugin_data.plugin_name)
        is_usual = (plugin == "scalars" and value.tensor.dtype == types_pb2.DT_FLOAT
                    and not value.tensor.tensor_shape.dim
                    and value.metadata.data_class != summary_pb2.DATA_CLASS_TENSOR)
        if value.HasField("tensor") and plugin in ("scalars", "") and not is_usual:
            self._unusual_scalars.add((run, value.tag))
        content = value.metadata.plugin_data.content
        if content[:1] == b"\x08" and content[1:2] > b"\0":  # field 1 of every plugin's message
            self._newer.add((run, value.tag))
        if not plugin and (value.metadata.display_name or value.metadata.summary_description):
            self._plain_labels.add((run, value.tag))

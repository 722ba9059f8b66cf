#include "transfer/events_export.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "base/record.h"
#include "base/str.h"
#include "store/series_chunk.h"
#include "transfer/event_records.h"

namespace spirogram::transfer {
namespace {

constexpr size_t kPartBytesMin = size_t{256} << 10;
constexpr size_t kPointsPerPart = 16'384;

// A run has ended when the last word on it is that it has: hyperparameters that come later would
// begin it anew. So they come first, and the end last, where the run has ended at all.
int PlaceOf(const store::Tag& tag, bool has_ended) {
  if (tag.kind != store::DataKind::kHparams) return 1;
  if (tag.name != store::kSessionEndTag) return 0;
  return has_ended ? 2 : -1;
}

class EventsExport : public Export {
 public:
  EventsExport(store::Store& store, const ExportQuery& query, RunSelection selection)
      : store_(store),
        query_(query),
        run_(std::move(selection.run)),
        tags_(std::move(selection.tags)) {
    const bool has_ended =
        run_.status == store::RunStatus::kFinished || run_.status == store::RunStatus::kFailed;
    std::stable_sort(tags_.begin(), tags_.end(), [&](const auto& a, const auto& b) {
      return PlaceOf(a, has_ended) < PlaceOf(b, has_ended);
    });
  }

  Result<std::string> NextPart() override {
    std::string part;
    if (!std::exchange(is_begun_, true)) {
      EventRecords::AppendFileVersion(run_.start_time, &part);
      // A run is as long as its events say, also those that the store keeps nothing else of.
      EventRecords::AppendMoment(run_.last_wall_time, &part);
    }
    while (part.size() < kPartBytesMin && next_ < tags_.size()) {
      const store::Tag& tag = tags_[next_];
      ASSIGN_OR_RETURN(const bool is_end, AppendSome(tag, &part));
      if (!is_end) continue;
      after_.reset();
      ++next_;
    }
    return part;
  }

 private:
  // Whether that was the tag's end.
  Result<bool> AppendSome(const store::Tag& tag, std::string* part) {
    if (tag.kind == store::DataKind::kScalar) return AppendPoints(tag, part);
    if (tag.kind == store::DataKind::kGraph) return AppendGraph(tag, part);
    return AppendValues(tag, part);
  }

  Result<bool> AppendPoints(const store::Tag& tag, std::string* part) {
    ASSIGN_OR_RETURN(const store::PointsChunk chunk,
                     store_.ReadPoints({.run = run_.id,
                                        .tag = tag.name,
                                        .from = query_.from,
                                        .to = query_.to,
                                        .after = after_,
                                        .points_max = kPointsPerPart}));
    const ScalarMetadata metadata{tag.plugin, tag.display_name, tag.description};
    for (size_t i = 0; i < chunk.size(); ++i) {
      records_.AppendScalar(tag.name, metadata, chunk.step[i], chunk.wall_time[i], chunk.value[i],
                            part);
    }
    after_ = chunk.last;
    return chunk.is_end || chunk.size() == 0;
  }

  Result<bool> AppendValues(const store::Tag& tag, std::string* part) {
    ASSIGN_OR_RETURN(const store::LoggedValuesChunk chunk,
                     store_.ReadLoggedValues({.run = run_.id,
                                              .tag = tag.name,
                                              .from = query_.from,
                                              .to = query_.to,
                                              .after = after_}));
    for (const store::LoggedValue& value : chunk.values) {
      RETURN_IF_ERROR(CheckFits(tag, value.step, value.summary_value.size()));
      EventRecords::AppendValue(value.step, value.wall_time, value.summary_value, part);
    }
    after_ = chunk.last;
    return chunk.is_end;
  }

  // The newest of the tag, which is all that the store shows of it.
  Result<bool> AppendGraph(const store::Tag& tag, std::string* part) {
    if (!graphs_) {
      ASSIGN_OR_RETURN(graphs_, store_.ReadGraphs(run_.id));
    }
    const auto is_it = [&](const store::GraphInfo& graph) { return graph.tag == tag.name; };
    const auto graph = std::find_if(graphs_->begin(), graphs_->end(), is_it);
    if (graph == graphs_->end() || graph->step < query_.from || graph->step > query_.to) {
      return true;
    }
    ASSIGN_OR_RETURN(std::string bytes, store_.ReadGraphBytes(run_.id, tag.name));
    RETURN_IF_ERROR(CheckFits(tag, graph->step, bytes.size() + tag.name.size()));
    EventRecords::AppendGraph(*graph, std::move(bytes), part);
    return true;
  }

  static Status CheckFits(const store::Tag& tag, Step step, size_t bytes) {
    constexpr size_t kEventBytes = 128;  // around the value, at most
    if (bytes + kEventBytes <= kRecordBytesMax) return {};
    return Exhausted(StrCat("tag ", Quoted(tag.name), " at step ", step, ": a value of ", bytes,
                            " bytes does not fit an event of at most ", kRecordBytesMax));
  }

  store::Store& store_;
  const ExportQuery query_;
  const store::Run run_;
  std::vector<store::Tag> tags_;
  std::optional<std::vector<store::GraphInfo>> graphs_;  // of the run, once one was asked for
  EventRecords records_;
  bool is_begun_ = false;
  size_t next_ = 0;  // tag
  std::optional<store::SeriesPosition> after_;
};

}  // namespace

std::unique_ptr<Export> MakeEventsExport(store::Store& store, const ExportQuery& query,
                                         RunSelection selection) {
  return std::make_unique<EventsExport>(store, query, std::move(selection));
}

}  // namespace spirogram::transfer

#include "transfer/wide_export.h"

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "base/str.h"
#include "store/series_chunk.h"
#include "transfer/text_format.h"

namespace spirogram::transfer {
namespace {

constexpr size_t kTagsMax = 256;
constexpr size_t kBufferedPoints = 4096;  // of each tag
constexpr size_t kPartBytesMin = size_t{256} << 10;

// One series, point by point.
class PointStream {
 public:
  PointStream(store::Store& store, store::PointsQuery query)
      : store_(&store), query_(std::move(query)) {}

  // Makes sure that a point is there to look at, where there is one.
  Status Fill() {
    while (at_ == chunk_.size() && !chunk_.is_end) {
      ASSIGN_OR_RETURN(chunk_, store_->ReadPoints(query_));
      at_ = 0;
      query_.after = chunk_.last;
      if (chunk_.size() == 0) chunk_.is_end = true;
    }
    return {};
  }
  bool has_point() const { return at_ < chunk_.size(); }
  Step step() const { return chunk_.step[at_]; }
  WallTime wall_time() const { return chunk_.wall_time[at_]; }
  double value() const { return chunk_.value[at_]; }
  void Advance() { ++at_; }

 private:
  store::Store* store_;
  store::PointsQuery query_;
  store::PointsChunk chunk_;
  size_t at_ = 0;
};

class WideExport : public Export {
 public:
  WideExport(store::Store& store, const ExportQuery& query, std::vector<RunSelection> selection,
             std::map<std::string, size_t> columns)
      : store_(store),
        query_(query),
        selection_(std::move(selection)),
        columns_(std::move(columns)) {}

  Result<std::string> NextPart() override {
    std::string part;
    if (!std::exchange(is_begun_, true)) AppendHeader(&part);
    while (part.size() < kPartBytesMin && next_run_ < selection_.size()) {
      if (streams_.empty()) OpenStreams();
      ASSIGN_OR_RETURN(const bool has_row, AppendRow(&part));
      if (has_row) continue;
      streams_.clear();
      ++next_run_;
    }
    return part;
  }

 private:
  void AppendHeader(std::string* out) const {
    out->append("run,step,wall_time");
    std::vector<const std::string*> names(columns_.size());
    for (const auto& [name, column] : columns_) names[column] = &name;
    for (const std::string* name : names) {
      out->push_back(',');
      AppendCsvHeading(*name, out);
    }
    out->append("\r\n");
  }

  void OpenStreams() {
    const RunSelection& run = selection_[next_run_];
    run_cell_.clear();
    AppendCsvText(run.run.name, &run_cell_);
    streams_.resize(columns_.size());
    for (const store::Tag& tag : run.tags) {
      streams_[columns_.at(tag.name)].emplace(store_,
                                              store::PointsQuery{.run = run.run.id,
                                                                 .tag = tag.name,
                                                                 .from = query_.from,
                                                                 .to = query_.to,
                                                                 .with_hidden = query_.with_hidden,
                                                                 .after = std::nullopt,
                                                                 .points_max = kBufferedPoints});
    }
  }

  // The next point of each tag that stands at the lowest step: a step that a tag has twice is two
  // rows. False when the run has no more.
  Result<bool> AppendRow(std::string* out) {
    std::optional<Step> step;
    std::optional<WallTime> wall_time;
    for (auto& stream : streams_) {
      if (!stream) continue;
      RETURN_IF_ERROR(stream->Fill());
      if (!stream->has_point()) continue;
      if (!step || stream->step() < *step) {
        step = stream->step();
        wall_time = stream->wall_time();
      }
    }
    if (!step) return false;
    out->append(run_cell_).push_back(',');
    AppendInteger(*step, out);
    out->push_back(',');
    AppendNumber(*wall_time, out);
    for (auto& stream : streams_) {
      out->push_back(',');
      if (!stream || !stream->has_point() || stream->step() != *step) continue;
      AppendNumber(stream->value(), out);
      stream->Advance();
    }
    out->append("\r\n");
    return true;
  }

  store::Store& store_;
  const ExportQuery query_;
  const std::vector<RunSelection> selection_;
  const std::map<std::string, size_t> columns_;  // of each tag
  bool is_begun_ = false;
  size_t next_run_ = 0;
  std::string run_cell_;
  std::vector<std::optional<PointStream>> streams_;  // by column; of the run at next_run_
};

}  // namespace

Result<std::unique_ptr<Export>> MakeWideExport(store::Store& store, const ExportQuery& query,
                                               std::vector<RunSelection> selection) {
  std::map<std::string, size_t> columns;
  for (const RunSelection& run : selection) {
    for (const store::Tag& tag : run.tags) columns.try_emplace(tag.name, 0);
  }
  if (columns.size() > kTagsMax) {
    return InvalidArgument(StrCat("wide: got ", columns.size(), " tags, want at most ", kTagsMax));
  }
  size_t next = 0;
  for (auto& [name, column] : columns) column = next++;
  return std::unique_ptr<Export>(
      std::make_unique<WideExport>(store, query, std::move(selection), std::move(columns)));
}

}  // namespace spirogram::transfer

#include "transfer/points_export.h"

#include <map>
#include <optional>
#include <utility>

#include "base/str.h"

namespace spirogram::transfer {
namespace {

// Short series join into one part, so that a thousand of them are not a thousand writes.
constexpr size_t kPartBytesMin = size_t{256} << 10;

class PointsExport : public Export {
 public:
  PointsExport(store::Store& store, const ExportQuery& query,
               const std::vector<RunSelection>& selection, std::unique_ptr<PointsFormat> format)
      : store_(store), query_(query), format_(std::move(format)) {
    std::map<std::string, size_t> tag_index;
    for (const RunSelection& run : selection) {
      for (const store::Tag& tag : run.tags) {
        const auto [index, is_new] = tag_index.try_emplace(tag.name, names_.tags.size());
        if (is_new) names_.tags.push_back(tag.name);
        series_.push_back({run.run.id, {names_.runs.size(), index->second}});
      }
      names_.runs.push_back(run.run.name);
    }
  }

  Result<std::string> NextPart() override {
    std::string part;
    if (state_ == State::kStart) {
      ASSIGN_OR_RETURN(part, format_->Begin(names_));
      state_ = State::kPoints;
    }
    while (state_ == State::kPoints && part.size() < kPartBytesMin) {
      if (next_ == series_.size()) {
        format_->AppendEnd(&part);
        state_ = State::kEnd;
      } else {
        RETURN_IF_ERROR(AppendChunk(&part));
      }
    }
    return part;
  }

 private:
  enum class State { kStart, kPoints, kEnd };
  struct Series {
    store::RunId run;
    SeriesName name;
  };

  Status AppendChunk(std::string* part) {
    const Series& series = series_[next_];
    store::PointsQuery points{.run = series.run,
                              .tag = names_.tags[series.name.tag],
                              .from = query_.from,
                              .to = query_.to,
                              .with_hidden = query_.with_hidden,
                              .after = after_};
    const auto chunk = store_.ReadPoints(points);
    if (!chunk.ok()) {
      return Error{chunk.error().code, StrCat("tag ", Quoted(points.tag), " of run ", series.run,
                                              ": ", chunk.error().message)};
    }
    if (chunk->size() > 0) format_->AppendPoints(series.name, *chunk, part);
    after_ = chunk->last;
    if (chunk->is_end || chunk->size() == 0) {
      after_.reset();
      ++next_;
    }
    return {};
  }

  store::Store& store_;
  const ExportQuery query_;
  const std::unique_ptr<PointsFormat> format_;
  Names names_;
  std::vector<Series> series_;
  State state_ = State::kStart;
  size_t next_ = 0;  // series
  std::optional<store::SeriesPosition> after_;
};

}  // namespace

std::unique_ptr<Export> MakePointsExport(store::Store& store, const ExportQuery& query,
                                         const std::vector<RunSelection>& selection,
                                         std::unique_ptr<PointsFormat> format) {
  return std::make_unique<PointsExport>(store, query, selection, std::move(format));
}

}  // namespace spirogram::transfer

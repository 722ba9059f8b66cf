#include "mapping/run_input.h"

#include <algorithm>
#include <array>
#include <memory>
#include <utility>

#include "base/str.h"
#include "store/store.h"

namespace spirogram::mapping {
namespace {

constexpr size_t kNamedMax = 10;

std::string Listed(const std::vector<std::string>& names) {
  if (names.empty()) return "none";
  std::string text;
  for (size_t i = 0; i < std::min(names.size(), kNamedMax); ++i) {
    text += StrCat(i == 0 ? "" : ", ", names[i]);
  }
  if (names.size() > kNamedMax) text += StrCat(" and ", names.size() - kNamedMax, " more");
  return text;
}

Result<store::RunId> FindRun(store::Store& store, const InputOptions& options) {
  ASSIGN_OR_RETURN(const std::vector<store::Run> runs, store.ReadRuns());
  std::vector<std::string> names;
  for (const store::Run& run : runs) {
    if (run.name == options.run) return run.id;
    names.push_back(run.name);
  }
  if (options.run.empty() && runs.size() == 1) return runs.front().id;
  return NotFound(StrCat(options.data_dir, ": no run is called \"", options.run,
                         "\", there are: ", Listed(names)));
}

Result<std::string> FindTag(store::Store& store, store::RunId run, const InputOptions& options) {
  ASSIGN_OR_RETURN(const std::vector<store::Tag> tags, store.ReadTags(std::array{run}));
  std::vector<std::string> names;
  for (const store::Tag& tag : tags) {
    if (tag.kind != store::DataKind::kEmbedding) continue;
    if (tag.name == options.tag) return tag.name;
    names.push_back(tag.name);
  }
  if (options.tag.empty() && names.size() == 1) return names.front();
  if (options.tag.empty() && !names.empty()) {
    return InvalidArgument(StrCat("want --tag with one of: ", Listed(names)));
  }
  return NotFound(StrCat("run \"", options.run, "\" has no embedding \"", options.tag,
                         "\", there are: ", Listed(names)));
}

// Of a step that was logged twice the last counts, as in Store::ReadEmbedding.
Result<store::EmbeddingInfo> FindCheckpoint(store::Store& store, store::RunId run,
                                            const std::string& tag, const InputOptions& options) {
  ASSIGN_OR_RETURN(const std::vector<store::EmbeddingInfo> checkpoints,
                   store.ReadEmbeddings(run, tag));
  if (checkpoints.empty()) return NotFound(StrCat("embedding \"", tag, "\" has no checkpoint"));
  if (!options.step) return checkpoints.back();
  for (auto info = checkpoints.rbegin(); info != checkpoints.rend(); ++info) {
    if (info->step == *options.step) return *info;
  }
  std::vector<std::string> steps;
  steps.reserve(checkpoints.size());
  for (const store::EmbeddingInfo& info : checkpoints) steps.push_back(StrCat(info.step));
  return NotFound(StrCat("embedding \"", tag, "\" has no step ", *options.step,
                         ", there are: ", Listed(steps)));
}

Status CheckMemory(const store::EmbeddingInfo& info, const std::string& tag, int64_t bytes_max) {
  const auto bytes_a_row = static_cast<int64_t>(sizeof(float)) * std::max<int64_t>(info.dims, 1);
  if (info.rows <= bytes_max / bytes_a_row) return {};
  return Exhausted(StrCat("embedding \"", tag, "\": ", info.rows, " x ", info.dims,
                          " float32 take ", info.rows * bytes_a_row, " bytes, want at most ",
                          bytes_max, " (--memory-gib)"));
}

}  // namespace

Result<Table> ReadRunTable(const InputOptions& options) {
  ASSIGN_OR_RETURN(const auto store, store::Store::OpenReadOnly(options.data_dir));
  ASSIGN_OR_RETURN(const store::RunId run, FindRun(*store, options));
  ASSIGN_OR_RETURN(const std::string tag, FindTag(*store, run, options));
  ASSIGN_OR_RETURN(const store::EmbeddingInfo info, FindCheckpoint(*store, run, tag, options));
  RETURN_IF_ERROR(CheckMemory(info, tag, options.bytes_max));
  const Step step = info.step;
  ASSIGN_OR_RETURN(store::Embedding embedding, store->ReadEmbedding(run, tag, step));
  Table table;
  ASSIGN_OR_RETURN(table.metadata, store->ReadEmbeddingMetadata(run, tag));
  table.name = StrCat(options.run, ", ", tag, ", step ", step);
  table.format = "run";
  table.points = embedding.info.rows;
  table.dims = embedding.info.dims;
  table.values = std::move(embedding.values);
  // Logged once for all checkpoints, which may have more rows by now.
  for (std::vector<std::string>& column : table.metadata.values) {
    column.resize(static_cast<size_t>(table.points));
  }
  if (table.points < 1 || table.dims < 1) {
    return Corruption(StrCat(table.name, ": the embedding is ", table.points, " x ", table.dims,
                             ", want at least one row and one column"));
  }
  return table;
}

}  // namespace spirogram::mapping

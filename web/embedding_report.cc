#include "web/embedding_report.h"

#include <algorithm>
#include <optional>
#include <unordered_map>
#include <utility>

#include "base/str.h"
#include "projector/neighbors.h"
#include "projector/threads.h"
#include "web/embedding_history.h"

namespace spirogram::web {
namespace {

constexpr int64_t kNeighbors = 10;
constexpr int64_t kRowsMin = 3;
// A column with more values than this names rows, not groups of them.
constexpr size_t kColumnValuesMax = 1'000;

projector::MatrixView View(const store::Embedding& embedding) {
  return {embedding.values, embedding.info.rows, embedding.info.dims};
}

struct CodedColumn {
  std::string name;
  std::vector<int32_t> codes;
  std::vector<std::string> values;
};

// Nothing for a column that cannot explain groups of rows.
std::optional<CodedColumn> Code(const std::string& name, const std::vector<std::string>& texts,
                                int64_t rows) {
  if (std::ssize(texts) != rows) return std::nullopt;
  const size_t values_max = std::min(kColumnValuesMax, texts.size() / 2);
  CodedColumn column{name, {}, {}};
  column.codes.reserve(texts.size());
  std::unordered_map<std::string_view, int32_t> codes;
  for (const std::string& text : texts) {
    const auto [code, is_new] = codes.try_emplace(text, static_cast<int32_t>(codes.size()));
    if (codes.size() > values_max) return std::nullopt;
    if (is_new) column.values.push_back(text);
    column.codes.push_back(code->second);
  }
  return column;
}

std::vector<CodedColumn> CodeColumns(const store::EmbeddingMetadata& metadata, int64_t rows) {
  std::vector<CodedColumn> columns;
  for (size_t i = 0; i < metadata.columns.size() && i < metadata.values.size(); ++i) {
    auto column = Code(metadata.columns[i], metadata.values[i], rows);
    if (column) columns.push_back(std::move(*column));
  }
  return columns;
}

// The first checkpoint, where the rows of `embedding` can be held against it.
Result<std::optional<store::Embedding>> ReadFirst(store::Store& store, store::RunId run,
                                                  const std::string& tag,
                                                  const store::Embedding& embedding) {
  std::optional<store::Embedding> first;
  ASSIGN_OR_RETURN(const auto checkpoints, store.ReadEmbeddings(run, tag));
  if (checkpoints.empty() || checkpoints.front().step == embedding.info.step) return first;
  if (checkpoints.front().dims != embedding.info.dims) return first;
  ASSIGN_OR_RETURN(first, store.ReadEmbedding(run, tag, checkpoints.front().step));
  return first;
}

}  // namespace

Result<store::EmbeddingInfo> FindCheckpoint(store::Store& store, store::RunId run,
                                            const std::string& tag, Step step) {
  ASSIGN_OR_RETURN(const auto checkpoints, store.ReadEmbeddings(run, tag));
  for (auto info = checkpoints.rbegin(); info != checkpoints.rend(); ++info) {
    if (info->step == step) return *info;
  }
  return NotFound(StrCat("embedding ", tag, " of run ", run, " has no checkpoint at step ", step));
}

Status CheckAnalysisMemory(std::span<const store::EmbeddingInfo> embeddings, int64_t neighbors,
                           int64_t memory_max) {
  constexpr int64_t kEdgeBytes = sizeof(int32_t) + sizeof(float);
  int64_t bytes = 0;
  for (const store::EmbeddingInfo& info : embeddings) {
    // The rows twice: searching for neighbours lays them out anew.
    bytes += 2 * info.rows * info.dims * static_cast<int64_t>(sizeof(float));
    bytes += info.rows * neighbors * kEdgeBytes;
  }
  if (bytes <= memory_max) return {};
  return InvalidArgument(StrCat("comparing the rows of ", embeddings.front().rows, " x ",
                                embeddings.front().dims, " takes ", bytes >> 20,
                                " MiB, want at most ", memory_max >> 20, " MiB"));
}

Result<EmbeddingReport> ReportEmbedding(store::Store& store, store::RunId run,
                                        const std::string& tag, Step step, int64_t memory_max,
                                        const std::stop_token& stop) {
  ASSIGN_OR_RETURN(const store::EmbeddingInfo info, FindCheckpoint(store, run, tag, step));
  if (info.rows < kRowsMin) {
    return InvalidArgument(StrCat("statistics of ", info.rows, " rows, want at least ", kRowsMin));
  }
  const store::EmbeddingInfo both[] = {info, info};
  RETURN_IF_ERROR(CheckAnalysisMemory(both, kNeighbors, memory_max));
  ASSIGN_OR_RETURN(const store::Embedding embedding, store.ReadEmbedding(run, tag, step));
  ASSIGN_OR_RETURN(const auto first, ReadFirst(store, run, tag, embedding));
  projector::ThreadPool pool(0, projector::Courtesy::kYield);
  projector::NeighborOptions nearest;
  nearest.neighbors = static_cast<int>(std::min(kNeighbors, info.rows - 1));
  ASSIGN_OR_RETURN(const auto graph,
                   projector::NearestNeighbors(View(embedding), nearest, &pool, stop, {}));
  const std::optional<projector::MatrixView> first_view =
      first ? std::optional(View(*first)) : std::nullopt;
  EmbeddingReport report;
  report.step = step;
  ASSIGN_OR_RETURN(report.statistics, projector::ComputeStatistics(
                                          View(embedding), graph,
                                          first_view ? &*first_view : nullptr, {}, &pool, stop));
  ASSIGN_OR_RETURN(report.history, ReadEmbeddingHistory(store, run, tag, embedding, &pool, stop));
  ASSIGN_OR_RETURN(const auto metadata, store.ReadEmbeddingMetadata(run, tag));
  const std::vector<CodedColumn> coded = CodeColumns(metadata, info.rows);
  std::vector<projector::MetadataColumn> columns;
  for (const CodedColumn& column : coded) {
    columns.push_back({column.name, column.codes, column.values});
  }
  report.findings = projector::FindEmbeddingFaults(report.statistics, columns, report.history);
  return report;
}

}  // namespace spirogram::web

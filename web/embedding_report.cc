#include "web/embedding_report.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <unordered_map>
#include <utility>

#include "base/str.h"
#include "projector/finite_rows.h"
#include "projector/neighbors.h"
#include "projector/threads.h"
#include "web/embedding_history.h"

namespace spirogram::web {
namespace {

constexpr int64_t kNeighbors = 10;
constexpr int64_t kRowsMin = 3;
// A column with more values than this names rows, not groups of them.
constexpr size_t kColumnValuesMax = 1'000;

// Of the rows that are there: some may have been taken out.
projector::MatrixView View(const store::Embedding& embedding) {
  const int64_t dims = embedding.info.dims;
  return {embedding.values, std::ssize(embedding.values) / dims, dims};
}

struct LeftOut {
  std::vector<int64_t> rows;  // ascending
  std::vector<projector::EmbeddingFinding> findings;
};

// Takes out the rows that would be all that the figures tell of.
Result<LeftOut> TakeOddRowsOut(store::Embedding* embedding) {
  const int64_t dims = embedding->info.dims;
  LeftOut out;
  ASSIGN_OR_RETURN(out.rows, projector::FindRowsToLeaveOut(View(*embedding)));
  if (!out.rows.empty()) {
    out.findings.push_back(projector::NonFiniteRows(View(*embedding), out.rows));
    projector::TakeRowsOut(out.rows, dims, &embedding->values);
  }
  projector::FarRows far = projector::FindFarRows(View(*embedding));
  if (far.rows.empty()) return out;
  projector::TakeRowsOut(far.rows, dims, &embedding->values);
  const std::vector<int64_t> finite = projector::RowsThatStay(out.rows, embedding->info.rows);
  for (int64_t& row : far.rows) row = finite[static_cast<size_t>(row)];
  far.farthest = finite[static_cast<size_t>(far.farthest)];
  out.findings.push_back(projector::DescribeFarRows(far));
  out.rows.insert(out.rows.end(), far.rows.begin(), far.rows.end());
  std::sort(out.rows.begin(), out.rows.end());
  return out;
}

// So that the rows of both are the same things again. What was no number then has moved since.
void TakeOutOfFirst(std::span<const int64_t> left_out, store::Embedding* first) {
  const auto end = std::lower_bound(left_out.begin(), left_out.end(), first->info.rows);
  projector::TakeRowsOut({left_out.begin(), end}, first->info.dims, &first->values);
  for (float& value : first->values) {
    if (!(std::abs(value) <= projector::kFiniteMax)) value = projector::kFiniteMax;
  }
}

void KeepRows(std::span<const int64_t> stay, store::EmbeddingMetadata* metadata) {
  for (std::vector<std::string>& column : metadata->values) {
    std::vector<std::string> kept;
    for (const int64_t row : stay) {
      if (row < std::ssize(column)) kept.push_back(std::move(column[static_cast<size_t>(row)]));
    }
    column = std::move(kept);
  }
}

// Rows are told by their numbers in the whole table.
void NumberAsWhole(std::span<const int64_t> stay, int64_t points, EmbeddingReport* report) {
  const auto renumber = [&](std::vector<int64_t>* rows) {
    for (int64_t& row : *rows) row = stay[static_cast<size_t>(row)];
  };
  renumber(&report->statistics.hubs.hubs);
  renumber(&report->statistics.duplicates);
  renumber(&report->statistics.unmoved);
  std::vector<int32_t>& assignment = report->statistics.clusters.assignment;
  if (!assignment.empty()) {
    std::vector<int32_t> whole(static_cast<size_t>(points), -1);
    for (size_t i = 0; i < stay.size(); ++i) whole[static_cast<size_t>(stay[i])] = assignment[i];
    assignment = std::move(whole);
  }
  for (projector::EmbeddingFinding& finding : report->findings) {
    renumber(&finding.rows);
    for (projector::ClusterFinding& cluster : finding.clusters) renumber(&cluster.rows);
  }
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

Status CheckSize(const store::EmbeddingInfo& info, int64_t memory_max) {
  if (info.dims < 1) return InvalidArgument("statistics of rows that hold no numbers");
  if (info.rows < kRowsMin) {
    return InvalidArgument(StrCat("statistics of ", info.rows, " rows, want at least ", kRowsMin));
  }
  const store::EmbeddingInfo with_first[] = {info, info};
  return CheckAnalysisMemory(with_first, kNeighbors, memory_max);
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
  ASSIGN_OR_RETURN(const store::EmbeddingInfo found, FindCheckpoint(store, run, tag, step));
  RETURN_IF_ERROR(CheckSize(found, memory_max));
  ASSIGN_OR_RETURN(store::Embedding embedding, store.ReadEmbedding(run, tag, step));
  // A file beside the event files may have been written anew since.
  const store::EmbeddingInfo info = embedding.info;
  RETURN_IF_ERROR(CheckSize(info, memory_max));
  ASSIGN_OR_RETURN(auto first, ReadFirst(store, run, tag, embedding));
  ASSIGN_OR_RETURN(const LeftOut left_out, TakeOddRowsOut(&embedding));
  if (first) TakeOutOfFirst(left_out.rows, &*first);
  const int64_t rows = info.rows - std::ssize(left_out.rows);
  if (rows < kRowsMin) {
    return InvalidArgument(
        StrCat("statistics of ", rows, " rows that are finite, want at least ", kRowsMin));
  }
  projector::ThreadPool pool(0, projector::Courtesy::kYield);
  projector::NeighborOptions nearest;
  nearest.neighbors = static_cast<int>(std::min(kNeighbors, rows - 1));
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
  ASSIGN_OR_RETURN(auto metadata, store.ReadEmbeddingMetadata(run, tag));
  const std::vector<int64_t> stay = projector::RowsThatStay(left_out.rows, info.rows);
  if (!left_out.rows.empty()) KeepRows(stay, &metadata);
  const std::vector<CodedColumn> coded = CodeColumns(metadata, rows);
  std::vector<projector::MetadataColumn> columns;
  columns.reserve(coded.size());
  for (const CodedColumn& column : coded) {
    columns.push_back({column.name, column.codes, column.values});
  }
  report.findings = projector::FindEmbeddingFaults(report.statistics, columns, report.history);
  if (!left_out.rows.empty()) NumberAsWhole(stay, info.rows, &report);
  report.findings.insert(report.findings.begin(), left_out.findings.begin(),
                         left_out.findings.end());
  return report;
}

}  // namespace spirogram::web

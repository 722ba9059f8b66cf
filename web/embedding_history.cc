#include "web/embedding_history.h"

#include <algorithm>
#include <cctype>
#include <limits>
#include <map>
#include <tuple>

#include "projector/finite_rows.h"

namespace spirogram::web {
namespace {

constexpr int64_t kCheckpointsMax = 16;
constexpr int64_t kReadBytesMax = int64_t{2} << 30;
// Of the loss: each row is the mean of many steps, where a single one is noise.
constexpr int kLossRows = 60;

// One of each step, the last that was logged.
std::vector<store::EmbeddingInfo> Comparable(const std::vector<store::EmbeddingInfo>& all,
                                             const store::EmbeddingInfo& present) {
  std::map<Step, store::EmbeddingInfo> by_step;
  for (const store::EmbeddingInfo& info : all) {
    const bool is_alike = info.rows == present.rows && info.dims == present.dims;
    if (is_alike && info.step <= present.step) by_step[info.step] = info;
  }
  std::vector<store::EmbeddingInfo> checkpoints;
  checkpoints.reserve(by_step.size());
  for (const auto& [step, info] : by_step) checkpoints.push_back(info);
  return checkpoints;
}

// The first, the last, and evenly between.
std::vector<store::EmbeddingInfo> Spread(const std::vector<store::EmbeddingInfo>& all) {
  const auto count = static_cast<int64_t>(all.size());
  const int64_t bytes = all.front().rows * all.front().dims * static_cast<int64_t>(sizeof(float));
  const int64_t wanted =
      std::clamp<int64_t>(kReadBytesMax / std::max<int64_t>(bytes, 1), 2, kCheckpointsMax);
  if (count <= wanted) return all;
  std::vector<store::EmbeddingInfo> spread;
  for (int64_t i = 0; i < wanted; ++i) {
    spread.push_back(all[static_cast<size_t>(i * (count - 1) / (wanted - 1))]);
  }
  return spread;
}

bool IsTraining(const std::string& name) {
  return name.find("val") == std::string::npos && name.find("test") == std::string::npos &&
         name.find("eval") == std::string::npos;
}

// The loss at each step asked for; the mean of the steps around it.
class Losses {
 public:
  static Result<Losses> Read(store::Store& store, store::RunId run, Step to) {
    Losses losses;
    const store::RunId runs[] = {run};
    ASSIGN_OR_RETURN(const auto tags, store.ReadTags(runs));
    store::ScalarQuery query{.run = run, .tag = ChooseLoss(tags)};
    if (query.tag.empty()) return losses;
    query.to = to;
    query.rows_max = kLossRows;
    ASSIGN_OR_RETURN(losses.rows_, store.ReadScalars(query));
    return losses;
  }

  double At(Step step) const {
    if (rows_.size() == 0) return std::numeric_limits<double>::quiet_NaN();
    const auto row = std::lower_bound(rows_.step.begin(), rows_.step.end(), step);
    const size_t at = static_cast<size_t>(row - rows_.step.begin());
    return rows_.mean[std::min(at, rows_.size() - 1)];
  }

 private:
  store::ScalarRows rows_;
};

}  // namespace

std::string ChooseLoss(const std::vector<store::Tag>& tags) {
  std::vector<std::tuple<bool, size_t, std::string>> losses;  // the best first
  for (const store::Tag& tag : tags) {
    if (tag.kind != store::DataKind::kScalar) continue;
    std::string name = tag.name;
    std::transform(name.begin(), name.end(), name.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    if (name.find("loss") == std::string::npos) continue;
    losses.emplace_back(!IsTraining(name), name.size(), tag.name);
  }
  if (losses.empty()) return {};
  return std::get<std::string>(*std::min_element(losses.begin(), losses.end()));
}

Result<std::vector<projector::Checkpoint>> ReadEmbeddingHistory(
    store::Store& store, store::RunId run, const std::string& tag, const store::Embedding& present,
    projector::ThreadPool* pool, const std::stop_token& stop) {
  const store::EmbeddingInfo& last = present.info;
  ASSIGN_OR_RETURN(const auto all, store.ReadEmbeddings(run, tag));
  ASSIGN_OR_RETURN(const Losses losses, Losses::Read(store, run, last.step));
  std::vector<projector::Checkpoint> history;
  const auto comparable = Comparable(all, last);
  if (comparable.empty()) return history;
  for (const store::EmbeddingInfo& info : Spread(comparable)) {
    store::Embedding read;
    if (info.step != last.step) {
      ASSIGN_OR_RETURN(read, store.ReadEmbedding(run, tag, info.step));
      const auto left_out =
          projector::FindRowsToLeaveOut({read.values, read.info.rows, read.info.dims});
      if (!left_out.ok()) continue;
      projector::TakeRowsOut(*left_out, read.info.dims, &read.values);
    }
    const store::Embedding& embedding = info.step == last.step ? present : read;
    // A file beside the event files may have been written anew since.
    if (embedding.info.rows != last.rows || embedding.info.dims != last.dims) continue;
    const int64_t rows = std::ssize(embedding.values) / last.dims;
    auto checkpoint = projector::MeasureCheckpoint({embedding.values, rows, last.dims}, pool, stop);
    if (!checkpoint.ok() && checkpoint.error().code == ErrorCode::kInvalidArgument) continue;
    if (!checkpoint.ok()) return checkpoint.error();
    checkpoint->step = info.step;
    checkpoint->loss = losses.At(info.step);
    history.push_back(*checkpoint);
  }
  return history;
}

}  // namespace spirogram::web

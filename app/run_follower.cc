#include "app/run_follower.h"

#include <algorithm>
#include <span>
#include <string_view>
#include <unordered_set>
#include <utility>

#include "base/str.h"
#include "projector/threads.h"

namespace spirogram::app {
namespace {

// Enough to see a spike around an onset without reading a long run whole at every commit.
constexpr int kContextRows = 2000;
// Enough to tell a tensor that never changes from one that does, and since when one has not.
constexpr int kHistogramsRead = 20;
// Of those that were seen to change, read again once there are so many more, as a share of them: a
// long run costs no more than a short one.
constexpr int64_t kHistogramsMoreOf = 8;
// Enough to tell since when an embedding is as it is.
constexpr size_t kCheckpointsRead = 20;
// Beyond so many values a checkpoint is not read: it would take an eighth of a gigabyte.
constexpr int64_t kCheckpointValuesMax = int64_t{1} << 25;

bool IsScalar(const store::Tag& tag) {
  return tag.kind == store::DataKind::kScalar;
}

}  // namespace

Status RunFollower::Update(store::Store& store) {
  if (name_.empty()) {
    ASSIGN_OR_RETURN(store::Run run, store.ReadRun(run_));
    name_ = std::move(run.name);
    diagnosis_ = diagnosis::RunDiagnosis(name_);
  }
  ASSIGN_OR_RETURN(const std::vector<store::Tag> tags, store.ReadTags(std::span(&run_, 1)));
  ASSIGN_OR_RETURN(const Progress progress, Read(store, tags));
  if (progress == Progress::kRead) return {};
  diagnosis_ = diagnosis::RunDiagnosis(name_);
  seen_.clear();
  histograms_.clear();
  embeddings_.clear();
  const auto again = Read(store, tags);
  return again.ok() ? Status() : Status(again.error());
}

Result<RunFollower::Progress> RunFollower::Read(store::Store& store,
                                                const std::vector<store::Tag>& tags) {
  std::unordered_set<std::string_view> names;
  for (const store::Tag& tag : tags) names.insert(tag.name);
  const auto is_there = [&names](const auto& seen) { return names.contains(seen.first); };
  if (!std::all_of(seen_.begin(), seen_.end(), is_there)) return Progress::kGone;
  // Scalars first: a window's causes are then known with it.
  for (const bool wants_scalars : {true, false}) {
    for (const store::Tag& tag : tags) {
      const bool is_stats = tag.kind == store::DataKind::kEntityStats;
      if (wants_scalars ? !IsScalar(tag) : !is_stats) continue;
      if (!diagnosis::RunDiagnosis::Reads(tag.name)) continue;
      Seen& seen = seen_[tag.name];
      if (seen.count == tag.count) continue;
      ASSIGN_OR_RETURN(const Progress progress, wants_scalars ? ReadScalars(store, tag, &seen)
                                                              : ReadWindows(store, tag, &seen));
      if (progress == Progress::kGone) return progress;
      seen.count = tag.count;
    }
  }
  RETURN_IF_ERROR(ReadHistograms(store, tags));
  RETURN_IF_ERROR(ReadEmbeddings(store, tags));
  return Progress::kRead;
}

Status RunFollower::ReadHistograms(store::Store& store, const std::vector<store::Tag>& tags) {
  for (const store::Tag& tag : tags) {
    if (tag.kind != store::DataKind::kHistogram) continue;
    if (!diagnosis::RunDiagnosis::ReadsHistograms(tag.name)) continue;
    int64_t& count = histograms_[tag.name];
    const bool is_urgent = diagnosis_.WantsHistograms(tag.name);
    const int64_t more = is_urgent ? 0 : count / kHistogramsMoreOf;
    if (count == tag.count || tag.count < count + more) continue;
    const auto histograms = store.ReadHistograms(run_, tag.name, kHistogramsRead);
    // All of them went with their file before they were copied: the rest is judged without.
    const bool is_lost = !histograms.ok() && histograms.error().code == ErrorCode::kNotFound;
    if (!histograms.ok() && !is_lost) return histograms.error();
    if (!is_lost) diagnosis_.Add(tag.name, *histograms);
    count = tag.count;
  }
  return {};
}

Status RunFollower::ReadEmbeddings(store::Store& store, const std::vector<store::Tag>& tags) {
  for (const store::Tag& tag : tags) {
    if (tag.kind != store::DataKind::kEmbedding) continue;
    Checkpoints& seen = embeddings_[tag.name];
    if (seen.count == tag.count) continue;
    ASSIGN_OR_RETURN(std::vector<store::EmbeddingInfo> fresh, store.ReadEmbeddings(run_, tag.name));
    std::erase_if(fresh, [&](const auto& info) { return seen.last && info.step <= *seen.last; });
    // Evenly spread, the last among them.
    const size_t count = std::min(fresh.size(), kCheckpointsRead);
    for (size_t i = 1; i <= count; ++i) {
      RETURN_IF_ERROR(ReadCheckpoint(store, tag.name, fresh[i * fresh.size() / count - 1]));
    }
    if (!fresh.empty()) seen.last = fresh.back().step;
    seen.count = tag.count;
  }
  return {};
}

Status RunFollower::ReadCheckpoint(store::Store& store, const std::string& tag,
                                   const store::EmbeddingInfo& info) {
  if (info.rows * info.dims > kCheckpointValuesMax) {
    diagnosis_.Skip(tag, StrCat(info.rows, " x ", info.dims,
                                " is too large to be looked at beside a training: the projector's "
                                "statistics look at all of it"));
    return {};
  }
  ASSIGN_OR_RETURN(const store::Embedding embedding, store.ReadEmbedding(run_, tag, info.step));
  projector::ThreadPool pool(1);
  const auto statistics = projector::ComputeSampleStatistics(
      {embedding.values, embedding.info.rows, embedding.info.dims}, &pool, {});
  if (statistics.ok()) {
    diagnosis_.Add(tag, info.step, *statistics);
  } else if (statistics.error().code == ErrorCode::kInvalidArgument) {
    diagnosis_.Skip(tag, statistics.error().message);
  } else {
    return statistics.error();
  }
  return {};
}

Result<RunFollower::Progress> RunFollower::ReadScalars(store::Store& store, const store::Tag& tag,
                                                       Seen* seen) {
  // From the last point that was read on, to see whether it still stands.
  const store::ScalarQuery query{.run = run_,
                                 .tag = tag.name,
                                 .from = diagnosis_.LastStep(tag.name),
                                 .rows_max = kContextRows};
  ASSIGN_OR_RETURN(const store::ScalarRows rows, store.ReadScalars(query));
  if (IsGone(tag.name, *seen, rows.step, rows.wall_time)) return Progress::kGone;
  diagnosis_.Add(tag.name, rows);
  if (rows.size() > 0) seen->wall_time = rows.wall_time.back();
  return Progress::kRead;
}

Result<RunFollower::Progress> RunFollower::ReadWindows(store::Store& store, const store::Tag& tag,
                                                       Seen* seen) {
  const Step last = diagnosis_.LastStep(tag.name);
  ASSIGN_OR_RETURN(const std::vector<store::EntityStats> windows,
                   store.ReadEntityStats(run_, tag.name, last == INT64_MIN ? INT64_MIN : last - 1));
  std::vector<Step> step;
  std::vector<WallTime> wall_time;
  for (const store::EntityStats& window : windows) {
    step.push_back(window.step);
    wall_time.push_back(window.wall_time);
  }
  if (IsGone(tag.name, *seen, step, wall_time)) return Progress::kGone;
  for (const store::EntityStats& window : windows) diagnosis_.Add(tag.name, window);
  if (!windows.empty()) seen->wall_time = windows.back().wall_time;
  return Progress::kRead;
}

// Whether the last point that was read stands no more. What takes its place is of a later session,
// so the first of its step then is a later one.
bool RunFollower::IsGone(const std::string& tag, const Seen& seen, const std::vector<Step>& step,
                         const std::vector<WallTime>& wall_time) const {
  const Step last = diagnosis_.LastStep(tag);
  if (last == INT64_MIN) return false;
  return step.empty() || step.front() != last || wall_time.front() > seen.wall_time;
}

}  // namespace spirogram::app

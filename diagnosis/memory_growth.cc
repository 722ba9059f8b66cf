#include "diagnosis/memory_growth.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "base/str.h"
#include "diagnosis/median.h"
#include "diagnosis/tag_words.h"
#include "diagnosis/text.h"
#include "diagnosis/window.h"

namespace spirogram::diagnosis {
namespace {

using store::Check;
using store::Finding;
using store::Severity;

constexpr size_t kParts = 16;
constexpr int64_t kPointsMin = 3 * static_cast<int64_t>(kParts);
// Parts at the end that rise one by one: of six medians of noise, one order in 720 does.
constexpr size_t kRisingMin = 6;
constexpr double kGrown = 1.2;
// The growth of the later half of these parts against that of the earlier: what levels off has
// less, and noise that happens to rise after a warm-up next to nothing.
constexpr double kLinear = 0.6;
constexpr double kHardly = 0.3;  // of the mean rise of a part: it had not begun

using Parts = std::array<double, kParts>;

size_t BeginOf(size_t part, size_t blocks) {
  return part * blocks / kParts;
}

Parts MediansOf(const std::vector<double>& means) {
  Parts parts{};
  for (size_t i = 0; i < kParts; ++i) {
    const auto begin = means.begin() + static_cast<std::ptrdiff_t>(BeginOf(i, means.size()));
    const auto end = means.begin() + static_cast<std::ptrdiff_t>(BeginOf(i + 1, means.size()));
    parts[i] = Median({begin, end});
  }
  return parts;
}

}  // namespace

bool MemoryGrowth::Watches(std::string_view tag) {
  return IsMemory(tag);
}

std::optional<MemoryGrowth::Growth> MemoryGrowth::GrowthOf(const BlockMeans& blocks) {
  if (blocks.points() < kPointsMin) return std::nullopt;
  const Parts parts = MediansOf(blocks.mean());
  size_t first = kParts - 1;
  while (first > 0 && parts[first] > parts[first - 1]) --first;
  const double rise = (parts.back() - parts[first]) / static_cast<double>(kParts - first);
  while (first + 1 < kParts && parts[first + 1] - parts[first] < kHardly * rise) ++first;
  if (kParts - first < kRisingMin || !(parts[first] > 0)) return std::nullopt;
  const double middle = parts[(first + kParts - 1) / 2];
  const bool goes_on = parts.back() - middle >= kLinear * (middle - parts[first]);
  const Step since = blocks.step()[BeginOf(first, blocks.step().size())];
  const auto rising = static_cast<double>(kParts - first);
  const double steps = StepSpan(since, blocks.step().back()) * (rising - 1) / rising;
  const Growth growth{since, parts[first], parts.back(), steps};
  if (!goes_on || growth.times() < kGrown) return std::nullopt;
  return growth;
}

void MemoryGrowth::Add(const std::string& tag, Step step, double value) {
  Track& track = tracks_[tag];
  const size_t before = track.blocks.step().size();
  track.blocks.Add(step, value);
  track.latest = value;
  // At whole blocks alone: a long run costs no more than a short one.
  if (track.blocks.step().size() == before) return;
  const bool is_told = GrowthOf(track.blocks).has_value();
  if (is_told && !track.is_told) track.told_at = step;
  track.is_told = is_told;
}

Finding MemoryGrowth::Report(const std::string& tag, const Track& track, const Growth& growth) {
  const std::string name = Excerpt(tag);
  Finding finding;
  finding.rule = "memory_growth";
  finding.entity = ToValidUtf8(tag);
  finding.severity = Severity::kWarning;
  finding.onset_step = growth.since;
  finding.detected_step = track.told_at;
  finding.value = growth.times();
  finding.threshold = kGrown;
  finding.title = StrCat(name, " grows without end: from ", Number(growth.from), " to ",
                         Number(growth.to), " since step ", Thousands(growth.since));
  const double per_step = (growth.to - growth.from) / growth.steps;
  finding.summary = StrCat("It has risen in each part of the run since step ",
                           Thousands(growth.since), ", by about ", Number(1000 * per_step),
                           " in 1,000 steps, and does not level off. The alarm is at ",
                           Number(kGrown), " times what it had when the growth began; it is ",
                           Number(growth.times()), " times that.");
  finding.cause =
      "Something is kept at each step and never given back: a loss or an output that is added up "
      "or put into a list with its whole graph, hooks, caches or metrics that only grow, objects "
      "that workers copy. Data that are kept as they are first read grow alike, until the end of "
      "the first epoch.";
  finding.advice =
      "Keep loss.item() or x.detach().cpu() instead of the tensor, empty lists at the end of each "
      "epoch, and compare two snapshots of what is allocated some hundred steps apart: what is new "
      "in the later one is the leak.";
  store::EvidenceSeries series;
  series.label = name;
  series.unit = "value";
  series.step = track.blocks.step();
  series.value = track.blocks.mean();
  series.has_threshold = true;
  series.threshold = kGrown * growth.from;
  finding.evidence.push_back(std::move(series));
  return finding;
}

void MemoryGrowth::Conclude(const Context& context, store::Diagnosis* diagnosis) const {
  if (tracks_.empty()) return;  // most runs log none, and nothing is missing for that
  Check check{"memory_growth", "", Check::State::kWarming, ""};
  if (!context.moving_target.empty()) {
    check.state = Check::State::kNotChecked;
    check.reason = StrCat("the run logs ", Excerpt(context.moving_target),
                          ": what it has seen may be kept on purpose");
    diagnosis->checks.push_back(std::move(check));
    return;
  }
  const Tracks::value_type* told = nullptr;
  std::optional<Growth> largest;
  for (const auto& entry : tracks_) {
    const Track& track = entry.second;
    if (check.state != Check::State::kOk) {
      const bool is_enough = track.blocks.points() >= kPointsMin;
      check.state = is_enough ? Check::State::kOk : Check::State::kWarming;
      check.reason = is_enough ? StrCat(Excerpt(entry.first), " is ", Number(track.latest))
                               : StrCat(Excerpt(entry.first), " has ", track.blocks.points(),
                                        " of ", kPointsMin, " points");
    }
    const auto growth = GrowthOf(track.blocks);
    if (!growth || (largest && growth->times() <= largest->times())) continue;
    largest = growth;
    told = &entry;
  }
  if (told != nullptr) {
    check.state = Check::State::kFired;
    check.reason = StrCat(Excerpt(told->first), " is ", Number(largest->times()),
                          " times what it was at step ", Thousands(largest->since));
    diagnosis->findings.push_back(Report(told->first, told->second, *largest));
  }
  diagnosis->checks.push_back(std::move(check));
}

}  // namespace spirogram::diagnosis

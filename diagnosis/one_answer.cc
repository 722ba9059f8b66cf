#include "diagnosis/one_answer.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "base/str.h"
#include "diagnosis/text.h"

namespace spirogram::diagnosis {
namespace {

using store::Check;
using store::Finding;
using store::Severity;
using Pair = LossAndAccuracy::Pair;

constexpr size_t kBlocksMin = 8;
constexpr size_t kLatest = 5;
constexpr double kSame = 1e-6;        // means of equal numbers round
constexpr double kNearEntropy = 0.1;  // of it
constexpr double kBetter = 0.02;      // another accuracy, above this one

// The loss of one who answers two classes by their shares alone.
double Entropy(double share) {
  return -share * std::log(share) - (1 - share) * std::log(1 - share);
}

bool IsAlwaysSame(const Pair& pair) {
  for (size_t i = 1; i < pair.size; ++i) {
    if (std::abs(pair.AccuracyAt(i) - pair.AccuracyAt(0)) > kSame) return false;
  }
  return true;
}

// Where the loss never changes either, the weights do not: others tell that.
bool DoesLossMove(const Pair& pair) {
  const std::vector<double>& loss = pair.loss->second.mean();
  const auto [lowest, highest] = std::minmax_element(loss.begin(), loss.end());
  return *highest > *lowest;
}

// Whether the run is right more often elsewhere, as on data that it learned.
bool IsBetterElsewhere(const LossAndAccuracy& measures, double share) {
  const auto& accuracies = measures.accuracies();
  return std::any_of(accuracies.begin(), accuracies.end(), [share](const auto& accuracy) {
    const BlockMeans& blocks = accuracy.second;
    const double latest = blocks.mean().back();
    return (IsPercent(blocks) ? latest / 100 : latest) > share + kBetter;
  });
}

bool IsOneAnswer(const LossAndAccuracy& measures, const Pair& pair) {
  const double share = pair.AccuracyAt(0);
  if (!(share > 0 && share < 1) || !IsAlwaysSame(pair) || !DoesLossMove(pair)) return false;
  const double loss = pair.LossBefore(pair.size, kLatest);
  return std::abs(loss / Entropy(share) - 1) <= kNearEntropy && !IsBetterElsewhere(measures, share);
}

Finding Report(const Pair& pair) {
  const auto& [tag, accuracy] = *pair.accuracy;
  const double share = pair.AccuracyAt(0);
  Finding finding;
  finding.rule = "one_answer";
  finding.entity = ToValidUtf8(tag);
  finding.severity = Severity::kWarning;
  finding.onset_step = accuracy.step().front();
  finding.detected_step = accuracy.step()[kBlocksMin - 1];
  finding.value = pair.LossBefore(pair.size, kLatest);
  finding.threshold = Entropy(share);
  finding.title = StrCat(Excerpt(tag), " is exactly ", Decimals(share, 4),
                         " each time, as where all samples get one answer");
  finding.summary =
      StrCat("Not one of ", Thousands(accuracy.points()), " values differs, from step ",
             Thousands(accuracy.step().front()), " to ", Thousands(accuracy.step().back()),
             ", though the weights change, and ", Excerpt(pair.loss->first), " is at ",
             Number(finding.value),
             ". Who knows nothing but that the most frequent of two classes has a share of ",
             Percent(share), " has a loss of ", Number(finding.threshold), "; the alarm is within ",
             Percent(kNearEntropy), " of it.");
  finding.cause =
      "One class is so frequent that always naming it is nearly right, and nothing else has been "
      "learned: the others are too few to pull, or the inputs say nothing about the labels.";
  finding.advice =
      "Look at recall or at the confusion matrix of each class instead of the accuracy. Weight "
      "the loss or draw the batches so that classes count alike, and see whether a few samples of "
      "each class can be learned by heart.";
  for (const auto* series : {pair.accuracy, pair.loss}) {
    store::EvidenceSeries evidence;
    evidence.label = Excerpt(series->first);
    evidence.unit = "value";
    evidence.step = series->second.step();
    evidence.value = series->second.mean();
    finding.evidence.push_back(std::move(evidence));
  }
  return finding;
}

bool IsLossFlat(const store::Diagnosis& diagnosis) {
  return std::any_of(
      diagnosis.findings.begin(), diagnosis.findings.end(),
      [](const Finding& finding) { return finding.rule == "loss_flat" && finding.is_open; });
}

}  // namespace

void ConcludeOneAnswer(const LossAndAccuracy& measures, store::Diagnosis* diagnosis) {
  Check check{"one_answer", "", Check::State::kNotChecked,
              "no loss and accuracy of the same data are logged at the same steps, such as "
              "val_loss and val_acc"};
  const bool is_flat = IsLossFlat(*diagnosis);
  for (const Pair& pair : measures.Pairs()) {
    const std::string name = Excerpt(pair.accuracy->first);
    if (pair.size < kBlocksMin) {
      if (check.state == Check::State::kOk) continue;
      check.state = Check::State::kWarming;
      check.reason = StrCat(name, " has ", pair.size, " of ", kBlocksMin, " points");
      continue;
    }
    check.state = Check::State::kOk;
    check.reason = StrCat(name, is_flat ? ": see loss_flat" : " is not that of one answer");
    if (is_flat || !IsOneAnswer(measures, pair)) continue;
    check.state = Check::State::kFired;
    check.reason = StrCat(name, " is exactly ", Decimals(pair.AccuracyAt(0), 4), " each time");
    diagnosis->findings.push_back(Report(pair));
    break;
  }
  diagnosis->checks.push_back(std::move(check));
}

}  // namespace spirogram::diagnosis

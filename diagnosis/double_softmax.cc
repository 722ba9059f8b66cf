#include "diagnosis/double_softmax.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numbers>
#include <optional>
#include <string>
#include <utility>

#include "base/str.h"
#include "diagnosis/chance.h"
#include "diagnosis/text.h"

namespace spirogram::diagnosis {
namespace {

using std::numbers::e;
using store::Check;
using store::Finding;
using store::Severity;
using Pair = LossAndAccuracy::Pair;

constexpr size_t kBlocksMin = 8;
constexpr size_t kLatest = 5;
constexpr double kSteady = 0.02;   // how far the latest sums may lie from their middle,
constexpr double kBelow = 0.08;    // any sum below it,
constexpr double kAbove = 0.1;     // and above it, while the answers were less sure
constexpr double kNearSum = 0.02;  // the sum against that of so many classes
constexpr double kTooLarge = 0.1;  // the loss above what the accuracy allows
// Where no first loss tells the classes. Smoothed labels have losses as high as those of fewer.
constexpr double kClassesMin = 4.5;
constexpr double kRightMostly = 0.9;
constexpr double kRightOften = 0.5;
constexpr double kMoved = 0.03;  // the accuracy, while the sum stayed

// What is told of a loss and an accuracy.
struct Verdict {
  double sum = 0;      // of the two
  double classes = 0;  // C
};

// While the answers were right more often than not.
struct Past {
  double lowest = 0;  // sum
  double highest = 0;
  double least_right = 0;
};

double SumAt(const Pair& pair, size_t i) {
  return pair.LossAt(i) + pair.AccuracyAt(i);
}

// Of the second softmax, over `classes` classes.
double SumOf(double classes) {
  return std::log(e + classes - 1);
}

Past PastOf(const Pair& pair, size_t count, double sum, double accuracy) {
  Past past{sum, sum, accuracy};
  for (size_t i = 0; i < count; ++i) {
    if (pair.AccuracyAt(i) < kRightOften) continue;
    past.lowest = std::min(past.lowest, SumAt(pair, i));
    past.highest = std::max(past.highest, SumAt(pair, i));
    past.least_right = std::min(past.least_right, pair.AccuracyAt(i));
  }
  return past;
}

// Whether a first loss, ln C of C classes that are all alike, belongs to the sum.
bool HasBegunAt(double sum, const LossAndAccuracy& measures) {
  const auto& beginnings = measures.beginnings();
  return std::any_of(beginnings.begin(), beginnings.end(), [sum](const auto& beginning) {
    return std::abs(SumOf(std::exp(beginning.second)) - sum) <= kNearSum;
  });
}

// Whether the sum itself tells so, as of a run that logs its epochs alone.
bool IsOfClasses(const Verdict& verdict, double accuracy, const Past& past) {
  return verdict.classes >= kClassesMin && accuracy >= kRightMostly &&
         accuracy - past.least_right >= kMoved && past.highest <= verdict.sum + kAbove &&
         std::abs(SumOf(verdict.classes) - verdict.sum) <= kNearSum;
}

// By the first `count` blocks; nothing where they do not show it.
std::optional<Verdict> Judge(const LossAndAccuracy& measures, const Pair& pair, size_t count) {
  if (count < kBlocksMin) return std::nullopt;
  const double accuracy = pair.AccuracyBefore(count, kLatest);
  const double sum = pair.LossBefore(count, kLatest) + accuracy;
  const double classes = std::exp(sum) + 1 - e;
  for (size_t i = count - kLatest; i < count; ++i) {
    if (std::abs(SumAt(pair, i) - sum) > kSteady) return std::nullopt;
  }
  if (!(classes > 2) || sum - accuracy < HonestLoss(accuracy, classes) + kTooLarge) {
    return std::nullopt;
  }
  const Past past = PastOf(pair, count, sum, accuracy);
  const Verdict verdict{sum, std::round(classes)};
  if (past.lowest < sum - kBelow) return std::nullopt;
  if (!HasBegunAt(sum, measures) && !IsOfClasses(verdict, accuracy, past)) return std::nullopt;
  return verdict;
}

store::EvidenceSeries EvidenceOf(const LossAndAccuracy::Series::value_type& series) {
  store::EvidenceSeries evidence;
  evidence.label = Excerpt(series.first);
  evidence.unit = "value";
  evidence.step = series.second.step();
  evidence.value = series.second.mean();
  return evidence;
}

Finding Report(const LossAndAccuracy& measures, const Pair& pair, const Verdict& verdict) {
  const std::string name = Excerpt(pair.loss->first);
  const std::string accuracy_name = Excerpt(pair.accuracy->first);
  const double accuracy = pair.AccuracyBefore(pair.size, kLatest);
  const std::string classes = Thousands(static_cast<int64_t>(verdict.classes));
  size_t count = kBlocksMin;
  while (count < pair.size && !Judge(measures, pair, count)) ++count;
  Finding finding;
  finding.rule = "double_softmax";
  finding.entity = ToValidUtf8(pair.loss->first);
  finding.severity = Severity::kWarning;
  finding.onset_step = pair.loss->second.step().front();
  finding.detected_step = pair.loss->second.step()[count - 1];
  finding.value = verdict.sum;
  finding.threshold = SumOf(verdict.classes);
  finding.title = StrCat(name, " is at ", Decimals(pair.LossBefore(pair.size, kLatest), 2),
                         " with ", accuracy_name, " at ", Percent(accuracy),
                         ", and cannot come below ", Decimals(finding.threshold - 1, 2));
  finding.summary = StrCat(
      "The two have the same sum wherever they are, ", Decimals(verdict.sum, 2),
      ". That is ln(e + ", classes, " - 1), the loss of a sure answer among ", classes,
      " classes that is wrong, where softmax is taken of probabilities; one that is right has 1 "
      "less, and not 0. A classifier that is right as often and knows how often has a loss of ",
      Number(HonestLoss(accuracy, verdict.classes)), " at most.");
  finding.cause =
      "Most likely softmax is taken twice: the model ends with one, and the loss takes another. "
      "Gradients are weak, and the model learns slowly. Labels smoothed by 0.4 look alike.";
  finding.advice =
      "Give the loss the raw outputs: leave out the model's softmax where the loss is "
      "CrossEntropyLoss (in Keras: from_logits=True), or keep it and take NLLLoss of the "
      "logarithm of its probabilities (from_logits=False).";
  finding.evidence = {EvidenceOf(*pair.loss), EvidenceOf(*pair.accuracy)};
  finding.evidence[0].has_threshold = true;
  finding.evidence[0].threshold = finding.threshold - 1;
  return finding;
}

}  // namespace

void ConcludeDoubleSoftmax(const LossAndAccuracy& measures, store::Diagnosis* diagnosis) {
  Check check{"double_softmax", "", Check::State::kNotChecked,
              "no loss and accuracy of the same data are logged at the same steps, such as "
              "val_loss and val_acc"};
  for (const Pair& pair : measures.Pairs()) {
    const std::string names =
        StrCat(Excerpt(pair.loss->first), " and ", Excerpt(pair.accuracy->first));
    if (const auto verdict = Judge(measures, pair, pair.size)) {
      check.state = Check::State::kFired;
      check.reason =
          StrCat(names, " have a sum of ", Decimals(verdict->sum, 2), " wherever they are");
      diagnosis->findings.push_back(Report(measures, pair, *verdict));
      break;
    }
    if (check.state == Check::State::kOk) continue;
    const bool is_enough = pair.size >= kBlocksMin;
    check.state = is_enough ? Check::State::kOk : Check::State::kWarming;
    check.reason = is_enough ? StrCat(names, " do not have the sum that softmax of softmax gives")
                             : StrCat(names, " have ", pair.size, " of ", kBlocksMin, " points");
  }
  diagnosis->checks.push_back(std::move(check));
}

}  // namespace spirogram::diagnosis

#include "diagnosis/one_answer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <optional>
#include <string>
#include <vector>

#include "diagnosis/diagnosis.h"
#include "tests/diagnosis/layer_windows.h"
#include "tests/diagnosis/verdict.h"

namespace spirogram::diagnosis {
namespace {

using store::Check;
using store::Finding;
using store::Severity;
using ::testing::HasSubstr;
using testing::Points;

// One positive in 22: none is ever named.
const std::vector<double> kLoss = {0.1960, 0.1844, 0.1834, 0.1832, 0.1832, 0.1833,
                                   0.1830, 0.1829, 0.1828, 0.1826, 0.1829, 0.1827};

RunDiagnosis Watch(const std::vector<double>& loss, const std::vector<double>& accuracy,
                   double training_accuracy = 0.9494) {
  RunDiagnosis diagnosis;
  diagnosis.Add("Loss/train", Points(0, {0.7391, 0.1978, 0.1905}, 5));
  diagnosis.Add("Accuracy/train",
                Points(94, std::vector<double>(accuracy.size(), training_accuracy), 94));
  diagnosis.Add("Loss/val", Points(94, loss, 94));
  diagnosis.Add("Accuracy/val", Points(94, accuracy, 94));
  return diagnosis;
}

std::optional<Finding> FindingOf(const RunDiagnosis& diagnosis) {
  return testing::FindingOf(diagnosis.Conclude(), "one_answer");
}

TEST(OneAnswerTest, TellsOfAnAccuracyThatIsTheShareOfOneClass) {
  const auto finding = FindingOf(Watch(kLoss, std::vector<double>(12, 0.9553)));
  ASSERT_TRUE(finding.has_value());
  EXPECT_EQ(finding->severity, Severity::kWarning);
  EXPECT_EQ(finding->entity, "Accuracy/val");
  EXPECT_EQ(finding->onset_step, 94);
  EXPECT_EQ(finding->detected_step, 94 * 8);
  EXPECT_EQ(finding->title,
            "Accuracy/val is exactly 0.9553 each time, as where all samples get one answer");
  EXPECT_THAT(finding->summary, HasSubstr("has a share of 96 % has a loss of 0.18"));
  EXPECT_THAT(finding->advice, HasSubstr("recall"));
  EXPECT_EQ(finding->evidence.size(), 2u);
}

TEST(OneAnswerTest, IsSilentOnceOneAnswerDiffers) {
  std::vector<double> accuracy(12, 0.9553);
  accuracy.back() = 0.956;
  EXPECT_FALSE(FindingOf(Watch(kLoss, accuracy)).has_value());
}

TEST(OneAnswerTest, IsSilentOnAccuraciesThatStayForAnotherReason) {
  const std::vector<double> same(12, 0.9553);
  std::vector<double> sure;  // a few held-out samples, of which two are wrong
  for (const double loss : kLoss) sure.push_back(0.6 * loss);
  EXPECT_FALSE(FindingOf(Watch(sure, same)).has_value());
  EXPECT_FALSE(FindingOf(Watch(kLoss, same, 0.99)).has_value()) << "training data are learned";
  EXPECT_FALSE(FindingOf(Watch(std::vector<double>(12, 0.1827), same)).has_value())
      << "nothing changes at all";
  EXPECT_FALSE(FindingOf(Watch(kLoss, std::vector<double>(12, 1))).has_value()) << "all right";
}

TEST(OneAnswerTest, SaysWhatItLookedAt) {
  const auto check = [](const RunDiagnosis& diagnosis) {
    return testing::CheckOf(diagnosis.Conclude(), "one_answer").state;
  };
  EXPECT_EQ(check(RunDiagnosis()), Check::State::kNotChecked);
  const std::vector<double> few(kLoss.begin(), kLoss.begin() + 7);
  EXPECT_EQ(check(Watch(few, std::vector<double>(7, 0.9553))), Check::State::kWarming);
  EXPECT_EQ(check(Watch(kLoss, std::vector<double>(12, 0.9553))), Check::State::kFired);
}

}  // namespace
}  // namespace spirogram::diagnosis

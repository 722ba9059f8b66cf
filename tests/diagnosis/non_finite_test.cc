#include "diagnosis/non_finite.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <string>
#include <vector>

#include "diagnosis/diagnosis.h"
#include "tests/diagnosis/layer_windows.h"
#include "tests/diagnosis/table_simulation.h"

namespace spirogram::diagnosis {
namespace {

using store::Check;
using store::Finding;
using store::Severity;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::LayerWindows;
using ::testing::Not;
using testing::Points;

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr double kInf = std::numeric_limits<double>::infinity();

store::ScalarRows Values(const std::vector<double>& values, Step stride = 1) {
  store::ScalarRows rows = Points(1, values, stride);
  for (size_t i = 0; i < values.size(); ++i) rows.nonfinite[i] = values[i] - values[i] == 0 ? 0 : 1;
  return rows;
}

std::vector<double> With(std::vector<double> values, size_t more, double value) {
  values.insert(values.end(), more, value);
  return values;
}

store::Diagnosis Judge(const std::string& tag, const std::vector<double>& values) {
  RunDiagnosis diagnosis;
  diagnosis.Add(tag, Values(values));
  return diagnosis.Conclude();
}

Check CheckOf(const store::Diagnosis& diagnosis, const std::string& rule) {
  for (const Check& check : diagnosis.checks) {
    if (check.rule == rule) return check;
  }
  return {};
}

TEST(NonFiniteTest, KnowsLossesAndGradientNormsOfWhicheverProgram) {
  for (const char* tag : {"loss", "Loss/train", "train/total_loss", "val_loss", "grad_norm",
                          "train/grad_norm", "gradients/fc1_Norm", "layers/a/gradient_norm"}) {
    EXPECT_TRUE(NonFinite::Watches(tag)) << tag;
  }
  for (const char* tag : {"", "accuracy", "loss_scale", "amp/LossScale", "grad/mean", "norm"}) {
    EXPECT_FALSE(NonFinite::Watches(tag)) << tag;
  }
}

TEST(NonFiniteTest, AFiniteLossIsOk) {
  const auto diagnosis = Judge("loss", {3, 2, 1e30, 1});
  EXPECT_THAT(diagnosis.findings, IsEmpty());
  EXPECT_EQ(CheckOf(diagnosis, "non_finite").state, Check::State::kOk);
  EXPECT_EQ(CheckOf(diagnosis, "non_finite").reason, "loss is finite");
}

TEST(NonFiniteTest, ALossIsLostFromItsFirstPointOn) {
  std::vector<double> values(20, 2.4);
  values.push_back(2.3);
  const auto diagnosis = Judge("loss/train", With(values, 1, kNan));
  ASSERT_EQ(diagnosis.findings.size(), 1u);
  const Finding& finding = diagnosis.findings[0];
  EXPECT_EQ(finding.severity, Severity::kCritical);
  EXPECT_EQ(finding.title, "loss/train is NaN or Inf");
  EXPECT_EQ(finding.onset_step, 22);
  EXPECT_THAT(finding.summary, HasSubstr("The last finite value was 2.3 at step 21"));
  EXPECT_THAT(finding.cause, HasSubstr("It did not grow before"));
  EXPECT_EQ(finding.evidence.size(), 1u);
  EXPECT_EQ(CheckOf(diagnosis, "non_finite").state, Check::State::kFired);
}

TEST(NonFiniteTest, ALossThatGrewBeforeHasDiverged) {
  const auto diagnosis = Judge("loss", {2.4, 5e4, 1e23, kInf, kNan, kNan});
  ASSERT_EQ(diagnosis.findings.size(), 1u);
  EXPECT_EQ(diagnosis.findings[0].onset_step, 4);
  EXPECT_THAT(diagnosis.findings[0].cause, HasSubstr("training diverged"));
  EXPECT_TRUE(diagnosis.findings[0].evidence[0].is_log);
}

TEST(NonFiniteTest, AZeroAtTheStartLeavesTheEvidenceOnALogarithmicAxis) {
  std::vector<double> values{0};
  for (double value = 2; value < 1e34; value *= 10) values.push_back(value);
  const auto diagnosis = Judge("loss", With(values, 2, kNan));
  ASSERT_EQ(diagnosis.findings.size(), 1u);
  const auto& evidence = diagnosis.findings[0].evidence[0];
  EXPECT_TRUE(evidence.is_log);
  EXPECT_EQ(evidence.value.size(), values.size() - 1);
  EXPECT_EQ(evidence.label, "finite values above 0 of loss");
}

TEST(NonFiniteTest, ALossOnBothSidesOfZeroIsDrawnWhole) {
  const auto diagnosis = Judge("loss", {2.4, -5e4, 1e23, kNan, kNan});
  ASSERT_EQ(diagnosis.findings.size(), 1u);
  EXPECT_FALSE(diagnosis.findings[0].evidence[0].is_log);
  EXPECT_EQ(diagnosis.findings[0].evidence[0].value.size(), 3u);
}

TEST(NonFiniteTest, ALossThatIsLostAtOnceIsNotBlamedOnABatchAlone) {
  const auto diagnosis = Judge("loss", {2.4, kNan, kNan});
  ASSERT_EQ(diagnosis.findings.size(), 1u);
  EXPECT_THAT(diagnosis.findings[0].cause, HasSubstr("a learning rate that is far too high"));
}

TEST(NonFiniteTest, ALossThatNeverWasFiniteSaysSo) {
  const auto diagnosis = Judge("loss", {kNan, kNan});
  ASSERT_EQ(diagnosis.findings.size(), 1u);
  EXPECT_EQ(diagnosis.findings[0].onset_step, 1);
  EXPECT_THAT(diagnosis.findings[0].summary, HasSubstr("It never was finite"));
}

TEST(NonFiniteTest, ALossThatComesBackIsAFact) {
  const auto diagnosis = Judge("loss", {2, kNan, kNan, 1.5, 1.4});
  ASSERT_EQ(diagnosis.findings.size(), 1u);
  const Finding& finding = diagnosis.findings[0];
  EXPECT_FALSE(finding.is_open);
  EXPECT_EQ(finding.severity, Severity::kInfo);
  EXPECT_EQ(finding.onset_step, 2);
  EXPECT_EQ(finding.closed_step, 4);
  EXPECT_EQ(CheckOf(diagnosis, "non_finite").state, Check::State::kOk);
}

TEST(NonFiniteTest, NanBetweenValuesIsAProgramThatHasNoneToLog) {
  std::vector<double> values;
  for (int i = 0; i < 1'000; ++i) values.push_back(i % 100 == 0 ? 1.0 : kNan);
  const auto diagnosis = Judge("val_loss", values);
  ASSERT_EQ(diagnosis.findings.size(), 1u);
  EXPECT_EQ(diagnosis.findings[0].severity, Severity::kInfo);
  EXPECT_FALSE(diagnosis.findings[0].is_open);
  const auto lost = Judge("val_loss", With(values, 200, kNan));
  EXPECT_TRUE(lost.findings[0].is_open);
}

TEST(NonFiniteTest, ALossThatNeverWasFiniteBesideOneThatIsDoesNotEndTraining) {
  RunDiagnosis diagnosis;
  diagnosis.Add("val_loss", Values({kNan, kNan}));
  diagnosis.Add("loss", Values({2, 1}));
  const auto findings = diagnosis.Conclude().findings;
  ASSERT_EQ(findings.size(), 1u);
  EXPECT_EQ(findings[0].severity, Severity::kWarning);
  EXPECT_THAT(findings[0].cause, HasSubstr("Training goes on"));
}

TEST(NonFiniteTest, ScaledGradientsMayOverflowNowAndThen) {
  std::vector<double> norms;
  for (int i = 0; i < 100; ++i) norms.push_back(i % 20 < 3 ? kInf : 1.0);
  EXPECT_THAT(Judge("grad_norm", norms).findings, IsEmpty());
  const auto lost = Judge("grad_norm", With({1, 1, 1}, 6, kNan));
  ASSERT_EQ(lost.findings.size(), 1u);
  EXPECT_EQ(lost.findings[0].onset_step, 4);
}

TEST(NonFiniteTest, OneFindingARunAboutTheFirst) {
  RunDiagnosis diagnosis;
  diagnosis.Add("layers/a/gradient_norm", Values(With({1, 1}, 20, kNan)));
  diagnosis.Add("layers/b/gradient_norm", Values(With({1, 1, 1}, 20, kNan)));
  diagnosis.Add("loss", Values(With({1, 1}, 20, kNan)));
  diagnosis.Add("val_loss", Values({1, 1}));
  const auto conclusion = diagnosis.Conclude();
  ASSERT_EQ(conclusion.findings.size(), 1u);
  EXPECT_EQ(conclusion.findings[0].entity, "loss");  // of those that began with it, the loss
  EXPECT_EQ(conclusion.findings[0].affected, 3);
  EXPECT_EQ(conclusion.findings[0].total, 4);
  EXPECT_THAT(conclusion.findings[0].summary,
              AllOf(HasSubstr("So are layers/a/gradient_norm (since step 3), "
                              "layers/b/gradient_norm (since step 4)."),
                    Not(HasSubstr("val_loss"))));
}

TEST(NonFiniteTest, RowsOfManyPointsAreDatedToTheRow) {
  store::ScalarRows rows = Values({1, 1, kNan, kNan}, 10);  // steps 1, 11, 21, 31
  rows.count = {1, 10, 10, 1};
  rows.nonfinite = {0, 4, 10, 1};
  rows.mean[1] = 1;
  RunDiagnosis diagnosis;
  diagnosis.Add("loss", rows);
  const auto findings = diagnosis.Conclude().findings;
  ASSERT_EQ(findings.size(), 1u);
  EXPECT_EQ(findings[0].onset_step, 2);
  EXPECT_EQ(findings[0].value, 15);
}

// A row of many points that hold a few overflows here and there, as scaled gradients have them.
TEST(NonFiniteTest, OverflowsThatAreScatteredInARowAreNoStreak) {
  RunDiagnosis diagnosis;
  store::ScalarRows rows = Values({1, 1, 1, 1, kNan});
  rows.count = {1, 500, 500, 500, 1};
  rows.nonfinite = {0, 9, 14, 10, 1};
  diagnosis.Add("grad_norm", rows);
  EXPECT_TRUE(diagnosis.Conclude().findings.empty());
}

TEST(NonFiniteTest, QuotesTheBeginningOfAnEndlessTag) {
  const std::string tag = "loss" + std::string(size_t{1} << 20, 'x');
  RunDiagnosis diagnosis;
  diagnosis.Add(tag, Values({1, kNan}));
  const auto conclusion = diagnosis.Conclude();
  ASSERT_EQ(conclusion.findings.size(), 1u);
  EXPECT_EQ(conclusion.findings[0].entity, tag);
  EXPECT_LT(conclusion.findings[0].title.size(), 300u);
  EXPECT_LT(conclusion.findings[0].summary.size(), 600u);
  EXPECT_LT(CheckOf(conclusion, "non_finite").reason.size(), 300u);
}

TEST(NonFiniteTest, LayersAndTablesOfNanAreNotCalledWell) {
  RunDiagnosis diagnosis;
  for (int w = 0; w < 20; ++w) {
    auto window = LayerWindows().Make(w);
    for (float& gradient : window.values[2]) gradient = std::numeric_limits<float>::quiet_NaN();
    diagnosis.Add("layers/hidden_1/units", window);
  }
  testing::TableSimulation table({});
  for (int w = 0; w < 6; ++w) {
    auto window = table.NextWindow();
    for (size_t column = 1; column < 4; ++column) {
      for (float& value : window.values[column]) value = std::numeric_limits<float>::quiet_NaN();
    }
    diagnosis.Add("embeddings/items/rows", window);
  }
  const auto conclusion = diagnosis.Conclude();
  EXPECT_EQ(CheckOf(conclusion, "dead_units").state, Check::State::kNotChecked);
  EXPECT_EQ(CheckOf(conclusion, "dead_units").reason,
            "the statistics of 64 of 64 units are NaN or Inf");
  EXPECT_EQ(CheckOf(conclusion, "stalled_rows").state, Check::State::kNotChecked);
  EXPECT_EQ(CheckOf(conclusion, "stalled_rows").reason,
            "the statistics of 400 of 400 rows in frequent use are NaN or Inf");
}

}  // namespace
}  // namespace spirogram::diagnosis

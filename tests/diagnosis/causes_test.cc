// Causes that lie elsewhere than in the entity that a finding is about, or too early to be told.
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

using store::Finding;
using store::Severity;
using ::testing::AllOf;
using testing::DieAt;
using ::testing::HasSubstr;
using testing::LayerWindows;
using ::testing::Not;
using testing::Points;
using testing::TableOptions;
using testing::TableSimulation;

constexpr char kItems[] = "embeddings/item_embedding/rows";
constexpr char kUsers[] = "embeddings/user_embedding/rows";

void Watch(RunDiagnosis* diagnosis, const std::string& layer, LayerWindows windows, int count) {
  for (int w = 0; w < count; ++w) diagnosis->Add("layers/" + layer + "/units", windows.Make(w));
}

void Train(RunDiagnosis* diagnosis, const char* tag, const TableOptions& options, int windows) {
  TableSimulation table(options);
  for (int w = 0; w < windows; ++w) diagnosis->Add(tag, table.NextWindow());
}

Finding FindingOf(const RunDiagnosis& diagnosis, const std::string& rule,
                  const std::string& entity) {
  for (const Finding& finding : diagnosis.Conclude().findings) {
    if (finding.rule == rule && finding.entity == entity) return finding;
  }
  ADD_FAILURE() << "no finding of " << rule << " about " << entity;
  return {};
}

// --- Layers that died at once: no usual level was known by then

RunDiagnosis DeadFromStepTen(const std::vector<double>& ratios) {
  LayerWindows layer;
  layer.active = DieAt(1, 64);
  RunDiagnosis diagnosis;
  Watch(&diagnosis, "hidden_1", layer, 20);
  store::ScalarRows points = Points(9, ratios, 10);
  for (size_t i = 0; i < ratios.size(); ++i) points.nonfinite[i] = ratios[i] < 1e30 ? 0 : 1;
  diagnosis.Add("layers/hidden_1/update_ratio", points);
  return diagnosis;
}

TEST(CausesTest, AnEarlyDeathUnderLargeUpdatesIsBlamedOnThem) {
  std::vector<double> ratios(20, 0.0004);
  ratios[0] = 0.058;
  EXPECT_THAT(FindingOf(DeadFromStepTen(ratios), "dead_units", "hidden_1").cause,
              HasSubstr("was up to 0.058 by step 20, where about 0.001 is usual"));
}

TEST(CausesTest, AnEarlyDeathUnderUsualUpdatesSaysThatItCannotTell) {
  const std::string cause =
      FindingOf(DeadFromStepTen(std::vector<double>(20, 0.002)), "dead_units", "hidden_1").cause;
  EXPECT_THAT(cause, AllOf(HasSubstr("too soon after the start"),
                           Not(HasSubstr("No unusually large update came before"))));
}

TEST(CausesTest, AnEarlyDeathByOverflowIsNamed) {
  std::vector<double> ratios(20, 0.0);
  ratios[0] = std::numeric_limits<double>::infinity();
  EXPECT_THAT(FindingOf(DeadFromStepTen(ratios), "dead_units", "hidden_1").cause,
              HasSubstr("no finite number at step 9"));
}

// --- Layers behind layers

TEST(CausesTest, ALayerBehindAHalfDeadOneIsNotSaidToSeeNothing) {
  LayerWindows first;
  first.active = DieAt(30, 40);  // of 64
  LayerWindows second;
  second.active = DieAt(40, 40);
  RunDiagnosis diagnosis;
  Watch(&diagnosis, "hidden_1", first, 60);
  Watch(&diagnosis, "hidden_2", second, 60);
  EXPECT_THAT(FindingOf(diagnosis, "dead_units", "hidden_2").cause,
              AllOf(HasSubstr("Layer hidden_1 had lost half of its units before, by step 300"),
                    Not(HasSubstr("the same input"))));
}

TEST(CausesTest, ALayerThatWasBlockedAfterwardsIsNotSaidToBeDeadBefore) {
  LayerWindows first;  // 35 % from window 20 on, all from window 60 on
  first.active = [](int unit, int w) { return (w >= 20 && unit < 24) || w >= 60 ? 0.0f : 500.0f; };
  LayerWindows second;
  second.active = DieAt(40, 40);
  RunDiagnosis diagnosis;
  Watch(&diagnosis, "hidden_1", first, 80);
  Watch(&diagnosis, "hidden_2", second, 80);
  EXPECT_THAT(FindingOf(diagnosis, "dead_units", "hidden_2").cause, Not(HasSubstr("hidden_1")));
}

// --- Tables behind layers

TEST(CausesTest, ALayerThatDiedWithinTheRowsWindowIsTheirCause) {
  // Windows of rows have 100 steps, those of units 10: the rows' onset is dated before the layer's.
  RunDiagnosis diagnosis;
  TableOptions options;
  options.has_gradient = [](int, int step) { return step < 510; };
  options.rows = 4'000;
  options.ids_per_step = 512;  // many rows are first used after the layer has died
  Train(&diagnosis, kItems, options, 12);
  LayerWindows layer;
  layer.active = DieAt(51, 64);
  Watch(&diagnosis, "hidden_1", layer, 120);
  const Finding finding = FindingOf(diagnosis, "stalled_rows", "item_embedding");
  EXPECT_LE(finding.onset_step, 510);
  EXPECT_EQ(diagnosis.Conclude().findings.front().entity, "hidden_1");  // the cause comes first
  EXPECT_THAT(finding.cause, HasSubstr("64 of 64 units of layer hidden_1 are dead"));
}

TEST(CausesTest, RowsThatLostTheirGradientWithMostOfALayerAreNotCalledMasked) {
  RunDiagnosis diagnosis;
  TableOptions options;
  options.has_gradient = [](int row, int step) { return step < 500 || row % 10 != 0; };
  Train(&diagnosis, kItems, options, 12);
  LayerWindows layer;
  layer.active = DieAt(50, 56);  // of 64: not blocked
  Watch(&diagnosis, "hidden_1", layer, 120);
  EXPECT_THAT(FindingOf(diagnosis, "stalled_rows", "item_embedding").cause,
              AllOf(HasSubstr("56 of 64 units of layer hidden_1"), HasSubstr("may all be silent"),
                    Not(HasSubstr("masked"))));
}

TEST(CausesTest, ARowThatLostItsGradientFirstIsNotForPadding) {
  RunDiagnosis diagnosis;
  TableOptions options;
  options.rows = 30;
  options.has_gradient = [](int row, int step) { return step < 300 || (row != 4 && step < 700); };
  Train(&diagnosis, kItems, options, 12);
  for (const Finding& finding : diagnosis.Conclude().findings) {
    EXPECT_NE(finding.rule, "padding_row") << finding.title;
  }
}

// --- A model that is slow as a whole

TEST(CausesTest, ATableIsNotBlamedWhereTheOthersHardlyMoveEither) {
  TableOptions slow;
  slow.is_adam = false;
  slow.learning_rate = [](int) { return 1e-7; };
  TableOptions faster = slow;
  faster.learning_rate = [](int) { return 3e-6; };
  RunDiagnosis diagnosis;
  Train(&diagnosis, kItems, slow, 10);
  Train(&diagnosis, kUsers, faster, 10);
  const Finding finding = FindingOf(diagnosis, "stalled_rows", "item_embedding");
  EXPECT_EQ(finding.severity, Severity::kInfo);
  EXPECT_THAT(finding.cause, HasSubstr("The rest of the model is about as slow"));
}

TEST(CausesTest, RowsWhoseUpdatesRoundToZeroInASlowTableAreNotCalledMasked) {
  TableOptions options;
  options.learning_rate = [](int) { return 1e-9; };
  options.row_scale = [](int row) { return row % 3 == 0 ? 0.0 : 1.0; };
  RunDiagnosis diagnosis;
  Train(&diagnosis, kItems, options, 4);
  std::string causes;
  for (const Finding& finding : diagnosis.Conclude().findings) causes += finding.cause;
  EXPECT_THAT(causes,
              AllOf(HasSubstr("so low that updates round to zero"), Not(HasSubstr("mask"))));
}

}  // namespace
}  // namespace spirogram::diagnosis

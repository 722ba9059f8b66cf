#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "diagnosis/diagnosis.h"
#include "tests/diagnosis/layer_windows.h"
#include "tests/diagnosis/table_simulation.h"

namespace spirogram::diagnosis {
namespace {

using store::Check;
using store::Finding;
using store::Severity;
using ::testing::AllOf;
using testing::DieAt;
using ::testing::HasSubstr;
using testing::LayerWindows;
using testing::Points;
using testing::TableOptions;
using testing::TableSimulation;

constexpr char kItems[] = "embeddings/item_embedding/rows";
constexpr char kUsers[] = "embeddings/user_embedding/rows";

using Attributes = std::vector<std::pair<std::string, std::string>>;

void Train(RunDiagnosis* diagnosis, const char* tag, const TableOptions& options, int windows,
           const Attributes& attributes = {}) {
  TableSimulation table(options);
  for (int w = 0; w < windows; ++w) {
    auto window = table.NextWindow();
    window.attributes = attributes;
    diagnosis->Add(tag, window);
  }
}

std::vector<Finding> Alarms(const store::Diagnosis& diagnosis) {
  std::vector<Finding> alarms;
  for (const Finding& finding : diagnosis.findings) {
    if (finding.severity != Severity::kInfo) alarms.push_back(finding);
  }
  return alarms;
}

std::vector<Finding> AlarmsOf(const TableOptions& options, int windows,
                              const Attributes& attributes = {}) {
  RunDiagnosis diagnosis;
  Train(&diagnosis, kItems, options, windows, attributes);
  return Alarms(diagnosis.Conclude());
}

Check CheckOf(const RunDiagnosis& diagnosis, const std::string& rule = "stalled_rows") {
  for (const Check& check : diagnosis.Conclude().checks) {
    if (check.rule == rule) return check;
  }
  return {};
}

TableOptions WithRate(double rate) {
  TableOptions options;
  options.learning_rate = [rate](int) { return rate; };
  return options;
}

// --- Healthy tables
// ---------------------------------------------------------------------------------

TEST(StalledRowsTest, AHealthyTableHasNoFindingAndAnOkCheck) {
  RunDiagnosis diagnosis;
  Train(&diagnosis, kItems, TableOptions(), 15);
  EXPECT_TRUE(diagnosis.Conclude().findings.empty());
  EXPECT_EQ(CheckOf(diagnosis).state, Check::State::kOk);
  EXPECT_EQ(CheckOf(diagnosis).reason,
            "0 of 400 rows in frequent use are stalled; 0 of 400 rows were never touched");
}

TEST(StalledRowsTest, AHealthyTableUnderSgdHasNoAlarm) {
  TableOptions options = WithRate(1.0);
  options.is_adam = false;
  EXPECT_TRUE(AlarmsOf(options, 30).empty());
}

// Of windows that are too short for any row to be used often.
TEST(StalledRowsTest, TellsAsMuchOfAProgramThatLogsEveryStep) {
  for (const int window_steps : {1, 7, 33}) {
    TableOptions options;
    options.ids_per_step = 64;
    options.window_steps = window_steps;
    RunDiagnosis healthy;
    Train(&healthy, kItems, options, 1000 / window_steps);
    EXPECT_THAT(Alarms(healthy.Conclude()), ::testing::IsEmpty()) << window_steps;
    EXPECT_EQ(CheckOf(healthy).state, Check::State::kOk) << CheckOf(healthy).reason;
    options.learning_rate = [](int) { return 0.0; };
    const auto alarms = AlarmsOf(options, 1000 / window_steps);
    ASSERT_EQ(alarms.size(), 1U) << window_steps;
    EXPECT_THAT(alarms[0].title, HasSubstr("never change"));
    EXPECT_LE(alarms[0].detected_step, 110) << window_steps;
  }
}

TEST(StalledRowsTest, RowsNeverTouchedAreNotStalled) {
  TableOptions options;
  options.rows = 20'000;
  options.dims = 2;
  options.zipf = 1.3;
  options.ids_per_step = 192;
  RunDiagnosis diagnosis;
  Train(&diagnosis, kItems, options, 8);
  EXPECT_TRUE(diagnosis.Conclude().findings.empty());
  EXPECT_THAT(CheckOf(diagnosis).reason, HasSubstr("of 20,000 rows were never touched"));
}

TEST(StalledRowsTest, AConvergedTableIsNotStalled) {
  TableOptions options = WithRate(5.0);
  options.is_adam = false;
  options.noise = 0;  // so that rows come to rest
  options.rows = 60;
  options.ids_per_step = 60;
  EXPECT_TRUE(AlarmsOf(options, 300).empty());
}

TEST(StalledRowsTest, TheEndOfALearningRateDecayIsNotAStall) {
  for (const bool is_adam : {true, false}) {
    TableOptions options;
    options.is_adam = is_adam;
    const double peak = is_adam ? 1e-3 : 1.0;
    options.learning_rate = [peak](int step) { return peak * std::pow(0.1, step / 300.0); };
    EXPECT_TRUE(AlarmsOf(options, 40).empty()) << is_adam;
  }
}

TEST(StalledRowsTest, ALinearDecayToZeroIsNotAStall) {
  TableOptions options;
  options.learning_rate = [](int step) { return 1e-3 * std::max(0.0, 1 - step / 1'500.0); };
  EXPECT_TRUE(AlarmsOf(options, 20).empty());
}

TEST(StalledRowsTest, RowsThatComeLateUnderADecayedRateAreNotStalled) {
  TableOptions options;
  options.learning_rate = [](int step) { return step < 1'000 ? 1e-3 : 1e-9; };
  options.remap = [](int id, int step) { return step < 1'000 ? id / 2 : id; };
  EXPECT_TRUE(AlarmsOf(options, 40).empty());
}

TEST(StalledRowsTest, ALongWarmUpIsNotAStall) {
  TableOptions options;
  options.init_stddev = 1;  // as torch.nn.Embedding
  options.learning_rate = [](int step) { return 1e-3 * (step + 1) / 100'000.0; };
  EXPECT_TRUE(AlarmsOf(options, 30).empty());
}

TEST(StalledRowsTest, ASmallButSaneLearningRateIsNotAStall) {
  EXPECT_TRUE(AlarmsOf(WithRate(1e-5), 30).empty());
  TableOptions wide = WithRate(1e-4);
  wide.init_stddev = 1;
  EXPECT_TRUE(AlarmsOf(wide, 30).empty());
}

TEST(StalledRowsTest, ATableThatStartsAtZeroIsNotStalled) {
  TableOptions options;
  options.rows = 100;
  RunDiagnosis diagnosis;
  TableSimulation table(options);
  for (int w = 0; w < 10; ++w) {
    auto window = table.NextWindow();
    for (float& norm : window.values[3]) norm = 0;
    diagnosis.Add(kItems, window);
  }
  EXPECT_TRUE(Alarms(diagnosis.Conclude()).empty());
}

// --- Hardly moves
// -----------------------------------------------------------------------------------

TEST(StalledRowsTest, ATableWithAFarTooLowRateIsFoundWithoutAnyOtherTable) {
  const auto alarms = AlarmsOf(WithRate(1e-8), 10);
  ASSERT_EQ(alarms.size(), 1u);
  const Finding& finding = alarms[0];
  EXPECT_EQ(finding.rule, "stalled_rows");
  EXPECT_EQ(finding.entity, "item_embedding");
  EXPECT_EQ(finding.severity, Severity::kCritical);
  EXPECT_EQ(finding.onset_step, 0);
  EXPECT_EQ(finding.detected_step, 299);
  EXPECT_EQ(finding.title, "400 of 400 used rows of item_embedding hardly move");
  EXPECT_EQ(finding.ids.size(), 50u);
  EXPECT_THAT(finding.cause, HasSubstr("learning rate of this table is far too low"));
}

TEST(StalledRowsTest, StaysFoundHoweverLongTheRunIs) {
  // About 1e-6 of the norm per update: after 30,000 steps rows have moved by more than 1 % of it.
  TableOptions options = WithRate(2e-7);
  options.rows = 60;
  options.ids_per_step = 60;
  const auto alarms = AlarmsOf(options, 300);
  ASSERT_EQ(alarms.size(), 1u);
  EXPECT_GT(alarms[0].evidence[1].value.back(), 0.01);
  EXPECT_TRUE(alarms[0].is_open);
  EXPECT_GE(alarms[0].affected, 55);
}

TEST(StalledRowsTest, ComparesWithTheOtherTableAndItsGradients) {
  RunDiagnosis diagnosis;
  Train(&diagnosis, kItems, WithRate(1e-8), 10);
  Train(&diagnosis, kUsers, WithRate(1e-3), 10);
  const auto alarms = Alarms(diagnosis.Conclude());
  ASSERT_EQ(alarms.size(), 1u);
  EXPECT_THAT(alarms[0].cause,
              AllOf(HasSubstr("learning rate of this table is far too low"),
                    HasSubstr("table user_embedding moves"), HasSubstr("times as fast")));
}

TEST(StalledRowsTest, ATableThatIsOnlySlowForTheModelNeedsTheComparison) {
  // 1e-5 of the rate of a table that itself moves by its whole norm in a few steps.
  TableOptions slow = WithRate(1e-7);
  TableOptions fast = WithRate(1e-2);
  slow.init_stddev = fast.init_stddev = 0.01;
  EXPECT_TRUE(AlarmsOf(slow, 10).empty());
  RunDiagnosis diagnosis;
  Train(&diagnosis, kItems, slow, 10);
  Train(&diagnosis, kUsers, fast, 10);
  const auto alarms = Alarms(diagnosis.Conclude());
  ASSERT_EQ(alarms.size(), 1u);
  EXPECT_EQ(alarms[0].entity, "item_embedding");
  EXPECT_EQ(alarms[0].severity, Severity::kCritical);
}

// Of one learning rate: a table as nn.Embedding draws it beside one with small entries.
TEST(StalledRowsTest, ATableOfLargeEntriesIsNotSlowForTheModel) {
  for (const double rate : {2e-5, 5e-5}) {
    TableOptions large = WithRate(rate);
    TableOptions small = WithRate(rate);
    large.init_stddev = 1;
    small.init_stddev = 0.001;
    RunDiagnosis diagnosis;
    Train(&diagnosis, kItems, large, 8);
    Train(&diagnosis, kUsers, small, 8);
    EXPECT_TRUE(Alarms(diagnosis.Conclude()).empty()) << rate;
  }
}

TEST(StalledRowsTest, ATableOfLargeEntriesThatIsSlowByAnyMeasureIsNotBlamedOnItsRate) {
  TableOptions large = WithRate(1e-6);
  TableOptions small = WithRate(1e-6);
  large.init_stddev = 1;
  small.init_stddev = 0.01;
  RunDiagnosis diagnosis;
  Train(&diagnosis, kItems, large, 8);
  Train(&diagnosis, kUsers, small, 8);
  const auto findings = diagnosis.Conclude().findings;
  ASSERT_EQ(findings.size(), 1u);
  EXPECT_EQ(findings[0].entity, "item_embedding");
  EXPECT_EQ(findings[0].severity, Severity::kInfo);
  EXPECT_THAT(findings[0].cause, HasSubstr("Not the learning rate"));
}

// A few of its rows are slow by any measure; that is no reason to leave out the others.
TEST(StalledRowsTest, ATableThatIsSlowForTheModelIsToldAsAWhole) {
  TableOptions slow = WithRate(1e-7);
  TableOptions fast = WithRate(1e-2);
  slow.init_stddev = fast.init_stddev = 0.01;
  slow.row_scale = [](int row) { return row < 40 ? 0.01 : 1.0; };
  RunDiagnosis diagnosis;
  Train(&diagnosis, kItems, slow, 10);
  EXPECT_EQ(Alarms(diagnosis.Conclude())[0].affected, 40);  // there is no comparison yet
  Train(&diagnosis, kUsers, fast, 10);
  const auto alarms = Alarms(diagnosis.Conclude());
  ASSERT_EQ(alarms.size(), 1u);
  EXPECT_EQ(alarms[0].affected, 400);
  EXPECT_EQ(alarms[0].severity, Severity::kCritical);
  EXPECT_THAT(CheckOf(diagnosis).reason, HasSubstr("400 of 400 rows in frequent use are stalled"));
}

TEST(StalledRowsTest, ATableOfLowRateBesideLayersOfUsualPaceIsComparedWithThem) {
  RunDiagnosis diagnosis;
  Train(&diagnosis, kItems, WithRate(1e-8), 10);
  diagnosis.Add("layers/hidden_1/update_ratio", Points(0, std::vector<double>(1'000, 0.002)));
  EXPECT_THAT(Alarms(diagnosis.Conclude())[0].cause, HasSubstr("the median of the layers moves"));
}

TEST(StalledRowsTest, BlamesTinyGradientsWhereTheyExplainIt) {
  TableOptions items = WithRate(1.0);
  items.is_adam = false;
  TableOptions users = items;
  items.gradient_scale = 1e-9;
  RunDiagnosis diagnosis;
  Train(&diagnosis, kItems, items, 10);
  Train(&diagnosis, kUsers, users, 10);
  const auto alarms = Alarms(diagnosis.Conclude());
  ASSERT_EQ(alarms.size(), 1u);
  EXPECT_THAT(alarms[0].cause, HasSubstr("gradients of this table are far too small"));
}

TEST(StalledRowsTest, AModelThatIsSlowAsAWholeIsNoFaultOfItsTable) {
  RunDiagnosis diagnosis;
  Train(&diagnosis, kItems, WithRate(1e-8), 10);
  Train(&diagnosis, kUsers, WithRate(2e-8), 10);
  const auto findings = diagnosis.Conclude().findings;
  ASSERT_EQ(findings.size(), 2u);
  for (const Finding& finding : findings) {
    EXPECT_EQ(finding.severity, Severity::kInfo);
    EXPECT_THAT(finding.cause, HasSubstr("rest of the model is about as slow"));
  }
}

TEST(StalledRowsTest, FindsSlowRowsAmongHealthyOnes) {
  TableOptions options;
  options.row_scale = [](int row) { return row % 5 == 0 ? 1e-5 : 1.0; };
  const auto alarms = AlarmsOf(options, 15);
  ASSERT_EQ(alarms.size(), 1u);
  EXPECT_EQ(alarms[0].severity, Severity::kWarning);
  EXPECT_EQ(alarms[0].affected, 80);
  for (int64_t id : alarms[0].ids) EXPECT_EQ(id % 5, 0) << id;
  EXPECT_THAT(alarms[0].cause, HasSubstr("the table's learning rate is not to blame"));
}

TEST(StalledRowsTest, FindsSlowRowsThatAreTheMajority) {
  TableOptions options;
  options.row_scale = [](int row) { return row % 5 < 3 ? 1e-5 : 1.0; };
  const auto alarms = AlarmsOf(options, 15);
  ASSERT_EQ(alarms.size(), 1u);
  EXPECT_EQ(alarms[0].affected, 240);
  EXPECT_EQ(alarms[0].severity, Severity::kCritical);
}

TEST(StalledRowsTest, ClosesWhenTheRateIsPutRight) {
  TableOptions options;
  options.learning_rate = [](int step) { return step < 1'000 ? 1e-8 : 1e-3; };
  const auto alarms = AlarmsOf(options, 20);
  ASSERT_EQ(alarms.size(), 1u);
  EXPECT_FALSE(alarms[0].is_open);
  EXPECT_GE(alarms[0].closed_step, 1'000);
  EXPECT_THAT(alarms[0].title, HasSubstr("hardly moved"));
}

TEST(StalledRowsTest, ASmallTableIsJudgedByItsMajority) {
  TableOptions options = WithRate(1e-8);
  options.rows = 2;
  const auto alarms = AlarmsOf(options, 10);
  ASSERT_EQ(alarms.size(), 1u);
  EXPECT_EQ(alarms[0].title, "2 of 2 used rows of item_embedding hardly move");
}

// --- No gradient
// ------------------------------------------------------------------------------------

TEST(StalledRowsTest, RowsWithoutGradientFromTheStartAreFoundInOneWindow) {
  TableOptions options;
  options.has_gradient = [](int row, int) { return row % 10 >= 3; };
  const auto alarms = AlarmsOf(options, 1);
  ASSERT_EQ(alarms.size(), 1u);
  EXPECT_EQ(alarms[0].severity, Severity::kWarning);
  EXPECT_EQ(alarms[0].affected, 120);
  EXPECT_EQ(alarms[0].title, "120 of 400 used rows of item_embedding get no gradient");
  EXPECT_EQ(alarms[0].onset_step, 0);
  EXPECT_EQ(alarms[0].detected_step, 99);
  for (int64_t id : alarms[0].ids) EXPECT_LT(id % 10, 3) << id;
}

TEST(StalledRowsTest, RowsThatLoseTheirGradientAreDatedToTheWindow) {
  TableOptions options;
  options.has_gradient = [](int row, int step) { return step < 1'200 || row % 100 >= 61; };
  const auto alarms = AlarmsOf(options, 20);
  ASSERT_EQ(alarms.size(), 1u);
  EXPECT_EQ(alarms[0].onset_step, 1'200);
  EXPECT_EQ(alarms[0].detected_step, 1'399);
  EXPECT_EQ(alarms[0].affected, 244);
  EXPECT_THAT(alarms[0].cause, HasSubstr("The other rows of the table do get gradients"));
  EXPECT_EQ(alarms[0].severity, Severity::kCritical);
}

TEST(StalledRowsTest, MostUsedRowsComeFirst) {
  TableOptions options;
  options.zipf = 0.7;
  options.has_gradient = [](int row, int) { return row % 10 >= 3; };
  const auto alarms = AlarmsOf(options, 6);
  ASSERT_EQ(alarms.size(), 1u);
  EXPECT_EQ(alarms[0].ids[0], 0);
  EXPECT_EQ(alarms[0].ids[1], 1);
  EXPECT_EQ(alarms[0].ids[2], 2);
}

TEST(StalledRowsTest, ATableWithoutAnyGradientIsCutOffOrFrozen) {
  TableOptions options;
  options.has_gradient = [](int, int) { return false; };
  const auto alarms = AlarmsOf(options, 3);
  ASSERT_EQ(alarms.size(), 1u);
  EXPECT_EQ(alarms[0].severity, Severity::kCritical);
  EXPECT_THAT(alarms[0].cause, AllOf(HasSubstr("cut from the loss"), HasSubstr("frozen")));
}

TEST(StalledRowsTest, ATableDeclaredFrozenIsLeftAlone) {
  TableOptions options;
  options.has_gradient = [](int, int) { return false; };
  RunDiagnosis diagnosis;
  Train(&diagnosis, kItems, options, 5, {{"frozen", "true"}});
  EXPECT_TRUE(diagnosis.Conclude().findings.empty());
  EXPECT_EQ(CheckOf(diagnosis).state, Check::State::kNotChecked);
  EXPECT_EQ(CheckOf(diagnosis).reason, "declared frozen");
}

TEST(StalledRowsTest, ATableBehindADeadLayerIsItsConsequence) {
  RunDiagnosis diagnosis;
  TableOptions options;
  options.has_gradient = [](int, int step) { return step < 500; };
  Train(&diagnosis, kItems, options, 10);
  LayerWindows layer;
  layer.active = DieAt(50, 64);
  for (int w = 0; w < 100; ++w) diagnosis.Add("layers/hidden_1/units", layer.Make(w));
  for (const Finding& finding : diagnosis.Conclude().findings) {
    if (finding.rule != "stalled_rows") continue;
    EXPECT_THAT(
        finding.cause,
        HasSubstr("of layer hidden_1 are dead, half of the layer since step 500: no gradient"));
  }
}

TEST(StalledRowsTest, TwoRowsOfManyWithoutGradientAreNoAlarm) {
  TableOptions options;
  options.has_gradient = [](int row, int) { return row >= 2; };
  EXPECT_TRUE(AlarmsOf(options, 10).empty());
}

// --- No update
// --------------------------------------------------------------------------------------

TEST(StalledRowsTest, ATableThatTheOptimizerDoesNotKnowIsCritical) {
  const auto alarms = AlarmsOf(WithRate(0), 3);
  ASSERT_EQ(alarms.size(), 1u);
  EXPECT_EQ(alarms[0].severity, Severity::kCritical);
  EXPECT_EQ(alarms[0].title, "400 of 400 used rows of item_embedding never change");
  EXPECT_EQ(alarms[0].detected_step, 99);
  EXPECT_THAT(alarms[0].cause, HasSubstr("none of its parameter groups"));
}

TEST(StalledRowsTest, ALearningRateOfZeroIsNamed) {
  RunDiagnosis diagnosis;
  Train(&diagnosis, kItems, WithRate(0), 3);
  diagnosis.Add("learning_rate", Points(0, std::vector<double>(300, 0.0)));
  EXPECT_EQ(Alarms(diagnosis.Conclude())[0].cause, "The learning rate of the run is logged as 0.");
}

TEST(StalledRowsTest, UpdatesThatRoundToZeroAfterLearningAreNoFault) {
  TableOptions options;
  options.learning_rate = [](int step) { return step < 500 ? 1e-3 : 0.0; };
  EXPECT_TRUE(AlarmsOf(options, 20).empty());
}

TEST(StalledRowsTest, OneRowIsSpokenOfInTheSingular) {
  TableOptions options = WithRate(0);
  options.rows = 1;
  const auto alarms = AlarmsOf(options, 3);
  ASSERT_EQ(alarms.size(), 1u);
  EXPECT_EQ(alarms[0].title, "1 of 1 used row of item_embedding never changes");
  EXPECT_THAT(alarms[0].summary,
              AllOf(HasSubstr("gets gradients but has not changed"), HasSubstr("It is row 0.")));
}

// --- Padding, untouched rows
// -------------------------------------------------------------------------

TEST(PaddingRowTest, AFrequentRowWithoutGradientIsAskedAbout) {
  TableOptions options;
  options.remap = [](int id, int) { return id % 3 == 0 ? 0 : id; };
  options.has_gradient = [](int row, int) { return row != 0; };
  const auto alarms = AlarmsOf(options, 5);
  ASSERT_EQ(alarms.size(), 1u);
  EXPECT_EQ(alarms[0].rule, "padding_row");
  EXPECT_EQ(alarms[0].severity, Severity::kWarning);
  EXPECT_EQ(alarms[0].ids, std::vector<int64_t>{0});
  EXPECT_THAT(alarms[0].advice, HasSubstr("padding_row = 0"));
}

TEST(PaddingRowTest, TheCheckSaysWhatItLookedAt) {
  TableOptions options;
  options.remap = [](int id, int) { return id % 3 == 0 ? 0 : id; };
  options.has_gradient = [](int row, int) { return row != 0; };
  RunDiagnosis fired;
  Train(&fired, kItems, options, 5);
  EXPECT_EQ(CheckOf(fired, "padding_row").state, Check::State::kFired);
  EXPECT_THAT(CheckOf(fired, "padding_row").reason,
              AllOf(HasSubstr("row 0 holds "), HasSubstr("never had a gradient")));

  RunDiagnosis declared;
  Train(&declared, kItems, options, 5, {{"padding_row", "0"}});
  EXPECT_EQ(CheckOf(declared, "padding_row").reason,
            "every row with 1 % or more of all uses has had a gradient; row 0 is declared as "
            "padding");
}

TEST(PaddingRowTest, ADeclaredPaddingRowIsLeftAlone) {
  TableOptions options;
  options.remap = [](int id, int) { return id % 3 == 0 ? 0 : id; };
  options.has_gradient = [](int row, int) { return row != 0; };
  EXPECT_TRUE(AlarmsOf(options, 5, {{"padding_row", "0"}}).empty());
}

TEST(PaddingRowTest, ADeclarationThatIsNoNumberDeclaresNothing) {
  TableOptions options;
  options.remap = [](int id, int) { return id % 3 == 0 ? 0 : id; };
  options.has_gradient = [](int row, int) { return row != 0; };
  EXPECT_EQ(AlarmsOf(options, 5, {{"padding_row", "none"}}).size(), 1u);
}

TEST(UntouchedRowsTest, MovementWithoutUseIsAFactAndNoAlarm) {
  TableOptions options;
  options.is_dense_adam = true;
  options.ids_per_step = 32;
  options.zipf = 1.1;
  RunDiagnosis diagnosis;
  Train(&diagnosis, kItems, options, 10);
  const auto findings = diagnosis.Conclude().findings;
  ASSERT_EQ(findings.size(), 1u);
  EXPECT_EQ(findings[0].rule, "untouched_rows_move");
  EXPECT_EQ(findings[0].severity, Severity::kInfo);
  EXPECT_THAT(findings[0].cause, HasSubstr("momentum"));
}

// --- Evidence, checks, hostile input
// -----------------------------------------------------------------

TEST(StalledRowsTest, CarriesTheCurvesThatProveIt) {
  const Finding finding = AlarmsOf(WithRate(1e-8), 10)[0];
  ASSERT_EQ(finding.evidence.size(), 3u);
  EXPECT_EQ(finding.evidence[0].value.back(), 1);
  EXPECT_TRUE(finding.evidence[0].has_threshold);
  EXPECT_TRUE(finding.evidence[1].is_log);
  EXPECT_LT(finding.evidence[1].value.back(), 1e-3);
  EXPECT_EQ(finding.evidence[2].step.size(), 10u);
}

TEST(StalledRowsTest, StatesTheRowsNeverTouchedAndDoesNotCountThem) {
  TableOptions options = WithRate(1e-8);
  options.remap = [](int id, int) { return id / 4; };
  const auto alarms = AlarmsOf(options, 10);
  ASSERT_EQ(alarms.size(), 1u);
  EXPECT_EQ(alarms[0].total, 100);
  EXPECT_THAT(alarms[0].summary,
              HasSubstr("300 of the 400 rows of the table were never in a batch"));
}

TEST(StalledRowsTest, WarmsUpWhileTooFewRowsAreUsed) {
  TableOptions options;
  options.ids_per_step = 1;
  RunDiagnosis diagnosis;
  Train(&diagnosis, kItems, options, 4);
  EXPECT_EQ(CheckOf(diagnosis).state, Check::State::kWarming);
}

TEST(StalledRowsTest, WarmsUpForThreeWindows) {
  RunDiagnosis diagnosis;
  Train(&diagnosis, kItems, TableOptions(), 2);
  EXPECT_EQ(CheckOf(diagnosis).reason, "2 of 3 windows");
}

TEST(StalledRowsTest, ChecksWhatItCanWithoutSomeColumns) {
  TableSimulation table{TableOptions()};
  RunDiagnosis diagnosis;
  for (int w = 0; w < 5; ++w) {
    auto window = table.NextWindow();
    window.columns.resize(2);
    window.values.resize(2);
    diagnosis.Add(kItems, window);
  }
  EXPECT_EQ(CheckOf(diagnosis).state, Check::State::kOk);
  EXPECT_THAT(CheckOf(diagnosis).reason, HasSubstr("movement is not checked"));
}

TEST(StalledRowsTest, ATableThatChangesItsSizeIsObservedAnew) {
  RunDiagnosis diagnosis;
  Train(&diagnosis, kItems, WithRate(1e-8), 5);
  TableOptions large;
  large.rows = 500;
  TableSimulation table(large);
  for (int w = 0; w < 12; ++w) diagnosis.Add(kItems, table.NextWindow());
  const auto alarms = Alarms(diagnosis.Conclude());
  ASSERT_EQ(alarms.size(), 1u);
  EXPECT_FALSE(alarms[0].is_open);
  EXPECT_EQ(alarms[0].total, 400);
}

TEST(StalledRowsTest, HostileWindowsAreNotCheckedAndNeverFatal) {
  const auto with = [](auto change) {
    TableSimulation table{TableOptions()};
    RunDiagnosis diagnosis;
    for (int w = 0; w < 4; ++w) {
      auto window = table.NextWindow();
      change(&window);
      diagnosis.Add(kItems, window);
    }
    EXPECT_TRUE(Alarms(diagnosis.Conclude()).empty());
    return CheckOf(diagnosis).state;
  };
  using Stats = store::EntityStats;
  const auto kNo = Check::State::kNotChecked;
  EXPECT_EQ(with([](Stats* s) { s->entities = 0; }), kNo);
  EXPECT_EQ(with([](Stats* s) { s->entities = INT64_MAX; }), kNo);
  EXPECT_EQ(with([](Stats* s) { s->columns.clear(); }), kNo);
  EXPECT_EQ(with([](Stats* s) { s->values[0].clear(); }), kNo);
  EXPECT_EQ(with([](Stats* s) { s->entity = Stats::Entity::kUnit; }), kNo);
  for (const float bad : {std::nanf(""), -1.0f, std::numeric_limits<float>::infinity()}) {
    for (size_t column = 0; column < 4; ++column) {
      with([&](Stats* s) { std::fill(s->values[column].begin(), s->values[column].end(), bad); });
    }
  }
  with([](Stats* s) { s->samples = 0; });
  with([](Stats* s) { s->first_step = INT64_MAX; });
}

}  // namespace
}  // namespace spirogram::diagnosis

#include "diagnosis/diagnosis.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "base/str.h"
#include "tests/diagnosis/layer_windows.h"
#include "tests/diagnosis/table_simulation.h"

namespace spirogram::diagnosis {
namespace {

using store::Check;
using store::Diagnosis;
using testing::DieAt;
using testing::LayerWindows;
using testing::Points;
using testing::TableOptions;
using testing::TableSimulation;

// Everything that a diagnosis says, to compare two of them.
std::string Print(const Diagnosis& diagnosis) {
  std::string out;
  for (const auto& f : diagnosis.findings) {
    out += StrCat(f.rule, "|", f.entity, "|", static_cast<int>(f.severity), "|", f.is_open, "|",
                  f.onset_step, "|", f.detected_step, "|", f.closed_step, "|", f.title, "|",
                  f.summary, "|", f.cause, "|", f.advice, "|", f.value, "|", f.threshold, "|",
                  f.affected, "|", f.total, "\n");
    for (int64_t id : f.ids) out += StrCat(id, ",");
    for (const auto& series : f.evidence) {
      out += StrCat(series.label, series.unit, series.threshold);
      for (size_t i = 0; i < series.step.size(); ++i) {
        out += StrCat(" ", series.step[i], ":", series.value[i]);
      }
    }
  }
  for (const auto& c : diagnosis.checks) {
    out += StrCat("\n", c.rule, "|", c.entity, "|", static_cast<int>(c.state), "|", c.reason);
  }
  return out;
}

struct Recording {
  std::vector<store::EntityStats> units, items, users;
  std::vector<double> ratios;
};

const Recording& RecordSickRun() {
  static Recording recording;
  if (!recording.units.empty()) return recording;
  LayerWindows layer;
  layer.active = DieAt(60, 40);
  for (int w = 0; w < 150; ++w) recording.units.push_back(layer.Make(w));
  TableOptions options;
  TableSimulation users(options);
  options.learning_rate = [](int) { return 1e-8; };
  TableSimulation items(options);
  for (int w = 0; w < 15; ++w) {
    items.NextWindow();
    recording.items.push_back(items.NextWindow());
    recording.users.push_back(users.NextWindow());
  }
  recording.ratios.assign(1'500, 0.002);
  recording.ratios[595] = 0.3;
  return recording;
}

constexpr char kUnits[] = "layers/hidden_1/units";
constexpr char kItems[] = "embeddings/item_embedding/rows";
constexpr char kUsers[] = "embeddings/user_embedding/rows";
constexpr char kRatio[] = "layers/hidden_1/update_ratio";

RunDiagnosis AllAtOnce(const Recording& recording) {
  RunDiagnosis diagnosis;
  for (const auto& window : recording.units) diagnosis.Add(kUnits, window);
  for (const auto& window : recording.items) diagnosis.Add(kItems, window);
  for (const auto& window : recording.users) diagnosis.Add(kUsers, window);
  diagnosis.Add(kRatio, Points(0, recording.ratios));
  return diagnosis;
}

TEST(RunDiagnosisTest, TheSameEvidenceGivesTheSameFindings) {
  const Recording& recording = RecordSickRun();
  EXPECT_EQ(Print(AllAtOnce(recording).Conclude()), Print(AllAtOnce(recording).Conclude()));
}

TEST(RunDiagnosisTest, PieceByPieceInAnyOrderOfTagsIsTheSameAsAllAtOnce) {
  const Recording& recording = RecordSickRun();
  const std::string expected = Print(AllAtOnce(recording).Conclude());
  for (unsigned seed = 0; seed < 20; ++seed) {
    std::mt19937 random(seed);
    RunDiagnosis diagnosis;
    size_t unit = 0, item = 0, user = 0, point = 0;
    while (unit < recording.units.size() || item < recording.items.size() ||
           user < recording.users.size() || point < recording.ratios.size()) {
      switch (random() % 4) {
        case 0:
          if (unit < recording.units.size()) diagnosis.Add(kUnits, recording.units[unit++]);
          break;
        case 1:
          if (item < recording.items.size()) diagnosis.Add(kItems, recording.items[item++]);
          break;
        case 2:
          if (user < recording.users.size()) diagnosis.Add(kUsers, recording.users[user++]);
          break;
        default: {
          const size_t end = std::min(recording.ratios.size(), point + random() % 40);
          const auto begin = recording.ratios.begin();
          diagnosis.Add(
              kRatio, Points(static_cast<Step>(point), {begin + static_cast<std::ptrdiff_t>(point),
                                                        begin + static_cast<std::ptrdiff_t>(end)}));
          point = end;
        }
      }
      if (random() % 50 == 0) (void)diagnosis.Conclude();
    }
    EXPECT_EQ(Print(diagnosis.Conclude()), expected) << seed;
  }
}

TEST(RunDiagnosisTest, WindowsThatCameBeforeAreIgnored) {
  const Recording& recording = RecordSickRun();
  RunDiagnosis diagnosis = AllAtOnce(recording);
  const std::string expected = Print(diagnosis.Conclude());
  for (const auto& window : recording.units) diagnosis.Add(kUnits, window);
  for (const auto& window : recording.items) diagnosis.Add(kItems, window);
  diagnosis.Add(kRatio, Points(0, recording.ratios));
  EXPECT_EQ(Print(diagnosis.Conclude()), expected);
}

TEST(RunDiagnosisTest, RemembersTheLastStepOfEachTag) {
  RunDiagnosis diagnosis;
  EXPECT_EQ(diagnosis.LastStep(kUnits), INT64_MIN);
  diagnosis.Add(kUnits, LayerWindows().Make(3));
  diagnosis.Add(kRatio, Points(5, {1, 2, 3}));
  EXPECT_EQ(diagnosis.LastStep(kUnits), 39);
  EXPECT_EQ(diagnosis.LastStep(kRatio), 7);
  EXPECT_EQ(diagnosis.LastStep("loss/train"), INT64_MIN);
}

TEST(RunDiagnosisTest, ReadsTheTagsThatItUsesAndNoOthers) {
  for (const char* tag : {kUnits, kItems, kRatio, "learning_rate", "learning_rate/group",
                          "layers/encoder/2/relu/units", "embeddings/t/update_ratio", "loss/train",
                          "val_loss", "train/grad_norm", "train/lr", "val/accuracy", "score",
                          "throughput", "system/process_memory_mib"}) {
    EXPECT_TRUE(RunDiagnosis::Reads(tag)) << tag;
  }
  for (const char* tag : {"", "layers//units", "layers/units", "loss_scale", "embeddings/item",
                          "layers/a/gradients", "remarks"}) {
    EXPECT_FALSE(RunDiagnosis::Reads(tag)) << tag;
  }
}

TEST(RunDiagnosisTest, ALayerNameMayContainSlashes) {
  RunDiagnosis diagnosis;
  diagnosis.Add("layers/encoder/2/relu/units", LayerWindows().Make(0));
  EXPECT_EQ(diagnosis.Conclude().checks[0].entity, "encoder/2/relu");
}

TEST(RunDiagnosisTest, ARunWithoutStatisticsIsNotChecked) {
  const Diagnosis diagnosis = RunDiagnosis().Conclude();
  EXPECT_TRUE(diagnosis.findings.empty());
  ASSERT_EQ(diagnosis.checks.size(), 16u);
  for (const Check& check : diagnosis.checks) EXPECT_EQ(check.state, Check::State::kNotChecked);
}

TEST(RunDiagnosisTest, ALayerWithoutUnitStatisticsIsNamedAsNotChecked) {
  RunDiagnosis diagnosis;
  diagnosis.Add(kRatio, Points(0, {0.1}));
  const Diagnosis result = diagnosis.Conclude();
  EXPECT_EQ(result.checks[0].entity, "hidden_1");
  EXPECT_EQ(result.checks[0].reason, "no unit statistics are logged: layers/hidden_1/units");
}

TEST(RunDiagnosisTest, WorstFindingsComeFirst) {
  LayerWindows blocked, sick, born;
  blocked.active = DieAt(90, 64);
  sick.active = DieAt(30, 40);
  born.active = DieAt(0, 10);
  RunDiagnosis diagnosis;
  for (int w = 0; w < 120; ++w) {
    diagnosis.Add("layers/a_born/units", born.Make(w));
    diagnosis.Add("layers/b_sick/units", sick.Make(w));
    diagnosis.Add("layers/c_blocked/units", blocked.Make(w));
  }
  const auto findings = diagnosis.Conclude().findings;
  ASSERT_EQ(findings.size(), 3u);
  EXPECT_EQ(findings[0].entity, "c_blocked");
  EXPECT_EQ(findings[1].entity, "b_sick");
  EXPECT_EQ(findings[2].entity, "a_born");
}

TEST(RunDiagnosisTest, ScalarRowsOfUnequalLengthAreReadAsFarAsTheyGo) {
  RunDiagnosis diagnosis;
  auto rows = Points(0, {1, 2, 3});
  rows.max.resize(1);
  diagnosis.Add(kRatio, rows);
  EXPECT_EQ(diagnosis.LastStep(kRatio), 0);
}

TEST(RunDiagnosisTest, MayBeMoved) {
  RunDiagnosis first;
  first.Add(kUnits, LayerWindows().Make(0));
  RunDiagnosis second = std::move(first);
  EXPECT_EQ(second.LastStep(kUnits), 9);
}

TEST(RunDiagnosisTest, RandomWindowsAreNeverFatal) {
  std::mt19937 random(3);
  const float odd[] = {0, 1, -1, 1e-38f, 1e38f, std::nanf(""), INFINITY, -INFINITY, 5, 100};
  const char* names[] = {"touches",      "gradient_square", "update_norm",  "row_norm",
                         "active_count", "abs_activation",  "abs_gradient", "touches"};
  const Step steps[] = {INT64_MIN, -1, 0, 1, 1'000, INT64_MAX};
  RunDiagnosis diagnosis;
  for (int i = 0; i < 3'000; ++i) {
    store::EntityStats window;
    window.entities = static_cast<int64_t>(random() % 40);
    window.first_step = steps[random() % 6];
    window.step = i;
    window.samples = odd[random() % 10] * 1'000;
    window.entity =
        random() % 2 ? store::EntityStats::Entity::kRow : store::EntityStats::Entity::kUnit;
    for (size_t c = random() % 9; c > 0; --c) {
      window.columns.push_back(names[random() % 8]);
      std::vector<float> values(static_cast<size_t>(
          std::max<int64_t>(0, window.entities - (random() % 20 == 0 ? 1 : 0))));
      if (window.entities == 0) values.clear();
      for (float& value : values) value = odd[random() % 10];
      window.values.push_back(std::move(values));
    }
    if (random() % 5 == 0) window.attributes.emplace_back("activation", "gelu");
    if (random() % 9 == 0) window.attributes.emplace_back("frozen", "true");
    if (random() % 5 == 0) window.attributes.emplace_back("padding_row", "-7");
    diagnosis.Add(random() % 2 ? kUnits : kItems, window);
    if (i % 100 == 0) (void)diagnosis.Conclude();
  }
  EXPECT_FALSE(diagnosis.Conclude().checks.empty());
}

}  // namespace
}  // namespace spirogram::diagnosis

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>

#include "diagnosis/diagnosis.h"
#include "tests/diagnosis/layer_windows.h"

namespace spirogram::diagnosis {
namespace {

using store::Check;
using store::Finding;
using store::Severity;
using ::testing::AllOf;
using testing::DieAt;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::LayerWindows;
using testing::Points;

constexpr char kTag[] = "layers/hidden_1/units";

RunDiagnosis Watch(const LayerWindows& layer, int windows) {
  RunDiagnosis diagnosis;
  for (int w = 0; w < windows; ++w) diagnosis.Add(kTag, layer.Make(w));
  return diagnosis;
}

std::vector<Finding> FindingsOf(const LayerWindows& layer, int windows) {
  return Watch(layer, windows).Conclude().findings;
}

Check CheckOf(const RunDiagnosis& diagnosis) {
  for (const Check& check : diagnosis.Conclude().checks) {
    if (check.rule == "dead_units") return check;
  }
  return {};
}

TEST(DeadUnitsTest, AHealthyLayerHasNoFindingAndAnOkCheck) {
  const auto diagnosis = Watch(LayerWindows(), 20);
  EXPECT_TRUE(diagnosis.Conclude().findings.empty());
  EXPECT_EQ(CheckOf(diagnosis).state, Check::State::kOk);
  EXPECT_EQ(CheckOf(diagnosis).reason, "0 of 64 units are dead");
}

TEST(DeadUnitsTest, NamesTheUnitsThatDiedAndTheStepsExactly) {
  LayerWindows layer;
  layer.active = DieAt(30, 38);
  const auto findings = FindingsOf(layer, 60);
  ASSERT_EQ(findings.size(), 1u);
  const Finding& finding = findings[0];
  EXPECT_EQ(finding.rule, "dead_units");
  EXPECT_EQ(finding.entity, "hidden_1");
  EXPECT_EQ(finding.severity, Severity::kWarning);
  EXPECT_EQ(finding.title, "38 of 64 units of hidden_1 are dead");
  EXPECT_EQ(finding.onset_step, 300);
  EXPECT_EQ(finding.detected_step, 349);
  EXPECT_EQ(finding.affected, 38);
  EXPECT_EQ(finding.total, 64);
  EXPECT_DOUBLE_EQ(finding.value, 38.0 / 64);
  EXPECT_DOUBLE_EQ(finding.threshold, 0.35);
  ASSERT_EQ(finding.ids.size(), 38u);
  for (int64_t id = 0; id < 38; ++id) EXPECT_EQ(finding.ids[static_cast<size_t>(id)], id);
  EXPECT_TRUE(finding.is_open);
}

TEST(DeadUnitsTest, FourSilentWindowsAreNotDeath) {
  LayerWindows layer;
  layer.active = DieAt(30, 38);
  EXPECT_TRUE(FindingsOf(layer, 34).empty());
  EXPECT_EQ(FindingsOf(layer, 35).size(), 1u);
}

TEST(DeadUnitsTest, ShortWindowsNeedMoreOfThemForEnoughSamples) {
  LayerWindows layer;
  layer.samples = 512;
  layer.active = DieAt(30, 38);
  EXPECT_TRUE(FindingsOf(layer, 39).empty());
  const auto findings = FindingsOf(layer, 40);
  ASSERT_EQ(findings.size(), 1u);
  EXPECT_EQ(findings[0].onset_step, 300);
  EXPECT_EQ(findings[0].detected_step, 399);
}

TEST(DeadUnitsTest, ALayerThatIsDeadAltogetherIsCritical) {
  LayerWindows layer;
  layer.active = DieAt(30, 60);
  const auto findings = FindingsOf(layer, 60);
  ASSERT_EQ(findings.size(), 1u);
  EXPECT_EQ(findings[0].severity, Severity::kCritical);
}

TEST(DeadUnitsTest, ALayerThatIsDeadFromTheStartIsCriticalWithoutAnyGrowth) {
  LayerWindows layer;
  layer.active = DieAt(0, 64);
  const auto findings = FindingsOf(layer, 5);
  ASSERT_EQ(findings.size(), 1u);
  EXPECT_EQ(findings[0].severity, Severity::kCritical);
  EXPECT_EQ(findings[0].onset_step, 0);
  EXPECT_EQ(findings[0].detected_step, 49);
  EXPECT_THAT(findings[0].cause, HasSubstr("initialisation"));
}

TEST(DeadUnitsTest, RarelyActiveUnitsAreAlive) {
  LayerWindows layer;
  std::mt19937 random(7);
  std::poisson_distribution<int> activity(1'280 * 0.002);
  layer.active = [&](int unit, int) {
    return unit < 45 ? static_cast<float>(activity(random)) : 500.0f;
  };
  EXPECT_TRUE(FindingsOf(layer, 200).empty());
}

TEST(DeadUnitsTest, SilentUnitsThatStillGetGradientAreAlive) {
  LayerWindows layer;
  layer.active = DieAt(10, 60);
  RunDiagnosis diagnosis;
  for (int w = 0; w < 40; ++w) {
    auto window = layer.Make(w);
    for (float& gradient : window.values[2]) gradient = 1e-9f;
    diagnosis.Add(kTag, window);
  }
  EXPECT_TRUE(diagnosis.Conclude().findings.empty());
}

TEST(DeadUnitsTest, BornDeadUnitsAreAFactAndNoAlarm) {
  LayerWindows layer;
  layer.active = DieAt(0, 19);
  const auto findings = FindingsOf(layer, 100);
  ASSERT_EQ(findings.size(), 1u);
  EXPECT_EQ(findings[0].severity, Severity::kInfo);
  EXPECT_EQ(findings[0].title, "19 of 64 units of hidden_1 were dead from the start");
  EXPECT_EQ(findings[0].onset_step, 0);
  EXPECT_EQ(findings[0].ids.size(), 19u);
}

TEST(DeadUnitsTest, EvenHalfALayerBornDeadIsNoAlarm) {
  LayerWindows layer;
  layer.active = DieAt(0, 32);
  const auto findings = FindingsOf(layer, 100);
  ASSERT_EQ(findings.size(), 1u);
  EXPECT_EQ(findings[0].severity, Severity::kInfo);
}

TEST(DeadUnitsTest, AFewBornDeadUnitsAreNotWorthAWord) {
  LayerWindows layer;
  layer.active = DieAt(0, 3);
  EXPECT_TRUE(FindingsOf(layer, 100).empty());
}

TEST(DeadUnitsTest, GrowthOnTopOfBornDeadUnitsIsAnAlarmThatListsBoth) {
  LayerWindows layer;
  layer.active = [](int unit, int w) {
    const bool is_born_dead = unit < 19;
    const bool has_died = unit >= 50 && w >= 40;
    return is_born_dead || has_died ? 0.0f : 500.0f;
  };
  const auto findings = FindingsOf(layer, 60);
  ASSERT_EQ(findings.size(), 1u);
  EXPECT_EQ(findings[0].severity, Severity::kWarning);
  EXPECT_EQ(findings[0].onset_step, 400);
  EXPECT_EQ(findings[0].affected, 33);
  EXPECT_EQ(findings[0].ids.front(), 50);  // the died ones first
  EXPECT_EQ(findings[0].ids.back(), 18);
  EXPECT_THAT(findings[0].summary, AllOf(HasSubstr("19 were dead from the start (units 0, 1, 2"),
                                         HasSubstr("14 went later (units 50, 51, 52")));
}

TEST(DeadUnitsTest, GrowthOfLessThanFifteenPointsIsNoAlarm) {
  LayerWindows layer;
  layer.units = 100;
  layer.active = [](int unit, int w) {
    return unit < 30 || (unit < 44 && w >= 40) ? 0.0f : 500.0f;
  };
  const auto findings = FindingsOf(layer, 60);
  ASSERT_EQ(findings.size(), 1u);
  EXPECT_EQ(findings[0].severity, Severity::kInfo);
}

TEST(DeadUnitsTest, TheThresholdIsReachedExactlyAtItsShare) {
  LayerWindows layer;
  layer.units = 100;
  layer.active = DieAt(20, 34);
  EXPECT_TRUE(FindingsOf(layer, 40).empty());
  layer.active = DieAt(20, 35);
  EXPECT_EQ(FindingsOf(layer, 40).size(), 1u);
  // A baseline of 20 % and growth of exactly 15 points.
  layer.active = [](int unit, int w) { return unit < 20 || (unit < 35 && w > 20) ? 0.0f : 9.0f; };
  EXPECT_EQ(FindingsOf(layer, 40)[0].severity, Severity::kWarning);
}

TEST(DeadUnitsTest, SmallLayersHaveAHigherThreshold) {
  LayerWindows layer;
  layer.units = 20;
  layer.active = DieAt(20, 7);
  EXPECT_TRUE(FindingsOf(layer, 40).empty());
  layer.active = DieAt(20, 8);
  EXPECT_EQ(FindingsOf(layer, 40).size(), 1u);
}

TEST(DeadUnitsTest, SlowGrowthIsDatedToTheUnitThatFilledTheMeasure) {
  LayerWindows layer;
  layer.units = 100;
  // Unit u falls silent in window 10 + u: 35 % are silent from window 44 on.
  layer.active = [](int unit, int w) { return w >= 10 + unit ? 0.0f : 500.0f; };
  const auto findings = FindingsOf(layer, 60);
  ASSERT_EQ(findings.size(), 1u);
  EXPECT_EQ(findings[0].onset_step, 440);
  EXPECT_EQ(findings[0].detected_step, 489);
  EXPECT_THAT(findings[0].summary, HasSubstr("the first at step 100"));
}

TEST(DeadUnitsTest, ClosesWhenUnitsComeBackAndTellsHowBadItWas) {
  LayerWindows layer;
  layer.active = [](int unit, int w) { return unit < 38 && w >= 30 && w < 50 ? 0.0f : 500.0f; };
  const auto findings = FindingsOf(layer, 60);
  ASSERT_EQ(findings.size(), 1u);
  EXPECT_FALSE(findings[0].is_open);
  EXPECT_EQ(findings[0].closed_step, 509);
  EXPECT_EQ(findings[0].title, "38 of 64 units of hidden_1 were dead");
}

TEST(DeadUnitsTest, StaysOpenJustBelowTheThreshold) {
  LayerWindows layer;
  layer.units = 100;
  layer.active = [](int unit, int w) {
    const int dead = w < 20 ? 0 : w < 40 ? 36 : 30;
    return unit < dead ? 0.0f : 500.0f;
  };
  const auto findings = FindingsOf(layer, 80);
  ASSERT_EQ(findings.size(), 1u);
  EXPECT_TRUE(findings[0].is_open);
}

TEST(DeadUnitsTest, UnitsThatComeAndGoAreToldAsIntermittent) {
  LayerWindows layer;
  // A third of the units each sleep through 9 of 12 windows in turn: data-dependent, not dead.
  layer.active = [](int unit, int w) {
    return unit < 50 && (w + 4 * (unit % 3)) % 12 < 9 ? 0.0f : 500.0f;
  };
  for (const Finding& finding : FindingsOf(layer, 120)) {
    EXPECT_EQ(finding.severity, Severity::kInfo) << finding.title;
  }
}

TEST(DeadUnitsTest, WarmsUpUntilFiveWindowsHavePassed) {
  const auto diagnosis = Watch(LayerWindows(), 2);
  EXPECT_EQ(CheckOf(diagnosis).state, Check::State::kWarming);
  EXPECT_EQ(CheckOf(diagnosis).reason, "2 of 5 windows");
  LayerWindows small;
  small.samples = 100;
  EXPECT_EQ(CheckOf(Watch(small, 6)).reason, "600 of 5,120 samples");
}

TEST(DeadUnitsTest, BlamesTheUpdateThatCameBefore) {
  LayerWindows layer;
  layer.active = DieAt(30, 38);
  auto diagnosis = Watch(layer, 60);
  std::vector<double> ratios(600, 0.002);
  ratios[290] = 0.14;
  diagnosis.Add("layers/hidden_1/update_ratio", Points(0, ratios));
  const auto findings = diagnosis.Conclude().findings;
  EXPECT_THAT(findings[0].cause,
              AllOf(HasSubstr("rose to 0.14 at step 290, 70 times its usual 0.002")));
  EXPECT_THAT(findings[0].advice, HasSubstr("Divide the learning rate by 3 to 10"));
}

TEST(DeadUnitsTest, DoesNotBlameAnUpdateLongBefore) {
  LayerWindows layer;
  layer.active = DieAt(30, 38);
  auto diagnosis = Watch(layer, 60);
  std::vector<double> ratios(600, 0.002);
  ratios[100] = 0.14;
  diagnosis.Add("layers/hidden_1/update_ratio", Points(0, ratios));
  EXPECT_THAT(diagnosis.Conclude().findings[0].cause, HasSubstr("No unusually large update"));
}

TEST(DeadUnitsTest, BlamesARiseOfTheLearningRate) {
  LayerWindows layer;
  layer.active = DieAt(30, 38);
  auto diagnosis = Watch(layer, 60);
  std::vector<double> rates(600, 0.001);
  for (size_t i = 295; i < rates.size(); ++i) rates[i] = 0.1;
  diagnosis.Add("learning_rate", Points(0, rates));
  EXPECT_THAT(diagnosis.Conclude().findings[0].cause,
              HasSubstr("The learning rate is higher since step 295: up to 0.1, 100 times"));
}

TEST(DeadUnitsTest, SaysWhichWitnessIsMissing) {
  LayerWindows layer;
  layer.active = DieAt(30, 38);
  EXPECT_THAT(FindingsOf(layer, 60)[0].cause, HasSubstr("no update_ratio of this layer is logged"));
}

TEST(DeadUnitsTest, TracesALayerThatFollowsAnother) {
  LayerWindows first;
  first.active = DieAt(30, 64);
  LayerWindows second;
  second.active = DieAt(32, 40);
  RunDiagnosis diagnosis;
  for (int w = 0; w < 60; ++w) {
    diagnosis.Add(kTag, first.Make(w));
    diagnosis.Add("layers/hidden_2/units", second.Make(w));
  }
  const auto findings = diagnosis.Conclude().findings;
  ASSERT_EQ(findings.size(), 2u);
  EXPECT_EQ(findings[0].entity, "hidden_1");
  EXPECT_THAT(findings[1].cause, HasSubstr("Layer hidden_1 was dead before, since step 300"));
}

TEST(DeadUnitsTest, CarriesTheCurvesThatProveIt) {
  LayerWindows layer;
  layer.active = DieAt(30, 38);
  auto diagnosis = Watch(layer, 60);
  diagnosis.Add("layers/hidden_1/update_ratio", Points(0, std::vector<double>(600, 0.002)));
  const Finding finding = diagnosis.Conclude().findings[0];
  ASSERT_EQ(finding.evidence.size(), 3u);
  const auto& dead = finding.evidence[0];
  EXPECT_EQ(dead.label, "dead share of layer hidden_1");
  EXPECT_TRUE(dead.has_threshold);
  EXPECT_DOUBLE_EQ(dead.threshold, 0.35);
  EXPECT_EQ(dead.step.front(), 49);
  EXPECT_EQ(dead.step.back(), 599);
  EXPECT_EQ(dead.value.front(), 0);
  EXPECT_DOUBLE_EQ(dead.value.back(), 38.0 / 64);
  EXPECT_DOUBLE_EQ(finding.evidence[1].value[30], 38.0 / 64);  // silent at once
  EXPECT_TRUE(finding.evidence[2].is_log);
}

TEST(DeadUnitsTest, EvidenceOfALongRunIsBounded) {
  LayerWindows layer;
  layer.active = DieAt(30, 38);
  const auto findings = FindingsOf(layer, 3'000);
  for (const auto& series : findings[0].evidence) {
    EXPECT_LE(series.step.size(), 512u);
    EXPECT_EQ(series.step.size(), series.value.size());
  }
}

TEST(DeadUnitsTest, ChecksSmoothActivationsForDormantUnits) {
  for (const char* activation : {"gelu", "silu", "leaky_relu", "tanh"}) {
    LayerWindows layer;
    layer.activation = activation;
    layer.active = [](int unit, int w) { return unit < 38 && w >= 30 ? 0.5f : 500.0f; };
    const auto findings = FindingsOf(layer, 60);
    ASSERT_EQ(findings.size(), 1u) << activation;
    EXPECT_EQ(findings[0].title, "38 of 64 units of hidden_1 are dormant");
    EXPECT_EQ(findings[0].severity, Severity::kWarning);
    EXPECT_EQ(findings[0].onset_step, 300);
  }
}

TEST(DeadUnitsTest, AQuietSmoothUnitIsNotDormant) {
  LayerWindows layer;
  layer.activation = "gelu";
  layer.active = [](int unit, int) { return unit < 40 ? 30.0f : 500.0f; };
  EXPECT_TRUE(FindingsOf(layer, 60).empty());
}

TEST(DeadUnitsTest, SaysWhyALayerIsNotChecked) {
  LayerWindows layer;
  layer.activation = "sigmoid";
  layer.active = DieAt(0, 64);
  const auto diagnosis = Watch(layer, 20);
  EXPECT_TRUE(diagnosis.Conclude().findings.empty());
  EXPECT_EQ(CheckOf(diagnosis).state, Check::State::kNotChecked);
  EXPECT_THAT(CheckOf(diagnosis).reason, HasSubstr("activation sigmoid"));
}

TEST(DeadUnitsTest, AnUndeclaredActivationIsCheckedForExactZeros) {
  LayerWindows layer;
  layer.activation = "";
  layer.active = DieAt(30, 38);
  EXPECT_EQ(FindingsOf(layer, 60).size(), 1u);
}

TEST(DeadUnitsTest, DeclaredFrozenOrPrunedLayersAreLeftAlone) {
  for (const char* declaration : {"frozen", "pruned"}) {
    LayerWindows layer;
    layer.active = DieAt(0, 64);
    RunDiagnosis diagnosis;
    for (int w = 0; w < 20; ++w) {
      auto window = layer.Make(w);
      window.attributes.emplace_back(declaration, "true");
      diagnosis.Add(kTag, window);
    }
    EXPECT_TRUE(diagnosis.Conclude().findings.empty());
    EXPECT_EQ(CheckOf(diagnosis).reason, std::string("declared ") + declaration);
  }
}

TEST(DeadUnitsTest, WithoutGradientsSilenceAloneCountsAndTheSummarySaysSo) {
  LayerWindows layer;
  layer.active = DieAt(30, 38);
  RunDiagnosis diagnosis;
  for (int w = 0; w < 60; ++w) {
    auto window = layer.Make(w);
    window.columns.resize(2);
    window.values.resize(2);
    diagnosis.Add(kTag, window);
  }
  const auto findings = diagnosis.Conclude().findings;
  ASSERT_EQ(findings.size(), 1u);
  EXPECT_THAT(findings[0].summary, HasSubstr("gradients are not logged"));
}

TEST(DeadUnitsTest, ALayerThatChangesItsSizeIsObservedAnew) {
  LayerWindows narrow;
  narrow.active = DieAt(10, 38);
  LayerWindows wide;
  wide.units = 128;
  RunDiagnosis diagnosis;
  for (int w = 0; w < 30; ++w) diagnosis.Add(kTag, narrow.Make(w));
  for (int w = 30; w < 33; ++w) diagnosis.Add(kTag, wide.Make(w));
  const auto findings = diagnosis.Conclude().findings;
  ASSERT_EQ(findings.size(), 1u);
  EXPECT_FALSE(findings[0].is_open);
  EXPECT_EQ(findings[0].total, 64);
  EXPECT_EQ(CheckOf(diagnosis).reason, "3 of 5 windows");
}

TEST(DeadUnitsTest, OneUnitIsSpokenOfInTheSingular) {
  LayerWindows layer;
  layer.units = 1;
  layer.active = DieAt(30, 1);
  const auto findings = FindingsOf(layer, 60);
  ASSERT_EQ(findings.size(), 1u);
  EXPECT_EQ(findings[0].title, "1 of 1 unit of hidden_1 is dead");
}

TEST(DeadUnitsTest, NothingUsableIsNotCheckedAndNeverFatal) {
  const float nan = std::nanf("");
  const float inf = std::numeric_limits<float>::infinity();
  const auto with = [](auto change) {
    auto window = LayerWindows().Make(0);
    change(&window);
    RunDiagnosis diagnosis;
    diagnosis.Add(kTag, window);
    EXPECT_TRUE(diagnosis.Conclude().findings.empty());
    return CheckOf(diagnosis).state;
  };
  using Stats = store::EntityStats;
  const auto kNo = Check::State::kNotChecked;
  EXPECT_EQ(with([](Stats* s) { s->samples = 0; }), kNo);
  EXPECT_EQ(with([&](Stats* s) { s->samples = nan; }), kNo);
  EXPECT_EQ(with([](Stats* s) { s->samples = -5; }), kNo);
  EXPECT_EQ(with([](Stats* s) { s->entities = 0; }), kNo);
  EXPECT_EQ(with([](Stats* s) { s->entities = -3; }), kNo);
  EXPECT_EQ(with([](Stats* s) { s->entities = INT64_MAX; }), kNo);
  EXPECT_EQ(with([](Stats* s) { s->columns.clear(); }), kNo);
  EXPECT_EQ(with([](Stats* s) { s->values.clear(); }), kNo);
  EXPECT_EQ(with([](Stats* s) { s->values[0].pop_back(); }), kNo);
  EXPECT_EQ(with([](Stats* s) { s->entity = Stats::Entity::kRow; }), kNo);
  EXPECT_EQ(with([&](Stats* s) { s->values[0][0] = inf; }), Check::State::kWarming);
}

TEST(DeadUnitsTest, ValuesThatSayNothingNeitherProveLifeNorDeath) {
  LayerWindows layer;
  layer.active = [](int unit, int w) {
    if (unit >= 38 || w < 30) return 500.0f;
    return w % 2 == 0 ? 0.0f : std::nanf("");
  };
  EXPECT_TRUE(FindingsOf(layer, 38).empty());
  EXPECT_EQ(FindingsOf(layer, 39).size(), 1u);
}

}  // namespace
}  // namespace spirogram::diagnosis

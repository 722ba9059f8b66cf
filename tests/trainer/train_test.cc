// Whole runs, seen through what they log.
#include "trainer/train.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <map>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

#include "base/str.h"
#include "tests/trainer/recording_logger.h"

namespace spirogram::trainer {
namespace {

using spirogram::testing::RecordingLogger;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Key;

RecsysOptions SmallRecsys() {
  RecsysOptions options;
  options.data.users = 400;
  options.data.items = 200;
  options.data.impressions = 200'000;
  options.dims = 8;
  options.small_dims = 4;
  options.hidden = {32, 16};
  options.train.steps = 60;
  options.train.batch = 256;
  options.train.device = Device::kCpu;
  return options;
}

// Values of a series at steps in [from, to].
std::vector<double> Between(const RecordingLogger::Series& series, Step from, Step to) {
  std::vector<double> values;
  for (const auto& [step, value] : series) {
    if (from <= step && step <= to) values.push_back(value);
  }
  return values;
}

double Metric(const TrainSummary& summary, const std::string& tag) {
  for (const auto& [name, value] : summary.metrics) {
    if (name == tag) return value;
  }
  ADD_FAILURE() << "no metric " << tag;
  return 0;
}

// The share of an embedding's variance that lies between the groups of a column of its metadata.
double ShareBetweenGroups(const RecordingLogger::EmbeddingEvent& event, size_t column) {
  const std::vector<std::string>& group_of = event.metadata->values[column];
  double between = 0;
  double total = 0;
  for (int64_t dim = 0; dim < event.dims; ++dim) {
    std::map<std::string, std::pair<double, double>> sums;  // of values, and how many
    double sum = 0;
    double squares = 0;
    for (size_t row = 0; row < group_of.size(); ++row) {
      const double value =
          event.values[row * static_cast<size_t>(event.dims) + static_cast<size_t>(dim)];
      sum += value;
      squares += value * value;
      sums[group_of[row]].first += value;
      sums[group_of[row]].second += 1;
    }
    const double of_mean = sum * sum / static_cast<double>(event.rows);
    for (const auto& [name, group] : sums) between += group.first * group.first / group.second;
    between -= of_mean;
    total += squares - of_mean;
  }
  return between / total;
}

std::string MnistFolder() {
  const char* data = std::getenv("SPIROGRAM_TEST_DATA");
  const std::string root = data != nullptr ? data : "../shared/data";
  return root + "/mnist";
}

TEST(TrainMnistTest, ReachesTheBarOnTheTestSetInFiveEpochs) {
  if (!std::filesystem::exists(MnistFolder())) GTEST_SKIP() << "no " << MnistFolder();
  MnistOptions options;
  options.data_dir = MnistFolder();
  options.train.device = Device::kCpu;
  RecordingLogger logger;
  const auto summary = TrainMnist(options, logger, {}, {});
  ASSERT_TRUE(summary.ok()) << summary.error().ToString();
  const double accuracy = Metric(*summary, "accuracy/validation");
  std::printf("test accuracy: %.4f after %.1f s\n", accuracy, summary->seconds);
  EXPECT_GE(accuracy, 0.975);
  const auto& maps = logger.embeddings.at("layers/hidden_2/test_digits");
  EXPECT_EQ(maps.front().step, 0);
  EXPECT_EQ(maps.back().step, summary->steps);
  EXPECT_EQ(maps.back().rows, 2'000);
  EXPECT_EQ(maps.back().dims, 128);
  const double before = ShareBetweenGroups(maps.front(), 0);
  const double after = ShareBetweenGroups(maps.back(), 0);
  std::printf("%.3f of the variance between digits, %.3f before\n", after, before);
  const auto& misread = logger.images.at("samples/misread_digits");
  ASSERT_EQ(misread.size(), maps.size());
  const auto ink = [](const std::vector<uint8_t>& picture) {
    return std::accumulate(picture.begin(), picture.end(), 0.0);
  };
  EXPECT_LT(ink(misread.back()), ink(misread.front()) / 2);
  EXPECT_LT(before, 0.3);
  EXPECT_GT(after, 0.45);
}

TEST(TrainMnistTest, EndsAsFailedWhereTheDataIsMissing) {
  MnistOptions options;
  options.data_dir = "/nowhere";
  RecordingLogger logger;
  const auto summary = TrainMnist(options, logger, {}, {});
  ASSERT_FALSE(summary.ok());
  EXPECT_THAT(summary.error().message, HasSubstr("/nowhere/train-images-idx3-ubyte.gz"));
  EXPECT_EQ(logger.end, logger::EndStatus::kFailure);
}

TEST(TrainRecsysTest, LearnsToRankClicks) {
  RecsysOptions options = SmallRecsys();
  options.train.steps = 1'500;
  RecordingLogger logger;
  const auto summary = TrainRecsys(options, logger, {}, {});
  ASSERT_TRUE(summary.ok()) << summary.error().ToString();
  const auto log = GenerateClickLog(options.data);
  ASSERT_TRUE(log.ok());
  const double auc = Metric(*summary, "auc/validation");
  std::printf("validation AUC: %.4f, of the true probabilities: %.4f\n", auc, BayesAuc(*log));
  EXPECT_GT(auc, 0.75);
  EXPECT_LT(auc, BayesAuc(*log));
}

TEST(TrainRecsysTest, EmbeddingsFindWhatNoInputTells) {
  RecsysOptions options = SmallRecsys();
  options.train.steps = 3'000;
  RecordingLogger logger;
  ASSERT_TRUE(TrainRecsys(options, logger, {}, {}).ok());
  for (const auto& [table, column] :
       {std::pair("user_embedding", "taste"), std::pair("item_embedding", "style")}) {
    const auto& events = logger.embeddings.at(StrCat("embeddings/", table));
    ASSERT_EQ(events.front().metadata->columns[1], column);
    const double before = ShareBetweenGroups(events.front(), 1);
    const double after = ShareBetweenGroups(events.back(), 1);
    std::printf("%s: %.3f of the variance between %ss, %.3f before\n", table, after, column,
                before);
    EXPECT_LT(before, 0.05);
    EXPECT_GT(after, 0.15);
  }
}

TEST(TrainRecsysTest, LogsTheRatioOfWeightsThatAreLost) {
  RecsysOptions options = SmallRecsys();
  options.train.optimizer = OptimizerKind::kSgd;
  options.train.learning_rate = 1e30;
  RecordingLogger logger;
  ASSERT_TRUE(TrainRecsys(options, logger, {}, {}).ok());
  EXPECT_TRUE(std::isnan(logger.scalars.at("loss/train").back().second));
  EXPECT_TRUE(std::isnan(logger.scalars.at("layers/hidden_1/update_ratio").back().second));
}

TEST(TrainMnistTest, PreparesOnlyWhatCanBeTrainedOn) {
  MnistOptions options;
  options.data_dir = "/nowhere";
  EXPECT_FALSE(PrepareMnist(options).ok());
  RecsysOptions recsys = SmallRecsys();
  EXPECT_TRUE(PrepareRecsys(recsys).ok());
  recsys.hidden = {0};
  EXPECT_FALSE(PrepareRecsys(recsys).ok());
}

TEST(TrainRecsysTest, WaitsWithTheEndInSecondsForTheLeastSteps) {
  RecsysOptions options = SmallRecsys();
  options.train.steps = 0;
  options.train.seconds = 1e-9;
  options.train.steps_min = 7;
  RecordingLogger logger;
  const auto summary = TrainRecsys(options, logger, {}, {});
  ASSERT_TRUE(summary.ok()) << summary.error().ToString();
  EXPECT_EQ(summary->steps, 7);
}

TEST(TrainRecsysTest, RepeatsBitByBitForASeed) {
  const auto losses = [](uint64_t seed) {
    RecsysOptions options = SmallRecsys();
    options.train.seed = seed;
    RecordingLogger logger;
    EXPECT_TRUE(TrainRecsys(options, logger, {}, {}).ok());
    return logger.scalars.at("loss/train");
  };
  const auto first = losses(1);
  EXPECT_EQ(first, losses(1));
  EXPECT_NE(first, losses(2));
}

TEST(TrainRecsysTest, LogsEveryTagOfTheFormat) {
  RecordingLogger logger;
  RecsysOptions options = SmallRecsys();
  options.train.steps = 100;
  ASSERT_TRUE(TrainRecsys(options, logger, {}, {}).ok());
  for (const char* tag :
       {"loss/train", "loss/validation", "accuracy/train", "accuracy/validation", "auc/validation",
        "learning_rate", "throughput/samples_per_second", "layers/hidden_1/zero_fraction",
        "layers/hidden_1/dead_fraction", "layers/hidden_2/gradient_norm",
        "layers/logit/weight_norm", "layers/hidden_1/update_ratio",
        "embeddings/item_embedding/gradient_norm", "embeddings/user_embedding/update_ratio"}) {
    EXPECT_THAT(logger.scalars, Contains(Key(tag)));
  }
  for (const char* tag : {"layers/hidden_1/activations", "layers/hidden_1/gradients",
                          "layers/hidden_1/weights", "embeddings/city_embedding/weights"}) {
    EXPECT_THAT(logger.histograms, Contains(Key(tag)));
  }
  EXPECT_THAT(logger.stats, Contains(Key("layers/hidden_1/units")));
  EXPECT_THAT(logger.stats, Contains(Key("embeddings/user_embedding/rows")));
  EXPECT_THAT(
      logger.texts.at("model"),
      ::testing::ElementsAre(AllOf(HasSubstr("| `item_embedding` | 200 rows of 8 | 1,600 |"),
                                   HasSubstr("| `hidden_2` | 32 → 16, relu | 528 |"))));
  EXPECT_EQ(std::get<std::string>(logger.hparams.at("optimizer")), "adam");
  EXPECT_EQ(logger.end, logger::EndStatus::kSuccess);
}

TEST(TrainRecsysTest, UnitWindowsCoverEnoughSamplesAndJoinWithoutGaps) {
  RecsysOptions options = SmallRecsys();
  options.train.batch = 64;
  options.train.log.units = 1;
  RecordingLogger logger;
  ASSERT_TRUE(TrainRecsys(options, logger, {}, {}).ok());
  Step expected = 1;
  for (const auto& [step, stats] : logger.stats.at("layers/hidden_1/units")) {
    EXPECT_GE(stats.samples, 1'024);
    EXPECT_EQ(stats.first_step, expected);
    EXPECT_EQ(stats.samples, static_cast<double>((step - stats.first_step + 1) * 64));
    expected = step + 1;
  }
}

TEST(TrainRecsysTest, AShortRunStillHasOneWindowOfEachKind) {
  RecsysOptions options = SmallRecsys();
  options.train.steps = 3;
  RecordingLogger logger;
  ASSERT_TRUE(TrainRecsys(options, logger, {}, {}).ok());
  EXPECT_EQ(logger.stats.at("layers/hidden_1/units").size(), 1u);
  const auto& rows = logger.stats.at("embeddings/user_embedding/rows");
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(rows[0].stats.samples, 3 * 256);
}

TEST(TrainRecsysTest, LogsEmbeddingsBeforeAtIntervalsAndAfterWithMetadata) {
  RecsysOptions options = SmallRecsys();
  options.train.log.embeddings = 25;
  RecordingLogger logger;
  ASSERT_TRUE(TrainRecsys(options, logger, {}, {}).ok());
  const auto& events = logger.embeddings.at("embeddings/user_embedding");
  std::vector<Step> steps;
  for (const auto& event : events) steps.push_back(event.step);
  EXPECT_THAT(steps, ::testing::ElementsAre(0, 25, 50, 60));
  EXPECT_EQ(events[0].rows, 400);
  EXPECT_EQ(events[0].dims, 8);
  ASSERT_TRUE(events[0].metadata.has_value());
  EXPECT_THAT(events[0].metadata->columns,
              ::testing::ElementsAre("user", "taste", "city", "is_new", "activity_decile"));
  for (const auto& column : events[0].metadata->values) EXPECT_EQ(column.size(), 400u);
}

TEST(TrainRecsysTest, EachStepHasItsPhasesInOrder) {
  RecordingLogger logger;
  ASSERT_TRUE(TrainRecsys(SmallRecsys(), logger, {}, {}).ok());
  const std::vector<std::string> names = {"input_wait", "forward", "backward", "optimizer",
                                          "logging"};
  ASSERT_EQ(logger.slices.size(), 60 * names.size());
  for (size_t i = 0; i < logger.slices.size(); ++i) {
    EXPECT_EQ(logger.slices[i].name, names[i % names.size()]);
    EXPECT_EQ(logger.slices[i].step, static_cast<Step>(i / names.size()) + 1);
    EXPECT_GE(logger.slices[i].duration_ns, 0);
  }
  EXPECT_THAT(logger.notes, ::testing::ElementsAre("no GPU slices: the CPU was asked for"));
}

TEST(TrainRecsysTest, AHealthyRunKeepsItsUnitsAndMovesEveryTouchedRow) {
  RecsysOptions options = SmallRecsys();
  options.train.steps = 1'000;
  RecordingLogger logger;
  ASSERT_TRUE(TrainRecsys(options, logger, {}, {}).ok());
  EXPECT_THAT(Between(logger.scalars.at("layers/hidden_1/dead_fraction"), 0, 1'000),
              ::testing::Each(::testing::Lt(0.1)));
  for (const char* tag : {"embeddings/item_embedding/rows", "embeddings/user_embedding/rows"}) {
    for (const auto& [step, stats] : logger.stats.at(tag)) {
      for (size_t row = 0; row < stats.values[0].size(); ++row) {
        if (stats.values[0][row] < 5) continue;
        EXPECT_GT(stats.values[2][row] / stats.values[3][row], 1e-3) << tag << " row " << row;
      }
    }
  }
}

TEST(TrainRecsysTest, AFarTooLowRateLeavesRowsWithGradientsInPlace) {
  RecsysOptions options = SmallRecsys();
  options.train.steps = 500;
  options.faults.item_embedding_learning_rate_scale = 1e-5;
  RecordingLogger logger;
  ASSERT_TRUE(TrainRecsys(options, logger, {}, {}).ok());
  for (const auto& [step, stats] : logger.stats.at("embeddings/item_embedding/rows")) {
    for (size_t row = 0; row < stats.values[0].size(); ++row) {
      if (stats.values[0][row] < 5) continue;
      EXPECT_GT(stats.values[1][row], 0);
      EXPECT_LT(stats.values[2][row] / stats.values[3][row], 1e-4);
    }
  }
  EXPECT_DOUBLE_EQ(logger.scalars.at("learning_rate/item_embedding").at(0).second, 1e-8);
}

TEST(TrainRecsysTest, ADriftOfBiasesKillsUnitsFromItsFirstStepOn) {
  RecsysOptions options = SmallRecsys();
  options.train.steps = 1'000;
  options.faults.dying_relu_step = 400;
  RecordingLogger logger;
  ASSERT_TRUE(TrainRecsys(options, logger, {}, {}).ok());
  const auto& dead = logger.scalars.at("layers/hidden_1/dead_fraction");
  EXPECT_THAT(Between(dead, 0, 400), ::testing::Each(::testing::Lt(0.1)));
  EXPECT_GT(Between(dead, 900, 1'000).back(), 0.6);
  // Dead means no gradient at all, so that nothing can revive the unit.
  const auto& last = logger.stats.at("layers/hidden_1/units").back().stats;
  for (size_t unit = 0; unit < last.values[0].size(); ++unit) {
    if (last.values[0][unit] == 0) {
      EXPECT_EQ(last.values[2][unit], 0);
    }
  }
}

TEST(TrainRecsysTest, StopsAtTheStopToken) {
  std::stop_source stop;
  TrainObserver observer;
  observer.progress = [&](const Progress&) { stop.request_stop(); };
  RecsysOptions options = SmallRecsys();
  options.train.steps = 1'000'000'000;
  RecordingLogger logger;
  const auto summary = TrainRecsys(options, logger, observer, stop.get_token());
  ASSERT_TRUE(summary.ok());
  EXPECT_TRUE(summary->is_cancelled);
  EXPECT_LT(summary->steps, 1'000'000'000);
  EXPECT_EQ(logger.end, logger::EndStatus::kInterrupted);
}

TEST(TrainRecsysTest, IsNotStoppedWhereItsLastStepWasDone) {
  std::stop_source stop;
  TrainObserver observer;
  observer.progress = [&](const Progress& progress) {
    if (progress.step == progress.steps) stop.request_stop();
  };
  RecsysOptions options = SmallRecsys();
  RecordingLogger logger;
  const auto summary = TrainRecsys(options, logger, observer, stop.get_token());
  ASSERT_TRUE(summary.ok());
  EXPECT_TRUE(stop.stop_requested());
  EXPECT_FALSE(summary->is_cancelled);
  EXPECT_EQ(logger.end, logger::EndStatus::kSuccess);
}

TEST(TrainRecsysTest, ReportsTheLastStep) {
  std::vector<Progress> reports;
  TrainObserver observer;
  observer.progress = [&](const Progress& progress) { reports.push_back(progress); };
  RecordingLogger logger;
  ASSERT_TRUE(TrainRecsys(SmallRecsys(), logger, observer, {}).ok());
  ASSERT_FALSE(reports.empty());
  EXPECT_EQ(reports.back().step, 60);
  EXPECT_EQ(reports.back().steps, 60);
  EXPECT_GT(reports.back().samples_per_second, 0);
  EXPECT_EQ(reports.back().seconds_left, 0);
}

TEST(TrainRecsysTest, RefusesOptionsThatMakeNoSenseByName) {
  const struct {
    const char* name;
    std::function<void(RecsysOptions&)> spoil;
    const char* message;
  } cases[] = {
      {"no end", [](auto& o) { o.train.steps = 0; }, "no end is given"},
      {"batch of nothing", [](auto& o) { o.train.batch = 0; }, "batch: got 0"},
      {"batch larger than the data", [](auto& o) { o.train.batch = 1'000'000; },
       "batch: got 1000000, want 1 to the number of samples, 192000"},
      {"rate below 0", [](auto& o) { o.train.learning_rate = -1; }, "learning_rate: got -1"},
      {"rate not a number", [](auto& o) { o.train.learning_rate = NAN; }, "learning_rate: got nan"},
      {"layer of nothing",
       [](auto& o) {
         o.hidden = {32, 0};
       },
       "width of a layer: got 0"},
      {"no users", [](auto& o) { o.data.users = 0; }, "users: got 0"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    RecsysOptions options = SmallRecsys();
    c.spoil(options);
    RecordingLogger logger;
    const auto summary = TrainRecsys(options, logger, {}, {});
    ASSERT_FALSE(summary.ok());
    EXPECT_EQ(summary.error().code, ErrorCode::kInvalidArgument);
    EXPECT_THAT(summary.error().message, HasSubstr(c.message));
  }
}

}  // namespace
}  // namespace spirogram::trainer

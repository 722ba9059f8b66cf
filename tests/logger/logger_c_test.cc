// The C interface where its callers go wrong. What it logs is held against TensorBoard by
// tensorboard_reads_logger.py.
#include "logger/logger_c.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/testing/temp_dir.h"

namespace spirogram::testing {
namespace {

class LoggerCTest : public ::testing::Test {
 protected:
  spirogram_logger* Open() {
    const std::string run_dir = dir_.File("run");
    spirogram_logger_options options{};
    options.size = sizeof options;
    options.run_dir = run_dir.c_str();
    return spirogram_logger_open(&options);
  }
  static spirogram_logger_counters CountersOf(spirogram_logger* logger) {
    spirogram_logger_counters counters{};
    counters.size = sizeof counters;
    spirogram_logger_get_counters(logger, &counters);
    return counters;
  }
  static uint64_t Dropped(spirogram_logger* logger) { return CountersOf(logger).dropped; }

  TempDir dir_;
};

TEST_F(LoggerCTest, CallsOfALoggerThatIsNullDoNothing) {
  spirogram_logger_scalar(nullptr, "loss", 1, 1);
  spirogram_logger_histogram(nullptr, "h", 1, nullptr, 3);
  spirogram_logger_text(nullptr, "t", 1, "x");
  spirogram_logger_image(nullptr, "i", 1, nullptr, 1, 1, 1);
  spirogram_logger_embedding(nullptr, "e", 1, nullptr, 1, 1, nullptr);
  spirogram_logger_stats(nullptr, "s", 1, nullptr);
  spirogram_logger_hparams(nullptr, nullptr, 1);
  spirogram_logger_profile(nullptr, nullptr, 1);
  spirogram_logger_profile_note(nullptr, "n");
  spirogram_logger_end(nullptr, SPIROGRAM_END_SUCCESS);
  spirogram_logger_flush(nullptr);
  EXPECT_EQ(spirogram_logger_wait_for_upload(nullptr, 0, nullptr, 0), 0u);
  EXPECT_EQ(Dropped(nullptr), 0u);
  spirogram_logger_close(nullptr);
}

TEST_F(LoggerCTest, OptionsWithoutASizeOpenNothing) {
  const spirogram_logger_options options{};
  EXPECT_EQ(spirogram_logger_open(&options), nullptr);
  EXPECT_EQ(spirogram_logger_open(nullptr), nullptr);
}

TEST_F(LoggerCTest, DropsAndCountsWhatMakesNoSense) {
  spirogram_logger* logger = Open();
  const std::vector<float> values(6);
  spirogram_metadata no_cells{};
  no_cells.column_count = 1;
  spirogram_entity_stats no_values{};
  no_values.size = sizeof no_values;
  no_values.column_count = 1;
  uint64_t dropped = 0;
  const auto expect_one_more = [&](const char* what) {
    EXPECT_EQ(Dropped(logger), ++dropped) << what;
  };
  spirogram_logger_scalar(logger, nullptr, 1, 1);
  expect_one_more("a scalar without a tag");
  spirogram_logger_histogram(logger, "h", 1, nullptr, 3);
  expect_one_more("a histogram of NULL");
  spirogram_logger_image(logger, "i", 1, nullptr, 2, 2, 3);
  expect_one_more("an image of NULL");
  const uint8_t pixel = 0;
  spirogram_logger_image(logger, "i", 1, &pixel, -1, 2, 3);
  expect_one_more("an image of negative width");
  spirogram_logger_embedding(logger, "e", 1, nullptr, 2, 3, nullptr);
  expect_one_more("a matrix of NULL");
  spirogram_logger_embedding(logger, "e", 1, values.data(), INT64_MAX, INT64_MAX, nullptr);
  expect_one_more("a matrix that no memory holds");
  spirogram_logger_embedding(logger, "e", 1, values.data(), 2, 3, &no_cells);
  expect_one_more("metadata without cells");
  spirogram_logger_stats(logger, "s", 1, nullptr);
  expect_one_more("stats of NULL");
  spirogram_logger_stats(logger, "s", 1, &no_values);
  expect_one_more("stats without values");
  spirogram_logger_hparams(logger, nullptr, 2);
  expect_one_more("hyperparameters of NULL");
  spirogram_logger_profile(logger, nullptr, 2);
  expect_one_more("slices of NULL");
  spirogram_logger_close(logger);
}

// As a program gives them that was compiled with an older header.
TEST_F(LoggerCTest, TakesOptionsThatAreShorterThanItsOwn) {
  const std::string run_dir = dir_.File("run");
  spirogram_logger_options options{};
  options.size = offsetof(spirogram_logger_options, url);
  options.run_dir = run_dir.c_str();
  options.url = "no url: it lies beyond the size";
  spirogram_logger* logger = spirogram_logger_open(&options);
  spirogram_logger_scalar(logger, "loss", 1, 0.5);
  spirogram_logger_flush(logger);
  EXPECT_EQ(CountersOf(logger).logged, 1u);
  EXPECT_GT(CountersOf(logger).written_bytes, 0u);
  spirogram_logger_close(logger);
}

TEST_F(LoggerCTest, SaysWhyNothingIsSentInTheRoomThatThereIs) {
  const std::string run_dir = dir_.File("run");
  spirogram_logger_options options{};
  options.size = sizeof options;
  options.run_dir = run_dir.c_str();
  options.url = "gopher://box";
  spirogram_logger* logger = spirogram_logger_open(&options);
  std::string failure(256, 'x');
  spirogram_logger_wait_for_upload(logger, 10, failure.data(), failure.size());
  EXPECT_THAT(failure.c_str(), ::testing::HasSubstr("gopher"));
  char little[4] = "xxx";
  spirogram_logger_wait_for_upload(logger, 10, little, sizeof little);
  EXPECT_EQ(std::string(little), std::string(failure.c_str()).substr(0, 3));
  spirogram_logger_close(logger);
}

}  // namespace
}  // namespace spirogram::testing

// Runs the examples that users copy, as they would.
#include <gtest/gtest.h>

#include <cstdlib>
#include <string>

#include "tests/logger/event_reader.h"
#include "tests/testing/temp_dir.h"

namespace spirogram::testing {
namespace {

void ExpectALossThatFalls(const std::string& program) {
  const TempDir dir;
  const std::string command = program + " " + dir.File("run");
  ASSERT_EQ(std::system(command.c_str()), 0);
  const auto events = ReadEvents(dir.File("run"));
  const auto loss = EventsOf(events, "loss/train");
  ASSERT_EQ(loss.size(), 200u);
  EXPECT_LT(loss.back().summary().value(0).simple_value(),
            loss.front().summary().value(0).simple_value() / 1'000);
  EXPECT_EQ(EventsOf(events, "errors").size(), 10u);
  EXPECT_EQ(EventsOf(events, "_hparams_/session_end_info").size(), 1u);
}

TEST(MinimalLoggerTest, LogsALossThatFalls) {
  ExpectALossThatFalls(MINIMAL_LOGGER_PROGRAM);
}

TEST(MinimalLoggerTest, LogsTheSameInC) {
  ExpectALossThatFalls(MINIMAL_LOGGER_C_PROGRAM);
}

}  // namespace
}  // namespace spirogram::testing

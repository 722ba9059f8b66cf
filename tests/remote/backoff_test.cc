#include "logger/remote/backoff.h"

#include <gtest/gtest.h>

namespace spirogram::logger {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

TEST(PatientBackoffTest, MakesItsLastAttemptWhenThePatienceEnds) {
  for (const int patience_s : {0, 1, 2, 60}) {
    const PatientBackoff::Time start{};
    PatientBackoff::Time now = start;
    PatientBackoff backoff(seconds(patience_s), now);
    int attempts = 1;
    for (; backoff.Left(now).count() > 0; ++attempts) {
      const milliseconds wait = backoff.Next(seconds(0), now);
      ASSERT_GT(wait.count(), 0);
      now += wait;
    }
    EXPECT_EQ(now - start, seconds(patience_s));
    EXPECT_GE(attempts, patience_s == 0 ? 1 : 3);
  }
}

TEST(PatientBackoffTest, BeginsAnewWithEachAnswer) {
  PatientBackoff::Time now{};
  PatientBackoff backoff(seconds(10), now);
  now += seconds(9);
  backoff.Answered(now);
  EXPECT_EQ(backoff.Left(now), seconds(10));
  EXPECT_LE(backoff.Next(seconds(0), now), Backoff::kMin);
}

TEST(PatientBackoffTest, WaitsNoLongerThanItIsPatientAlsoWhereItWasAskedTo) {
  const PatientBackoff::Time now{};
  PatientBackoff backoff(seconds(2), now);
  EXPECT_EQ(backoff.Next(seconds(60), now), seconds(2));
  EXPECT_EQ(backoff.Left(now + seconds(3)), milliseconds(0));
}

}  // namespace
}  // namespace spirogram::logger

#include "store/phase_sums.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "store/profile_codec.h"

namespace spirogram::store {
namespace {

using ::testing::ElementsAre;

constexpr size_t kAllRows = 1'000'000;

void AddPhase(int64_t start_ns, uint32_t name, Step step, int64_t duration_ns,
              ProfileSlices* phases) {
  const ProfileSlices one = {
      {}, {ProfileSlices::Kind::kPhase}, {name}, {start_ns}, {duration_ns}, {step}, {0}, {0}};
  AppendSlice(one, 0, name, phases);
}

TEST(PhaseSumsTest, CountAMomentOnceForThePhaseThatBeganLast) {
  enum : uint32_t { kStep, kForward, kAttention };
  ProfileSlices phases;
  // As they end: from the inside out.
  AddPhase(2, kAttention, 1, 3, &phases);
  AddPhase(1, kForward, 1, 6, &phases);
  AddPhase(0, kStep, 1, 10, &phases);
  // Side by side in part, as those of two threads.
  AddPhase(20, kForward, 2, 4, &phases);
  AddPhase(22, kAttention, 2, 4, &phases);
  const PhaseSums sums = SumPhases(phases, 0, kAllRows).value();
  EXPECT_THAT(sums.names, ElementsAre(kStep, kForward, kAttention));
  EXPECT_THAT(sums.own_ns[kStep], ElementsAre(4, 0));
  EXPECT_THAT(sums.own_ns[kForward], ElementsAre(3, 2));
  EXPECT_THAT(sums.own_ns[kAttention], ElementsAre(3, 4));
  EXPECT_EQ(sums.from_ns, 0);
  EXPECT_EQ(sums.to_ns, 26);
}

TEST(PhaseSumsTest, TakeTimesAsFilesMaySayThem) {
  ProfileSlices phases;
  AddPhase(INT64_MAX - 1, 0, 1, INT64_MAX, &phases);
  AddPhase(INT64_MIN, 0, 2, 2, &phases);
  AddPhase(INT64_MIN, 0, 3, -5, &phases);
  AddPhase(INT64_MIN + 2, 0, INT64_MIN, INT64_MAX, &phases);
  AddPhase(1, 0, INT64_MAX, INT64_MAX - 2, &phases);
  const PhaseSums sums = SumPhases(phases, 0, kAllRows).value();
  EXPECT_THAT(sums.last_step, ElementsAre(INT64_MIN, 1, 2, 3, INT64_MAX));
  EXPECT_THAT(sums.own_ns[0], ElementsAre(INT64_MAX, 1, 2, 0, INT64_MAX - 2));
  EXPECT_THAT(SumPhases(phases, 14, 1)->own_ns[0], ElementsAre(uint64_t{INT64_MAX} * 2 + 1));
}

TEST(PhaseSumsTest, JoinStepsIntoRows) {
  ProfileSlices phases;
  for (Step step = -3; step <= 7; ++step) AddPhase(100 * step, 4, step, 10 + step, &phases);
  const PhaseSums four = SumPhases(phases, 2, kAllRows).value();
  EXPECT_THAT(four.last_step, ElementsAre(-1, 3, 7));
  EXPECT_THAT(four.steps, ElementsAre(3, 4, 4));
  EXPECT_THAT(four.own_ns[0], ElementsAre(24, 46, 62));
  const PhaseSums eight = SumPhases(phases, 2, 2).value();
  EXPECT_THAT(eight.last_step, ElementsAre(3, 7));
  EXPECT_THAT(eight.steps, ElementsAre(7, 4));
  EXPECT_THAT(eight.own_ns[0], ElementsAre(70, 62));
}

// A table of all steps by all phases took 2 GB.
TEST(PhaseSumsTest, RefuseNamesWithoutNumber) {
  ProfileSlices phases;
  for (uint32_t i = 0; i < 16'000; ++i) AddPhase(i, i, i, 1, &phases);
  const auto refused = SumPhases(phases, 0, 10);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().message,
            "the range has 16000 phases, want at most 1000: ask for fewer steps");
  EXPECT_FALSE(SumChunk(phases, 14));
  EXPECT_FALSE(SumChunk({}, 5));
}

// Steps of a few phases each, some of which go on in the next chunk.
TEST(PhaseSumsTest, OfChunksAreThoseOfAllTheirPhases) {
  std::mt19937_64 random(1);
  for (int round = 0; round < 200; ++round) {
    ProfileSlices all;
    std::vector<ProfileSlices> chunks(1);
    int64_t now = 0;
    for (Step step = -50; step < 100; step += 1 + static_cast<Step>(random() % 3)) {
      for (uint64_t i = random() % 4; i > 0; --i) {
        const auto name = static_cast<uint32_t>(random() % 5);
        const auto duration_ns = static_cast<int64_t>(random() % 10);
        AddPhase(now, name, step, duration_ns, &all);
        AddPhase(now, name, step, duration_ns, &chunks.back());
        now += duration_ns;
        if (random() % 20 == 0) chunks.emplace_back();
      }
    }
    for (const int level : {0, 2, 5}) {
      std::vector<PhaseSums> parts;
      for (const ProfileSlices& chunk : chunks) {
        if (chunk.size() == 0) continue;
        std::optional<PhaseSums> sums = SumChunk(chunk, level);
        if (!sums) sums = SumPhases(chunk, level, kAllRows).value();
        ASSERT_TRUE(parts.empty() || IsBehind(parts.back(), *sums));
        parts.push_back(*std::move(sums));
      }
      for (const size_t rows_max : {size_t{1}, size_t{4}, kAllRows}) {
        EXPECT_EQ(JoinSums(parts, level, rows_max).value(),
                  SumPhases(all, level, rows_max).value());
      }
    }
  }
}

TEST(PhaseSumsTest, AreNotBehindWhatTheyOverlap) {
  const auto sums_of = [](int64_t start_ns, Step step) {
    ProfileSlices phases;
    AddPhase(start_ns, 0, step, 10, &phases);
    return SumPhases(phases, 5, kAllRows).value();
  };
  EXPECT_TRUE(IsBehind(sums_of(0, 1), sums_of(10, 1)));
  EXPECT_FALSE(IsBehind(sums_of(0, 1), sums_of(9, 2)));
  EXPECT_FALSE(IsBehind(sums_of(0, 2), sums_of(10, 1)));
}

TEST(PhaseSumsTest, KeepEveryNumberAsBytesAndRefuseDamage) {
  ProfileSlices phases;
  for (Step step = 0; step < 100; ++step) {
    AddPhase(1'700'000'000'000'000'000 + 1000 * step, step % 7 == 0 ? 3 : 1, step, 900, &phases);
  }
  const PhaseSums sums = SumPhases(phases, 5, kAllRows).value();
  const std::string bytes = EncodePhaseSums(sums);
  EXPECT_EQ(DecodePhaseSums(bytes).value(), sums);
  for (size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_FALSE(DecodePhaseSums(std::string_view(bytes).substr(0, size)).ok()) << size;
  }
  for (size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    std::string flipped = bytes;
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << (bit % 8)));
    EXPECT_FALSE(DecodePhaseSums(flipped).ok()) << bit;
  }
}

}  // namespace
}  // namespace spirogram::store

// Records made by hand, walked by the real libcupti: it needs no driver for that, and holds the
// sizes of our structs against its own. Skipped where the library is not installed.
#include "logger/profiler/record_decoder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>

#include "logger/profiler/cupti_api.h"
#include "tests/logger/cupti_records.h"

namespace spirogram::logger {
namespace {

using ::spirogram::testing::CopyRecord;
using ::spirogram::testing::KernelRecord;
using ::spirogram::testing::LaunchRecord;
using ::spirogram::testing::MemsetRecord;
using ::spirogram::testing::StepRecord;
using ::testing::ElementsAre;
using Kind = ProfileSlice::Kind;

class RecordDecoderTest : public ::testing::Test {
 protected:
  void SetUp() override {
    const auto api = LoadCupti();
    if (!api.ok()) GTEST_SKIP() << "no CUPTI to walk the records: " << api.error().message;
    decoder_.emplace(*api);
  }

  void Decode(const std::string& records) {
    std::vector<uint64_t> aligned(records.size() / 8 + 1);
    std::memcpy(aligned.data(), records.data(), records.size());
    decoder_->Decode(reinterpret_cast<uint8_t*>(aligned.data()), records.size());
  }

  std::optional<RecordDecoder> decoder_;
};

TEST_F(RecordDecoderTest, ReadsKernelsCopiesAndMemorySets) {
  Decode(StepRecord(5, 1) + KernelRecord("_Z4gemmPf", 100, 150, 1) + StepRecord(5, 2) +
         CopyRecord(CUPTI_ACTIVITY_MEMCPY_KIND_HTOD, 160, 170, 2) + StepRecord(5, 3) +
         MemsetRecord(180, 181, 3));
  const auto slices = decoder_->TakeSlices(false);
  ASSERT_EQ(slices.size(), 3u);
  EXPECT_EQ(slices[0].kind, Kind::kKernel);
  EXPECT_EQ(slices[0].name, "gemm(float*)");
  EXPECT_EQ(slices[0].start_ns, 100);
  EXPECT_EQ(slices[0].duration_ns, 50);
  EXPECT_EQ(slices[0].step, 5);
  EXPECT_EQ(slices[0].correlation_id, 1u);
  EXPECT_EQ(slices[0].stream, 7u);
  EXPECT_EQ(slices[1].kind, Kind::kCopy);
  EXPECT_EQ(slices[1].name, "Memcpy HtoD");
  EXPECT_EQ(slices[2].kind, Kind::kMemset);
  EXPECT_EQ(slices[2].duration_ns, 1);
}

TEST_F(RecordDecoderTest, KeepsTheCallThatLaunchedAKernel) {
  decoder_->AddStepStart(5, 80);
  Decode(StepRecord(5, 1) + LaunchRecord(90, 95, 1) + KernelRecord("gemm", 100, 150, 1) +
         LaunchRecord(200, 230, 2));
  const auto slices = decoder_->TakeSlices(false);
  ASSERT_EQ(slices.size(), 3u);
  EXPECT_EQ(slices[0].kind, Kind::kCall);
  EXPECT_EQ(slices[0].name, "cudaLaunchKernel");
  EXPECT_EQ(slices[0].start_ns, 90);
  EXPECT_EQ(slices[0].duration_ns, 5);
  EXPECT_EQ(slices[0].correlation_id, slices[1].correlation_id);
  EXPECT_EQ(slices[0].stream, 11u);
  // A call outside all steps is of the step of its time, at once, and nothing is lost of it.
  EXPECT_EQ(slices[2].step, 5);
  EXPECT_EQ(decoder_->unmatched(), 0u);
}

TEST_F(RecordDecoderTest, GivesKernelsTheStepThatLaunchedThem) {
  decoder_->AddStepStart(1, 0);
  decoder_->AddStepStart(2, 1'000);
  Decode(StepRecord(1, 9) + KernelRecord("late", 1'500, 1'600, 9));
  EXPECT_EQ(decoder_->TakeSlices(false).at(0).step, 1);
  EXPECT_EQ(decoder_->unmatched(), 0u);
}

TEST_F(RecordDecoderTest, WaitsForAStepThatComesInALaterBuffer) {
  Decode(KernelRecord("early", 100, 110, 4));
  EXPECT_TRUE(decoder_->TakeSlices(false).empty());
  Decode(StepRecord(-3, 4));
  EXPECT_EQ(decoder_->TakeSlices(false).at(0).step, -3);
}

TEST_F(RecordDecoderTest, GivesUnmatchedKernelsTheStepAtTheirTime) {
  decoder_->AddStepStart(1, 0);
  decoder_->AddStepStart(2, 1'000);
  Decode(KernelRecord("orphan", 1'500, 1'600, 77));
  EXPECT_TRUE(decoder_->TakeSlices(false).empty());
  EXPECT_TRUE(decoder_->TakeSlices(false).empty());
  EXPECT_EQ(decoder_->TakeSlices(false).at(0).step, 2);
  EXPECT_EQ(decoder_->unmatched(), 1u);
}

TEST_F(RecordDecoderTest, GivesUpWaitingAtTheEnd) {
  Decode(KernelRecord("orphan", 1'500, 1'600, 77));
  EXPECT_EQ(decoder_->TakeSlices(true).size(), 1u);
}

TEST_F(RecordDecoderTest, KeepsAllKernelsOfOneGraphLaunch) {
  Decode(StepRecord(8, 5) + KernelRecord("a", 1, 2, 5) + KernelRecord("b", 2, 3, 5));
  EXPECT_EQ(decoder_->TakeSlices(false).size(), 2u);
  Decode(KernelRecord("c", 3, 4, 5));
  EXPECT_EQ(decoder_->TakeSlices(false).at(0).step, 8);
}

TEST_F(RecordDecoderTest, LeavesOutWhatAnotherThreadLaunched) {
  decoder_.emplace(*LoadCupti(), /*thread_id=*/20);
  Decode(StepRecord(1, 1) + LaunchRecord(1, 2, 1, 20) + KernelRecord("own", 3, 4, 1) +
         LaunchRecord(2, 3, 2, 20) + KernelRecord("own, beside the steps", 5, 6, 2) +
         KernelRecord("another's", 7, 8, 3) + KernelRecord("whose?", 9, 10, 4));
  const auto take_names = [this](bool all) {
    std::vector<std::string> names;
    for (const auto& slice : decoder_->TakeSlices(all)) names.push_back(slice.name);
    return names;
  };
  EXPECT_THAT(take_names(false), ElementsAre("cudaLaunchKernel", "own", "cudaLaunchKernel"));
  Decode(LaunchRecord(6, 7, 3, 21));  // comes later
  EXPECT_THAT(take_names(true), ElementsAre("own, beside the steps", "whose?"));
  EXPECT_EQ(decoder_->unmatched(), 2u);
}

TEST_F(RecordDecoderTest, CountsRecordsWithoutATime) {
  Decode(StepRecord(1, 1) + KernelRecord("lost", 0, 0, 1) + KernelRecord("backwards", 20, 10, 1));
  EXPECT_TRUE(decoder_->TakeSlices(true).empty());
  EXPECT_EQ(decoder_->zero_timestamps(), 2u);
}

TEST_F(RecordDecoderTest, ReadsKernelsWithoutAName) {
  Decode(KernelRecord(nullptr, 1, 2, 1));
  EXPECT_EQ(decoder_->TakeSlices(true).at(0).name, "unknown kernel");
}

TEST_F(RecordDecoderTest, StopsAtBytesThatAreNoRecord) {
  Decode(KernelRecord("good", 1, 2, 1) + std::string(64, '\0'));
  EXPECT_EQ(decoder_->TakeSlices(true).size(), 1u);
}

TEST_F(RecordDecoderTest, ReadsAnEmptyBuffer) {
  Decode("");
  EXPECT_TRUE(decoder_->TakeSlices(true).empty());
}

}  // namespace
}  // namespace spirogram::logger

// Traces that lie in a logdir, read by the store through their converter.
#include "transfer/trace_converter.h"

#include <gmock/gmock.h>
#include <zlib.h>

#include <cstdlib>
#include <filesystem>
#include <set>
#include <string>
#include <utility>

#include "base/str.h"
#include "tests/store/following_fixture.h"

namespace spirogram::transfer {
namespace {

using ::testing::ElementsAre;
using testing::EventBuilder;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// A step with an operator, `at` microseconds after the base.
std::string Step(int step, int at) {
  return StrCat(R"({"ph": "X", "cat": "user_annotation", "name": "ProfilerStep#)", step,
                R"(", "pid": 1, "tid": 9, "ts": )", at, R"(, "dur": 90},)", "\n",
                R"({"ph": "X", "cat": "cpu_op", "name": "aten::mm", "pid": 1, "tid": 9, "ts": )",
                at + 1, R"(, "dur": 9})");
}

std::string Trace(const std::string& events) {
  return StrCat(R"({"baseTimeNanoseconds": 1700000000000000000, "traceEvents": [)", events, "]}");
}

class TraceConverterTest : public store::FollowingFixture {
 protected:
  store::StoreOptions TraceOptions() {
    store::StoreOptions options = Options();
    options.converter = &converter_;
    return options;
  }
  void LoadTraces() {
    store_.reset();
    auto opened = store::Store::Open(TraceOptions());
    ASSERT_TRUE(opened.ok()) << opened.error().ToString();
    store_ = std::move(opened).value();
    ASSERT_TRUE(store_->LoadOnce().ok());
  }
  // As if it lay there for two minutes: nobody writes to it.
  void Write(const std::string& name, const std::string& text) {
    const std::filesystem::path path = std::filesystem::path(logdir()) / name;
    std::filesystem::create_directories(path.parent_path());
    const std::string aside = folder_.File("aside");
    if (name.ends_with(".gz")) {
      const gzFile file = gzopen(aside.c_str(), "wb");
      CHECK(gzwrite(file, text.data(), static_cast<unsigned>(text.size())) > 0);
      CHECK(gzclose(file) == Z_OK);
    } else {
      CHECK(WriteFileAtomically(aside, text).ok());
    }
    std::filesystem::last_write_time(
        aside, std::filesystem::file_time_type::clock::now() - std::chrono::minutes(2));
    std::filesystem::rename(aside, path);
  }
  // The steps of its slices; empty where the run is not there.
  std::multiset<spirogram::Step> StepsOf(const std::string& name) {
    const auto id = store_->FindRun(name);
    if (!id.ok() || !*id) return {};
    const auto slices = store_->ReadProfile(**id, 0, 1'000'000);
    if (!slices.ok()) return {};
    return {slices->step.begin(), slices->step.end()};
  }
  std::vector<store::Warning> WarningsOf(const std::string& name) {
    return *store_->ReadWarnings(FindRun(name).id);
  }

  TraceConverter converter_;
};

TEST_F(TraceConverterTest, TracesBelongToTheRunInWhoseFolderTheyLie) {
  EventBuilder(1'700'000'000).Scalar("loss", 1, 0.5f).AppendTo(EventFile("a"));
  Write("a/host_1.10.pt.trace.json", Trace(Step(1, 0)));
  Write("a/host_2.10.pt.trace.json.gz", Trace(Step(1, 7)));     // another rank
  Write("a/host_1.20.pt.trace.json.gz", Trace(Step(5, 1000)));  // the next cycle
  Write("a/plain.json", Trace(Step(8, 0)));
  Write("b c/x.pt.trace.json", Trace(Step(2, 0)));
  Write("y.pt.trace.json", Trace(Step(3, 0)));
  LoadTraces();
  EXPECT_THAT(StepsOf("a"), ElementsAre(1, 1, 1, 1, 5, 5));
  EXPECT_THAT(Steps("a", "loss"), ElementsAre(1));
  EXPECT_THAT(StepsOf("b c"), ElementsAre(2, 2));
  EXPECT_THAT(StepsOf("."), ElementsAre(3, 3));
  LoadTraces();
  EXPECT_THAT(StepsOf("a"), ElementsAre(1, 1, 1, 1, 5, 5));
  EXPECT_THAT(WarningsOf("a"), IsEmpty());
}

TEST_F(TraceConverterTest, OneThatAppearsIsReadAndOneThatIsWrittenAnewReplacesIt) {
  Follow(TraceOptions());
  Write("a/x.pt.trace.json", Trace(Step(1, 0)));
  EXPECT_TRUE(Await([&] { return StepsOf("a").size() == 2; }));
  Write("a/x.pt.trace.json", Trace(Step(4, 0) + "," + Step(5, 200)));
  EXPECT_TRUE(Await([&] { return StepsOf("a") == std::multiset<spirogram::Step>{4, 4, 5, 5}; }));
  Write("a/y.pt.trace.json.gz", Trace(Step(7, 300)));
  EXPECT_TRUE(Await([&] { return StepsOf("a").size() == 6; }));
  std::filesystem::remove(logdir() + "/a/y.pt.trace.json.gz");
  Write("b/z.pt.trace.json", Trace(Step(1, 0)));
  EXPECT_TRUE(Await([&] { return StepsOf("b").size() == 2; }));
  EXPECT_EQ(StepsOf("a").size(), 6u);  // what was read stays
}

TEST_F(TraceConverterTest, ANewNameIsNoNewTrace) {
  Write("a/x.pt.trace.json", Trace(Step(1, 0)));
  Write("a/y.pt.trace.json", Trace(Step(2, 200)));
  Follow(TraceOptions());
  EXPECT_TRUE(Await([&] { return StepsOf("a").size() == 4; }));
  const std::string folder = logdir() + "/a/";
  std::filesystem::rename(folder + "x.pt.trace.json", folder + "z.pt.trace.json");
  std::filesystem::remove(folder + "y.pt.trace.json");
  Write("a/y.pt.trace.json.gz", Trace(Step(2, 200)));
  Write("b/last.pt.trace.json", Trace(Step(1, 0)));
  EXPECT_TRUE(Await([&] { return StepsOf("b").size() == 2; }));
  store_.reset();
  std::filesystem::rename(folder + "z.pt.trace.json", folder + "while_nobody_looks.pt.trace.json");
  LoadTraces();
  EXPECT_THAT(StepsOf("a"), ElementsAre(1, 1, 2, 2));
}

TEST_F(TraceConverterTest, OneThatIsCutIsReadUpToThereAndToldOnce) {
  const std::string whole = Trace(Step(1, 0) + "," + Step(2, 100));
  Write("a/x.pt.trace.json", whole.substr(0, whole.size() - 20));
  Write("b/y.pt.trace.json", "no trace at all");
  Write("c/z.pt.trace.json", "");
  for (int i = 0; i < 2; ++i) {
    LoadTraces();
    EXPECT_THAT(StepsOf("a"), ElementsAre(1, 1, 2));
    ASSERT_EQ(WarningsOf("a").size(), 1u);
    EXPECT_EQ(WarningsOf("a")[0].file, "a/x.pt.trace.json");
    EXPECT_THAT(WarningsOf("a")[0].message,
                ::testing::StartsWith("the trace is damaged or ends early: its first 3 slices"));
    ASSERT_EQ(WarningsOf("b").size(), 1u);
    EXPECT_THAT(WarningsOf("b")[0].message, HasSubstr("no array \"traceEvents\""));
    EXPECT_EQ(WarningsOf("c").size(), 1u);
  }
  Write("a/x.pt.trace.json", whole);
  LoadTraces();
  EXPECT_THAT(StepsOf("a"), ElementsAre(1, 1, 2, 2));
  EXPECT_THAT(WarningsOf("a"), IsEmpty());
}

TEST_F(TraceConverterTest, OneThatMayGrowIsRefusedUntilItIsWhole) {
  const std::string whole = Trace(Step(1, 0));
  std::string out;
  store::FileConverter::Job job{
      .path = folder_.File("x"),
      .modified_time = 1.7e9,
      .may_grow = true,
      .progress = [](uint64_t) { return Status(); },
      .append = [&](std::string_view records) { return out += records, Status(); }};
  for (const size_t cut : {size_t{0}, size_t{40}, whole.size() - 40, whole.size() - 2}) {
    ASSERT_TRUE(WriteFileAtomically(job.path, whole.substr(0, cut)).ok());
    EXPECT_EQ(converter_.Convert(job).error().code, ErrorCode::kUnavailable) << cut;
    EXPECT_EQ(out, "");
  }
  ASSERT_TRUE(WriteFileAtomically(job.path, whole).ok());
  EXPECT_TRUE(converter_.Convert(job).ok());
  EXPECT_NE(out, "");
}

// A clock that began with the machine says nothing about the run's age.
TEST_F(TraceConverterTest, OneWithoutAnEpochIsAsOldAsItsFile) {
  Write("a/x.pt.trace.json", StrCat(R"({"traceEvents": [)", Step(1, 5000), "]}"));
  LoadTraces();
  EXPECT_THAT(StepsOf("a"), ElementsAre(1, 1));
  EXPECT_GT(FindRun("a").start_time, 1.7e9);
}

TEST_F(TraceConverterTest, ReadsRealTraces) {
  const char* data = std::getenv("SPIROGRAM_TEST_DATA");
  const std::string folder = StrCat(data == nullptr ? "" : data, "/profiles/");
  if (data == nullptr || !std::filesystem::exists(folder + "kineto_h100_qwen.json.gz")) {
    GTEST_SKIP() << "SPIROGRAM_TEST_DATA has no traces";
  }
  std::filesystem::create_directories(logdir() + "/a");
  std::filesystem::copy_file(folder + "kineto_h100_qwen.json.gz",
                             logdir() + "/a/host_1.2.pt.trace.json.gz");
  LoadTraces();
  const auto slices = store_->ReadProfile(FindRun("a").id, 0, 1'000'000);
  ASSERT_TRUE(slices.ok());
  int kernels = 0;
  for (const auto kind : slices->kind) kernels += kind == store::ProfileSlices::Kind::kKernel;
  EXPECT_EQ(kernels, 1465);
  EXPECT_THAT(WarningsOf("a"), IsEmpty());
}

}  // namespace
}  // namespace spirogram::transfer

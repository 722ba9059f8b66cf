#include <gmock/gmock.h>
#include <zlib.h>

#include <cstdlib>
#include <filesystem>
#include <tuple>

#include "base/str.h"
#include "tests/transfer/transfer_fixture.h"
#include "transfer/import.h"
#include "transfer/trace_reader.h"

namespace spirogram::transfer {
namespace {

using ::testing::ElementsAre;
using testing::EventBuilder;
using ::testing::HasSubstr;
using ::testing::Pair;
using Kind = store::ProfileSlices::Kind;

// As Kineto writes it: more keys before the events and behind them, flows, metadata, and categories
// that no profile has.
constexpr const char* kTrace = R"json({
  "schemaVersion": 1, "deviceProperties": [{"id": 0, "name": "traceEvents"}],
  "baseTimeNanoseconds": 1700000000000000000,
  "traceEvents": [
  {"ph": "M", "name": "process_name", "pid": 1, "ts": 5, "args": {"name": "python"}},
  {"ph": "X", "cat": "user_annotation", "name": "ProfilerStep#7", "pid": 1, "tid": 9, "ts": 10.001, "dur": 90},
  {
    "ph": "X", "cat": "user_annotation", "name": "forward \"größe\"",
    "pid": 1, "tid": 9, "ts": 20, "dur": 60.5,
    "args": {
      "External id": 3, "External id": 4, "Input Dims": [[1, 2], []]
    }
  },
  {"ph": "X", "cat": "cpu_op", "name": "aten::mm", "pid": 1, "tid": "9", "ts": 21, "dur": 9
  },
  {"ph": "X", "cat": "cuda_runtime", "name": "cudaLaunchKernel", "pid": 1, "tid": 9, "ts": 22, "dur": 5,
   "args": {"correlation": 5}},
  {"ph": "s", "id": 5, "pid": 1, "tid": 9, "ts": 22, "cat": "ac2g", "name": "ac2g"},
  {"ph": "X", "cat": "python_function", "name": "train.py(3)", "pid": 1, "tid": 9, "ts": 1, "dur": 5},
  {"ph": "X", "cat": "python_function", "name": "train.py(4)", "pid": 1, "tid": 9, "ts": 1, "dur": 5},
  {"ph": "X", "cat": "user_annotation", "name": "ProfilerStep#8", "pid": 1, "tid": 9, "ts": 101, "dur": 50},
  {"ph": "X", "cat": "kernel", "name": "gemm", "pid": 0, "tid": 7, "ts": 120.5, "dur": 4,
   "args": {"correlation": 5, "stream": 7, "device": 0}},
  {"ph": "X", "cat": "gpu_memcpy", "name": "Memcpy HtoD", "pid": 1, "tid": 7, "ts": 130, "dur": 1,
   "args": {"correlation": 99, "stream": 7, "device": 1}}
  ], "traceName": "a.json"
})json";

class TraceTest : public TransferFixture {
 protected:
  std::string Write(const std::string& name, const std::string& text) {
    const std::string path = folder_.File(name);
    std::filesystem::remove(path);
    CHECK(AppendFile::Open(path)->Append(text).ok());
    return path;
  }
  std::string WritePacked(const std::string& name, const std::string& text) {
    const std::string path = folder_.File(name);
    const gzFile file = gzopen(path.c_str(), "wb");
    CHECK(gzwrite(file, text.data(), static_cast<unsigned>(text.size())) > 0);
    CHECK(gzclose(file) == Z_OK);
    return path;
  }
  Result<ImportSummary> TryImport(const std::string& path) {
    return ImportFiles({.files = {path}, .logdir = logdir()});
  }
  std::string ErrorOf(const std::string& path) {
    const auto summary = TryImport(path);
    return summary.ok() ? "no error" : summary.error().message;
  }
  store::ProfileSlices Slices(const std::string& run) {
    auto slices = store_->ReadProfile(FindRun(run).id, 0, 1'000'000);
    EXPECT_TRUE(slices.ok());
    return *std::move(slices);
  }
};

TEST_F(TraceTest, BecomesTheSlicesOfAProfile) {
  const auto summary = TryImport(Write("host_1.17.pt.trace.json", kTrace));
  ASSERT_TRUE(summary.ok()) << summary.error().ToString();
  EXPECT_THAT(summary->runs, ElementsAre("host_1.17"));
  EXPECT_EQ(summary->slices, 7);
  EXPECT_THAT(summary->left_out, ElementsAre(Pair("python_function", 2)));
  Load();
  const store::ProfileSlices slices = Slices("host_1.17");
  std::vector<std::tuple<std::string, Kind, int64_t, int64_t, Step>> rows;
  for (size_t i = 0; i < slices.size(); ++i) {
    rows.emplace_back(slices.names[slices.name[i]], slices.kind[i],
                      slices.start_ns[i] - 1'700'000'000'000'000'000, slices.duration_ns[i],
                      slices.step[i]);
  }
  // A kernel has the step of its call, whenever it runs; work without a known call, that of its
  // time.
  EXPECT_THAT(rows, ::testing::UnorderedElementsAre(
                        std::tuple("ProfilerStep", Kind::kPhase, 10'001, 90'000, 7),
                        std::tuple("forward \"größe\"", Kind::kPhase, 20'000, 60'500, 7),
                        std::tuple("aten::mm", Kind::kCall, 21'000, 9'000, 7),
                        std::tuple("cudaLaunchKernel", Kind::kCall, 22'000, 5'000, 7),
                        std::tuple("ProfilerStep", Kind::kPhase, 101'000, 50'000, 8),
                        std::tuple("gemm", Kind::kKernel, 120'500, 4'000, 7),
                        std::tuple("Memcpy HtoD", Kind::kCopy, 130'000, 1'000, 8)));
  for (size_t i = 0; i < slices.size(); ++i) {
    const bool is_call = slices.kind[i] == Kind::kCall;
    const bool is_second_device = slices.kind[i] == Kind::kCopy;
    const uint32_t stream = is_call ? 9 : is_second_device ? 1007 : 7;
    EXPECT_EQ(slices.stream[i], slices.kind[i] == Kind::kPhase ? 0 : stream);
  }
}

TEST_F(TraceTest, MayBeGzipAndTablesToo) {
  ASSERT_TRUE(TryImport(WritePacked("a.pt.trace.json.gz", kTrace)).ok());
  ASSERT_TRUE(TryImport(WritePacked("table.csv.gz", "step,loss\n1,0.5\n")).ok());
  Load();
  EXPECT_EQ(Slices("a").size(), 7u);
  EXPECT_THAT(AllPoints("table", "loss", 10).value, ElementsAre(0.5));
}

TEST_F(TraceTest, JoinsTheRunBesideItsMetrics) {
  EventBuilder(1.25).Scalar("loss", 9, 0.5f).AppendTo(EventFile("a"));
  // Of two ranks, with the same steps.
  const std::vector<std::string> files = {Write("0.json", kTrace), Write("1.json", kTrace)};
  const auto summary =
      ImportFiles({.files = files, .logdir = logdir(), .run = "a", .append = true});
  ASSERT_TRUE(summary.ok()) << summary.error().ToString();
  EXPECT_EQ(summary->slices, 14);
  Load();
  EXPECT_EQ(Slices("a").size(), 14u);
  EXPECT_THAT(AllPoints("a", "loss", 10).value, ElementsAre(0.5));
}

// Every rank has a stream 7, and a call of the number 5.
TEST_F(TraceTest, KeepsRanksApart) {
  std::vector<std::string> files;
  for (const int rank : {0, 1, 3}) {
    const std::string info =
        StrCat(R"({"distributedInfo": {"backend": "rank", "rank": )", rank,
               R"(, "world_size": 8, "pg_config": [{"rank": 5}]}, "rank": 6, )");
    files.push_back(Write(StrCat(rank, ".json"), info + (kTrace + 1)));
  }
  ASSERT_TRUE(ImportFiles({.files = files, .logdir = logdir(), .run = "a", .append = true}).ok());
  Load();
  const store::ProfileSlices slices = Slices("a");
  std::map<uint32_t, uint32_t> stream_of_call;  // by correlation id
  std::vector<uint32_t> streams;
  for (size_t i = 0; i < slices.size(); ++i) {
    if (slices.kind[i] != Kind::kKernel) continue;
    streams.push_back(slices.stream[i]);
    EXPECT_TRUE(stream_of_call.emplace(slices.correlation_id[i], slices.stream[i]).second);
  }
  EXPECT_THAT(streams, ::testing::UnorderedElementsAre(7, 1007, 3007));
  int calls = 0;
  for (size_t i = 0; i < slices.size(); ++i) {
    const bool is_call = slices.kind[i] == Kind::kCall && slices.correlation_id[i] != 0;
    if (is_call) calls += static_cast<int>(stream_of_call.count(slices.correlation_id[i]));
  }
  EXPECT_EQ(calls, 3);
}

TEST_F(TraceTest, IsNotImportedIntoTheRunThatShowsItAnyway) {
  std::filesystem::create_directories(logdir() + "/a");
  const std::string path = logdir() + "/a/host_1.2.pt.trace.json";
  ASSERT_TRUE(WriteFileAtomically(path, kTrace).ok());
  const auto summary =
      ImportFiles({.files = {path}, .logdir = logdir(), .run = "a", .append = true});
  ASSERT_FALSE(summary.ok());
  EXPECT_THAT(summary.error().message, HasSubstr("a server reads it by itself"));
  EXPECT_TRUE(ImportFiles({.files = {path}, .logdir = logdir(), .run = "b"}).ok());
}

// What is whole before a cut is kept, and the cut is told: by the import, and by the run.
TEST_F(TraceTest, IsReadUpToWhereItIsCut) {
  const std::string text = kTrace;
  const size_t begin = text.find("traceEvents\": [") + 15;
  int64_t kept = 7;
  for (size_t cut = text.rfind(']'); cut > begin; cut -= std::min<size_t>(cut, 19)) {
    const std::string path = Write("cut.json", text.substr(0, cut));
    const auto summary =
        ImportFiles({.files = {path}, .logdir = logdir(), .run = StrCat("cut", cut)});
    if (!summary.ok()) {
      EXPECT_THAT(summary.error().message, HasSubstr("cut.json, line"));
      kept = 0;
      continue;
    }
    EXPECT_LE(summary->slices, kept) << cut;
    EXPECT_GE(summary->slices, cut == text.rfind(']') ? 7 : 1);
    kept = summary->slices;
    EXPECT_THAT(summary->warnings, ElementsAre(HasSubstr("cut.json: the trace is damaged")));
  }
  EXPECT_EQ(kept, 0);
  Load();
  const auto runs = store_->ReadRuns();
  EXPECT_GT(runs->size(), 40u);
  for (const store::Run& run : *runs) {
    const auto warnings = store_->ReadWarnings(run.id);
    ASSERT_EQ(warnings->size(), 1u) << run.name;
    EXPECT_THAT(warnings->front().message,
                HasSubstr("slices are kept, what follows is lost (line"));
    EXPECT_GE(Slices(run.name).size(), 1u);
  }
}

TEST_F(TraceTest, SaysWhatIsWrongWithADamagedOne) {
  const std::string packed = WritePacked("whole.json.gz", kTrace);
  std::string bytes;
  ASSERT_TRUE(RandomAccessFile::Open(packed)->Read(0, 1 << 20, &bytes).ok());
  int64_t slices = 7;
  for (size_t cut = bytes.size() - 1; cut > 10; cut -= std::min<size_t>(cut, 23)) {
    const std::string path = Write("cut.json.gz", bytes.substr(0, cut));
    const auto summary =
        ImportFiles({.files = {path}, .logdir = folder_.File("packed"), .run = StrCat(cut)});
    if (!summary.ok()) {
      EXPECT_THAT(summary.error().message, HasSubstr("cut.json.gz"));
      slices = 0;
      continue;
    }
    EXPECT_THAT(summary->warnings, ElementsAre(HasSubstr("compressed file ends early")));
    EXPECT_LE(summary->slices, slices);
    EXPECT_GE(summary->slices, cut == bytes.size() - 1 ? 7 : 1);
    slices = summary->slices;
  }
  EXPECT_EQ(slices, 0);
  std::string odd = bytes;
  odd[bytes.size() - 6] ^= 0x55;  // of the checksum
  const auto summary = ImportFiles(
      {.files = {Write("odd.json.gz", odd)}, .logdir = folder_.File("packed"), .run = "odd"});
  ASSERT_TRUE(summary.ok()) << summary.error().ToString();
  EXPECT_THAT(summary->warnings, ElementsAre(HasSubstr("the compressed file is damaged")));
  EXPECT_THAT(ErrorOf(Write("none.json", R"({"traceEvents": []})")),
              HasSubstr("none.json: the trace has no operators, annotations or kernels"));
  EXPECT_TRUE(!std::filesystem::exists(logdir()) || std::filesystem::is_empty(logdir()));
}

TEST_F(TraceTest, IsToldFromLinesOfJson) {
  EXPECT_FALSE(*IsTrace(Write("lines.jsonl", "{\"loss\": 1}\n{\"traceEvents\": [1]}\n")));
  EXPECT_FALSE(*IsTrace(Write("deep.json", R"({"a": {"traceEvents": []}, "b": "traceEvents"})")));
  EXPECT_FALSE(*IsTrace(Write("number.json", R"({"traceEvents": 3})")));
  EXPECT_FALSE(*IsTrace(Write("empty.json", "")));
  EXPECT_TRUE(
      *IsTrace(Write("late.json", " {\"a\": \"\\\"\", \"b\": [{}], \"traceEvents\" :\n []}")));
}

TEST_F(TraceTest, TellsTimesToTheNanosecond) {
  const auto ns = [](std::string_view text) {
    int64_t value = -1;
    return ParseMicroseconds(text, &value) ? value : -1;
  };
  EXPECT_EQ(ns("1790857026123456.789"), 1'790'857'026'123'456'789);
  EXPECT_EQ(ns("0.5"), 500);
  EXPECT_EQ(ns("12"), 12'000);
  EXPECT_EQ(ns("1.23456"), 1234);
  EXPECT_EQ(ns("1e3"), 1'000'000);
  EXPECT_EQ(ns("-0.5"), -500);
  for (const char* text : {"", "x", "1e300", "nan", "inf", "9007199254740993000000"}) {
    EXPECT_EQ(ns(text), -1) << text;
  }
}

// The figures are those that other readers of the same traces have counted.
TEST_F(TraceTest, ReadsRealTraces) {
  const char* data = std::getenv("SPIROGRAM_TEST_DATA");
  const std::string folder = StrCat(data == nullptr ? "" : data, "/profiles/");
  if (data == nullptr || !std::filesystem::exists(folder + "kineto_b200_eager.json.gz")) {
    GTEST_SKIP() << "SPIROGRAM_TEST_DATA has no traces";
  }
  for (const auto& [name, kernels, others] :
       {std::tuple("kineto_b200_eager", 768, 161), std::tuple("kineto_h100_qwen", 1465, 242),
        std::tuple("kineto_nccl_rank0", 1154, 50)}) {
    const auto summary = TryImport(StrCat(folder, name, ".json.gz"));
    ASSERT_TRUE(summary.ok()) << summary.error().ToString();
    Load();
    std::map<Kind, int> counts;
    for (const Kind kind : Slices(name).kind) ++counts[kind];
    EXPECT_EQ(counts[Kind::kKernel], kernels) << name;
    EXPECT_EQ(counts[Kind::kCopy] + counts[Kind::kMemset], others) << name;
  }
}

}  // namespace
}  // namespace spirogram::transfer

// Damage to real files, and to one that holds every kind: whatever is cut, flipped or put between,
// the records that it spares come out exact, and the bytes that are lost are told.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <map>
#include <random>
#include <set>

#include "base/crc32c.h"
#include "base/str.h"
#include "store/event_file.h"
#include "tests/store/store_fixture.h"
#include "tests/testing/every_kind.h"

namespace spirogram::store {
namespace {

using testing::EventBuilder;

// A file without damage, and where its records stand. A record's end is the next one's begin.
struct WholeFile {
  std::string name;
  std::string bytes;
  std::vector<uint64_t> ends;

  size_t count() const { return ends.size(); }
  uint64_t begin(size_t i) const { return i == 0 ? 0 : ends[i - 1]; }
  std::string_view framed(size_t i) const {
    return std::string_view(bytes).substr(begin(i), ends[i] - begin(i));
  }
  std::string_view data(size_t i) const { return ParseRecord(framed(i)).data; }
  size_t IndexAt(uint64_t offset) const {
    return static_cast<size_t>(std::upper_bound(ends.begin(), ends.end(), offset) - ends.begin());
  }
};

WholeFile Split(std::string name, std::string bytes) {
  WholeFile file{std::move(name), std::move(bytes), {}};
  uint64_t offset = 0;
  while (offset < file.bytes.size()) {
    const ParsedRecord record = ParseRecord(std::string_view(file.bytes).substr(offset));
    CHECK(record.state == RecordState::kRecord);
    file.ends.push_back(offset += record.bytes_used);
  }
  return file;
}

WholeFile FileOfEveryKind() {
  return Split("every kind", testing::EveryKind().bytes());
}

// Files that TensorFlow 1 and PyTorch wrote; none where they are not at hand.
std::vector<WholeFile> RealFiles() {
  const char* set = std::getenv("SPIROGRAM_TEST_DATA");
  const std::filesystem::path folder =
      std::filesystem::path(set != nullptr ? set : "../shared/data") / "events";
  std::vector<WholeFile> files;
  if (!std::filesystem::exists(folder)) return files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (!entry.is_regular_file() || entry.path().string().find("tfevents") == std::string::npos) {
      continue;
    }
    files.push_back(Split(entry.path().string(), ReadFile(entry.path(), 1 << 24).value()));
  }
  return files;
}

struct Outcome {
  std::vector<uint64_t> offsets;
  std::vector<std::string> records;
  std::vector<LostRange> lost;
  FilePosition position;

  // Ranges that touch are one: where one damage ends and the next begins is not the point.
  std::vector<std::pair<uint64_t, uint64_t>> LostBytes() const {
    std::vector<std::pair<uint64_t, uint64_t>> ranges;
    for (const LostRange& range : lost) {
      if (!ranges.empty() && ranges.back().second == range.offset) {
        ranges.back().second += range.bytes;
      } else {
        ranges.emplace_back(range.offset, range.offset + range.bytes);
      }
    }
    return ranges;
  }
};

Outcome ReadToEnd(const std::string& path, FilePosition from = {}) {
  EventFileReader reader(path, from);
  Outcome outcome;
  while (true) {
    const auto result = reader.Read(uint64_t{1} << 40, [&](std::span<const FramedRecord> records) {
      for (const FramedRecord& record : records) {
        outcome.offsets.push_back(record.offset);
        outcome.records.emplace_back(record.data);
      }
      return records.size();
    });
    CHECK(result.ok() && !result->is_replaced);
    outcome.lost.insert(outcome.lost.end(), result->lost.begin(), result->lost.end());
    if (result->is_at_end) break;
  }
  outcome.position = reader.position();
  return outcome;
}

// Where a reader of `bytes` stands at `offset`.
FilePosition PositionAt(std::string_view bytes, uint64_t offset) {
  const uint64_t before = std::min<uint64_t>(offset, 256);
  return {offset, Crc32c(bytes.substr(offset - before, before))};
}

// The file on the disk, with a few bytes of it changed at a time.
class Patient {
 public:
  Patient(std::string path, std::string_view bytes) : path_(std::move(path)), bytes_(bytes) {
    CHECK(WriteFileAtomically(path_, bytes).ok());
    file_ = FileDescriptor(open(path_.c_str(), O_WRONLY | O_CLOEXEC));
    CHECK(file_.is_open());
  }
  void FlipBit(uint64_t bit) {
    const auto flipped = static_cast<char>(bytes_[bit / 8] ^ (1 << (bit % 8)));
    CHECK(pwrite(file_.get(), &flipped, 1, static_cast<off_t>(bit / 8)) == 1);
  }
  void Heal(uint64_t bit) {
    CHECK(pwrite(file_.get(), &bytes_[bit / 8], 1, static_cast<off_t>(bit / 8)) == 1);
  }
  void CutTo(uint64_t size) { CHECK(ftruncate(file_.get(), static_cast<off_t>(size)) == 0); }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
  std::string_view bytes_;
  FileDescriptor file_;
};

class DamageTest : public StoreFixture {
 protected:
  std::string path() const { return folder_.File("patient"); }

  // Cuts the file at every byte, and reads it from its start or, where it is long, from the record
  // before the cut.
  void CheckCuts(const WholeFile& file) {
    Patient patient(path(), file.bytes);
    for (uint64_t size = file.bytes.size() + 1; size-- > 0;) {
      patient.CutTo(size);
      const size_t whole = file.IndexAt(size);
      const size_t first = size < 20'000 || whole == 0 ? 0 : whole - 1;
      const Outcome outcome = ReadToEnd(path(), PositionAt(file.bytes, file.begin(first)));
      ASSERT_EQ(outcome.records.size(), whole - first) << file.name << " cut to " << size;
      for (size_t i = first; i < whole; ++i) {
        ASSERT_EQ(outcome.records[i - first], file.data(i)) << file.name << " cut to " << size;
      }
      ASSERT_TRUE(outcome.lost.empty()) << file.name << " cut to " << size;
      ASSERT_EQ(outcome.position.offset, file.begin(whole)) << file.name << " cut to " << size;
    }
  }

  // Flips one to three bits, `rounds` times.
  void CheckFlips(const WholeFile& file, int rounds, uint64_t seed) {
    std::mt19937_64 random(seed);
    Patient patient(path(), file.bytes);
    for (int round = 0; round < rounds; ++round) {
      std::vector<uint64_t> bits(1 + random() % 3);
      std::set<size_t> hit;
      for (uint64_t& bit : bits) {
        bit = random() % (file.bytes.size() * 8);
        patient.FlipBit(bit);
        hit.insert(file.IndexAt(bit / 8));
      }
      CheckOutcome(file, hit, ReadToEnd(path()), StrCat(file.name, ", round ", round));
      for (const uint64_t bit : bits) patient.Heal(bit);
      if (HasFatalFailure()) return;
    }
  }

  static void CheckOutcome(const WholeFile& file, const std::set<size_t>& hit,
                           const Outcome& outcome, const std::string& where) {
    std::vector<std::pair<uint64_t, uint64_t>> lost;
    for (const size_t i : hit) {
      if (!lost.empty() && lost.back().second == file.begin(i)) {
        lost.back().second = file.ends[i];
      } else {
        lost.emplace_back(file.begin(i), file.ends[i]);
      }
    }
    ASSERT_EQ(outcome.LostBytes(), lost) << where;
    ASSERT_EQ(outcome.records.size(), file.count() - hit.size()) << where;
    size_t next = 0;
    for (size_t i = 0; i < file.count(); ++i) {
      if (hit.contains(i)) continue;
      ASSERT_EQ(outcome.offsets[next], file.begin(i)) << where;
      ASSERT_EQ(outcome.records[next], file.data(i)) << where;
      ++next;
    }
  }
};

TEST_F(DamageTest, EveryCutOfAFileOfEveryKindKeepsItsWholeRecords) {
  CheckCuts(FileOfEveryKind());
}

TEST_F(DamageTest, EveryCutOfRealFilesKeepsTheirWholeRecords) {
  const auto files = RealFiles();
  if (files.empty()) GTEST_SKIP() << "no real event files: set SPIROGRAM_TEST_DATA";
  for (const WholeFile& file : files) CheckCuts(file);
}

TEST_F(DamageTest, TenThousandFlipsInAFileOfEveryKindCostOnlyTheRecordsThatTheyHit) {
  CheckFlips(FileOfEveryKind(), 10'000, 1);
}

TEST_F(DamageTest, TenThousandFlipsInEachRealFileCostOnlyTheRecordsThatTheyHit) {
  const auto files = RealFiles();
  if (files.empty()) GTEST_SKIP() << "no real event files: set SPIROGRAM_TEST_DATA";
  for (size_t i = 0; i < files.size(); ++i) CheckFlips(files[i], 10'000, 100 + i);
}

// A writer died at any byte of a record, and another one went on in the same file.
TEST_F(DamageTest, AFileThatGoesOnBehindATornRecordLosesTheTornOneAlone) {
  const WholeFile file = FileOfEveryKind();
  for (uint64_t cut = 0; cut <= file.bytes.size(); ++cut) {
    ASSERT_TRUE(WriteFileAtomically(path(), file.bytes.substr(0, cut) + file.bytes).ok());
    const size_t whole = file.IndexAt(cut);
    const uint64_t torn = file.begin(whole);
    // The rule of a header that holds: where another one follows at the declared end, the bytes up
    // to there are the record's.
    uint64_t resumes = cut;
    if (cut - torn >= kRecordHeaderBytes) {
      const uint64_t declared_end = file.ends[whole] - cut;
      const size_t at = file.IndexAt(declared_end);
      if (file.begin(at) == declared_end) resumes = cut + declared_end;
    }
    const Outcome outcome = ReadToEnd(path());
    const size_t swallowed = file.IndexAt(resumes - cut);
    ASSERT_EQ(outcome.records.size(), whole + file.count() - swallowed) << cut;
    ASSERT_EQ(outcome.records.back(), file.data(file.count() - 1)) << cut;
    if (cut == torn) {
      ASSERT_TRUE(outcome.lost.empty()) << cut;
    } else {
      ASSERT_EQ(outcome.lost.size(), 1u) << cut;
      ASSERT_EQ(outcome.lost[0].offset, torn) << cut;
      ASSERT_EQ(outcome.lost[0].bytes, resumes - torn) << cut;
    }
  }
}

TEST_F(DamageTest, AStoreReadsOnBehindATornRecordOnceNobodyHasWrittenForAMinute) {
  EventBuilder torn;
  torn.Texts("t", 0, "text", {}, {std::string(100'000, 't')});
  EventBuilder whole;
  whole.Scalar("x", 1, 1).Scalar("x", 2, 2);
  ASSERT_TRUE(MakeFolders(logdir() + "/run").ok());
  const std::string bytes = EventBuilder().Scalar("x", 0, 0).bytes() + torn.bytes().substr(0, 500);
  ASSERT_TRUE(WriteFileAtomically(EventFile("run"), bytes + whole.bytes()).ok());
  Load();
  EXPECT_EQ(Steps("run", "x").size(), 1u);
  std::filesystem::last_write_time(
      EventFile("run"), std::filesystem::file_time_type::clock::now() - std::chrono::minutes(2));
  ASSERT_TRUE(store_->LoadOnce().ok());
  EXPECT_EQ(Steps("run", "x").size(), 3u);
  const auto warnings = store_->ReadWarnings(FindRun("run").id);
  ASSERT_EQ(warnings->size(), 1u);
  EXPECT_EQ((*warnings)[0].bytes_lost, 500u);
  EXPECT_TRUE((*warnings)[0].message.starts_with("torn record: got 500 bytes"))
      << (*warnings)[0].message;
}

TEST_F(DamageTest, GarbageBetweenAnyTwoRecordsIsSkippedAndTold) {
  const WholeFile file = FileOfEveryKind();
  std::mt19937_64 random(7);
  for (size_t before = 0; before <= file.count(); ++before) {
    std::string garbage(1 + random() % 300, '\0');
    for (char& byte : garbage) byte = static_cast<char>(random());
    std::string bytes = file.bytes;
    bytes.insert(file.begin(before), garbage);
    ASSERT_TRUE(WriteFileAtomically(path(), bytes).ok());
    const Outcome outcome = ReadToEnd(path());
    ASSERT_EQ(outcome.records.size(), file.count()) << before;
    for (size_t i = 0; i < file.count(); ++i) ASSERT_EQ(outcome.records[i], file.data(i));
    // Fewer bytes than a header at the end may become one: they wait.
    if (before == file.count() && garbage.size() < kRecordHeaderBytes) continue;
    ASSERT_EQ(outcome.lost.size(), 1u) << before;
    ASSERT_EQ(outcome.lost[0].offset, file.begin(before));
    ASSERT_EQ(outcome.lost[0].bytes, garbage.size());
    ASSERT_EQ(outcome.lost[0].is_tail, before == file.count());
  }
}

// What a reader that shares no code with the store makes of the records that were spared.
struct Expected {
  std::map<std::string, int64_t> counts;  // of values, by tag
  std::map<std::string, std::multimap<Step, float>> scalars;

  void Add(std::string_view record) {
    proto::Event event;
    CHECK(event.ParseFromArray(record.data(), static_cast<int>(record.size())));
    for (const auto& value : event.summary().value()) {
      ++counts[value.tag()];
      if (value.value_case() == proto::Summary::Value::kSimpleValue) {
        scalars[value.tag()].emplace(event.step(), value.simple_value());
      }
    }
    if (event.has_tagged_run_metadata()) ++counts[event.tagged_run_metadata().tag()];
    if (!event.graph_def().empty() || !event.meta_graph_def().empty()) ++counts["__run_graph__"];
  }
};

TEST_F(DamageTest, TheStoreHoldsExactlyTheValuesThatDamageSpared) {
  std::vector<WholeFile> files = RealFiles();
  files.push_back(FileOfEveryKind());
  std::mt19937_64 random(13);
  std::map<std::string, Expected> expected;  // by run
  for (const WholeFile& file : files) {
    for (int variant = 0; variant < 30; ++variant) {
      std::string bytes = file.bytes;
      std::set<size_t> hit;
      for (int flips = variant % 4; flips > 0; --flips) {
        const uint64_t bit = random() % (bytes.size() * 8);
        bytes[bit / 8] = static_cast<char>(bytes[bit / 8] ^ (1 << (bit % 8)));
        hit.insert(file.IndexAt(bit / 8));
      }
      if (variant % 3 == 0) bytes.resize(random() % bytes.size());
      const std::string run = StrCat("run_", expected.size());
      ASSERT_TRUE(MakeFolders(logdir() + "/" + run).ok());
      ASSERT_TRUE(WriteFileAtomically(EventFile(run), bytes).ok());
      const size_t whole = file.IndexAt(bytes.size());
      for (size_t i = 0; i < whole; ++i) {
        if (!hit.contains(i)) expected[run].Add(file.data(i));
      }
      expected.try_emplace(run);
    }
  }
  Load();
  std::map<std::string, RunId> ids;
  const auto runs = store_->ReadRuns();
  for (const store::Run& run : *runs) ids[run.name] = run.id;
  for (const auto& [run, want] : expected) {
    std::map<std::string, int64_t> counts;
    const auto tags = store_->ReadTags(std::vector<RunId>{ids[run]});
    for (const Tag& tag : *tags) counts[tag.name] = tag.count;
    EXPECT_EQ(counts, want.counts) << run;
    for (const auto& [tag, points] : want.scalars) {
      const ScalarRows rows = Scalars(run, tag);
      std::multimap<Step, float> got;
      for (size_t i = 0; i < rows.size(); ++i) {
        got.emplace(rows.step[i], static_cast<float>(rows.mean[i]));
      }
      EXPECT_EQ(got, points) << run << " " << tag;
    }
  }
}

}  // namespace
}  // namespace spirogram::store

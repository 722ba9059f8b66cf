// Framing, and the reader that passes damage. The input is a recipe for a file: records whose
// checksums hold would else never come about. Whatever the file, it reads the same in one go, in
// the smallest turns, and while it grows; and what is neither a record nor waiting is told as lost.
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <string>
#include <vector>

#include "base/check.h"
#include "base/crc32c.h"
#include "base/record.h"
#include "base/str.h"
#include "store/event_file.h"
#include "tests/fuzz/input.h"

namespace spirogram::fuzz {
namespace {

using store::EventFileReader;
using store::LostRange;

constexpr size_t kFileBytesMax = size_t{1} << 14;

void AppendHeader(uint64_t length, std::string* file) {
  const size_t start = file->size();
  file->append(reinterpret_cast<const char*>(&length), sizeof length);
  const uint32_t crc = MaskedCrc32c(std::string_view(*file).substr(start));
  file->append(reinterpret_cast<const char*>(&crc), sizeof crc);
}

void AppendDamagedRecord(std::string_view data, size_t from_end, std::string* file) {
  AppendRecord(data, file);
  char& byte = (*file)[file->size() - 1 - from_end];
  byte = static_cast<char>(byte ^ 0x10);
}

// One step of the recipe: what to append, and as many bytes of the input as it takes.
void Cook(Input* input, std::string* file) {
  const auto what = input->Take<uint8_t>();
  const auto size = input->Take<uint8_t>();
  switch (what % 8) {
    case 0:
      AppendRecord(input->TakeBytes(size), file);
      break;
    case 1:
      file->append(input->TakeBytes(size));
      break;
    case 2:
      AppendDamagedRecord(input->TakeBytes(size), 0, file);  // its data's checksum
      break;
    case 3: {
      const std::string_view data = input->TakeBytes(size);
      AppendDamagedRecord(data, data.size() + kRecordFooterBytes, file);  // its length's checksum
      break;
    }
    case 4:
      AppendHeader(input->Take<uint64_t>(), file);
      break;
    case 5:
      file->append(size_t{size} * 8, '\0');
      break;
    case 6:
      AppendRecord(std::string(*file, 0, 4096), file);  // a file within a record
      break;
    default:
      AppendDamagedRecord(std::string(*file, 0, 4096), size % 16, file);
  }
}

// A file in memory that a reader can open by a path.
class MemoryFile {
 public:
  MemoryFile() : file_(memfd_create("fuzz", MFD_CLOEXEC)) { CHECK(file_.is_open()); }
  void Append(std::string_view bytes) {
    CHECK(write(file_.get(), bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size()));
  }
  std::string path() const { return StrCat("/proc/self/fd/", file_.get()); }

 private:
  FileDescriptor file_;
};

struct Outcome {
  std::vector<std::pair<uint64_t, std::string>> records;
  std::vector<std::pair<uint64_t, uint64_t>> lost;  // for good: ranges that touch are one
  uint64_t offset = 0;

  bool operator==(const Outcome&) const = default;
};

void ReadOn(EventFileReader* reader, uint64_t bytes_max, Outcome* outcome) {
  bool is_at_end = false;
  while (!is_at_end) {
    const auto result = reader->Read(bytes_max, [&](std::span<const FramedRecord> records) {
      for (const FramedRecord& record : records) {
        outcome->records.emplace_back(record.offset, record.data);
      }
      return records.size();
    });
    CHECK(result.ok() && !result->is_replaced);
    for (const LostRange& range : result->lost) {
      if (range.is_tail) continue;
      if (!outcome->lost.empty() && outcome->lost.back().second == range.offset) {
        outcome->lost.back().second += range.bytes;
      } else {
        outcome->lost.emplace_back(range.offset, range.offset + range.bytes);
      }
    }
    is_at_end = result->is_at_end;
  }
  outcome->offset = reader->position().offset;
}

// Records and lost ranges lie side by side up to where the reader waits.
void CheckTiling(const std::string& file, const Outcome& outcome) {
  uint64_t at = 0;
  size_t lost = 0;
  const auto pass_lost = [&] {
    if (lost < outcome.lost.size() && outcome.lost[lost].first == at)
      at = outcome.lost[lost++].second;
  };
  for (const auto& [offset, data] : outcome.records) {
    pass_lost();
    CHECK(offset == at);
    const ParsedRecord record = ParseRecord(std::string_view(file).substr(offset));
    CHECK(record.state == RecordState::kRecord && record.data == data);
    at += record.bytes_used;
  }
  pass_lost();
  CHECK(at == outcome.offset && lost == outcome.lost.size() && at <= file.size());
}

}  // namespace
}  // namespace spirogram::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace spirogram::fuzz;  // NOLINT: the one function of this file that stands outside
  Input input(data, size);
  const auto cut = input.Take<uint16_t>();
  std::string file;
  while (!input.is_empty() && file.size() < kFileBytesMax) Cook(&input, &file);

  MemoryFile whole;
  whole.Append(file);
  Outcome at_once;
  EventFileReader first(whole.path(), {});
  ReadOn(&first, UINT64_MAX, &at_once);
  CheckTiling(file, at_once);

  Outcome in_turns;
  EventFileReader second(whole.path(), {});
  ReadOn(&second, 1, &in_turns);
  CHECK(in_turns == at_once);

  MemoryFile growing;
  Outcome grown;
  EventFileReader third(growing.path(), {});
  const std::string_view bytes = file;
  const size_t middle = cut % (bytes.size() + 1);
  growing.Append(bytes.substr(0, middle));
  ReadOn(&third, UINT64_MAX, &grown);
  growing.Append(bytes.substr(middle));
  ReadOn(&third, UINT64_MAX, &grown);
  CHECK(grown == at_once);
  return 0;
}

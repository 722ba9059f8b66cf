// Traces of PyTorch's profiler: what a file says in "traceEvents", and the records that come of it.
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <string>
#include <string_view>

#include "base/check.h"
#include "base/str.h"
#include "tests/fuzz/input.h"
#include "transfer/json_objects.h"
#include "transfer/trace_file.h"

namespace spirogram::transfer {
namespace {

// A file in memory that has a path.
class MemoryFile {
 public:
  explicit MemoryFile(std::string_view content) : fd_(memfd_create("trace", MFD_CLOEXEC)) {
    CHECK(fd_ >= 0);
    CHECK(write(fd_, content.data(), content.size()) == static_cast<ssize_t>(content.size()));
  }
  ~MemoryFile() { close(fd_); }
  MemoryFile(const MemoryFile&) = delete;
  MemoryFile& operator=(const MemoryFile&) = delete;

  std::string path() const { return StrCat("/proc/self/fd/", fd_); }

 private:
  int fd_;
};

void ReadAll(std::string_view content) {
  const MemoryFile file(content);
  const auto trace = ReadTrace(file.path(), nullptr);
  if (!trace.ok()) {
    CHECK(!trace.error().message.empty());
    return;
  }
  CHECK(trace->slices.size() > 0 && trace->slices.size() <= trace->events);
  size_t bytes = 0;
  const Status status = trace->slices.WriteRecords(1e9, [&bytes](std::string_view records) {
    bytes += records.size();
    return Status();
  });
  CHECK(status.ok() && bytes > 0);
}

// Where an object ends does not depend on the pieces in which it is read.
void FindEnd(std::string_view object, size_t cut) {
  ObjectEnd whole;
  const size_t size = whole.Scan(object);
  ObjectEnd pieces;
  const std::string_view first = object.substr(0, std::min(cut, object.size()));
  size_t taken = pieces.Scan(first);
  if (!pieces.is_found()) taken += pieces.Scan(object.substr(taken));
  CHECK(taken == size && pieces.is_found() == whole.is_found());
}

}  // namespace
}  // namespace spirogram::transfer

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace spirogram::transfer;  // NOLINT: the one function of this file that stands outside
  spirogram::fuzz::Input input(data, size);
  const auto cut = input.Take<uint16_t>();
  const std::string_view events = input.rest();
  ReadAll(spirogram::StrCat(R"({"traceEvents": [)", events));
  FindEnd(spirogram::StrCat("{", events), cut);
  return 0;
}

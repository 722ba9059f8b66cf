#include "base/file_mapping.h"

#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <functional>
#include <mutex>
#include <utility>

#include "base/str.h"

namespace spirogram {

// In static memory, where the signal's handler finds it without a lock.
struct MappedRange {
  std::atomic<bool> is_taken = false;
  std::atomic<bool> is_whole = true;
  std::atomic<const char*> begin = nullptr;
  std::atomic<const char*> end = nullptr;
};

namespace {

std::array<MappedRange, FileMapping::kMappingsMax> ranges;
struct sigaction action_before;

// A page of zeros takes the place of the one that is not there: the read that failed goes on with
// it. Calls nothing that a signal's handler may not.
void ReplaceLostPage(int /*signal*/, siginfo_t* info, void* /*context*/) {
  auto* const address = static_cast<char*>(info->si_addr);
  const size_t page_bytes = FileMapping::PageBytes();
  const int errno_before = errno;
  for (MappedRange& range : ranges) {
    const std::less<const char*> is_before;  // also of pointers into other memory
    if (is_before(address, range.begin) || !is_before(address, range.end)) continue;
    char* page = address - reinterpret_cast<uintptr_t>(address) % page_bytes;
    const void* zeros =
        mmap(page, page_bytes, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
    if (zeros == MAP_FAILED) break;
    range.is_whole = false;
    errno = errno_before;
    return;
  }
  // None of ours: it is raised again, to whoever had it before.
  sigaction(SIGBUS, &action_before, nullptr);
}

void TakeSignal() {
  FileMapping::PageBytes();  // asks the system, which the handler may not
  struct sigaction action {};
  action.sa_sigaction = ReplaceLostPage;
  action.sa_flags = SA_SIGINFO | SA_RESTART;
  sigemptyset(&action.sa_mask);
  sigaction(SIGBUS, &action, &action_before);
}

MappedRange* TakeRange() {
  for (MappedRange& range : ranges) {
    if (!range.is_taken.exchange(true)) return &range;
  }
  return nullptr;
}

}  // namespace

size_t FileMapping::PageBytes() {
  static const auto bytes = static_cast<size_t>(sysconf(_SC_PAGESIZE));
  return bytes;
}

Result<FileMapping> FileMapping::Map(const RandomAccessFile& file, uint64_t offset, size_t bytes) {
  static std::once_flag is_signal_taken;
  std::call_once(is_signal_taken, TakeSignal);
  MappedRange* range = TakeRange();
  if (range == nullptr) return Unavailable(StrCat("more than ", kMappingsMax, " mappings"));
  void* memory =
      mmap(nullptr, bytes, PROT_READ, MAP_SHARED, file.descriptor(), static_cast<off_t>(offset));
  if (memory == MAP_FAILED) {
    const int error = errno;
    range->is_taken = false;
    return ErrnoError(StrCat("map ", file.path()), error);
  }
  range->is_whole = true;
  range->begin = static_cast<const char*>(memory);
  range->end = range->begin + bytes;
  return FileMapping(range);
}

FileMapping::FileMapping(FileMapping&& other) noexcept
    : range_(std::exchange(other.range_, nullptr)) {}

FileMapping& FileMapping::operator=(FileMapping&& other) noexcept {
  std::swap(range_, other.range_);
  return *this;
}

FileMapping::~FileMapping() {
  if (range_ == nullptr) return;
  const std::string_view bytes = view();
  range_->end = nullptr;
  munmap(const_cast<char*>(bytes.data()), bytes.size());
  range_->is_taken = false;
}

std::string_view FileMapping::view() const {
  if (range_ == nullptr) return {};
  const char* begin = range_->begin;
  return {begin, static_cast<size_t>(range_->end - begin)};
}

bool FileMapping::IsWhole() const {
  return range_ == nullptr || range_->is_whole;
}

}  // namespace spirogram

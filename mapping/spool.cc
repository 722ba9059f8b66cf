#include "mapping/spool.h"

#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <string_view>
#include <utility>

#include "base/file.h"
#include "base/str.h"

namespace spirogram::mapping {
namespace {

constexpr size_t kBlockBytes = size_t{1} << 20;
constexpr size_t kHeadBytes = size_t{1} << 16;
constexpr int kPollMs = 100;

}  // namespace

Result<SpooledInput> SpooledInput::Read(int descriptor, int64_t bytes_max,
                                        const std::stop_token& stop) {
  ASSIGN_OR_RETURN(TempFolder folder, TempFolder::Make());
  SpooledInput input(std::move(folder));
  ASSIGN_OR_RETURN(AppendFile file, AppendFile::Open(input.path()));
  std::string block(kBlockBytes, '\0');
  for (int64_t bytes = 0;;) {
    // A pipe may be silent for long: the wait must not hold up Ctrl-C.
    pollfd waiting{descriptor, POLLIN, 0};
    const int ready = poll(&waiting, 1, kPollMs);
    if (stop.stop_requested()) return Cancelled("reading was cancelled");
    if (ready == 0 || (ready < 0 && errno == EINTR)) continue;
    const ssize_t got = read(descriptor, block.data(), block.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return ErrnoError("read the input", errno);
    if (got == 0) return input;
    bytes += got;
    if (bytes > bytes_max) {
      return Exhausted(StrCat("the input has more than ", bytes_max,
                              " bytes, want at most those (--memory-gib)"));
    }
    RETURN_IF_ERROR(file.Append(std::string_view(block).substr(0, static_cast<size_t>(got))));
  }
}

Result<std::string> SpooledInput::GuessFormat() const {
  ASSIGN_OR_RETURN(const RandomAccessFile file, RandomAccessFile::Open(path()));
  std::string head;
  RETURN_IF_ERROR(file.Read(0, kHeadBytes, &head));
  if (head.empty()) return InvalidArgument("the input is empty");
  if (head.starts_with("\x93NUMPY")) return std::string("npy");
  if (head.find('\0') != std::string::npos) {
    return InvalidArgument(
        "the input is neither an array of NumPy nor a text, want --format, or --shape NxD for raw "
        "little-endian float32");
  }
  for (const std::string_view line : Split(head, '\n')) {
    if (line.empty() || line == "\r" || line.starts_with('#')) continue;
    return std::string(line.find('\t') == std::string_view::npos ? "csv" : "tsv");
  }
  return std::string("csv");
}

}  // namespace spirogram::mapping

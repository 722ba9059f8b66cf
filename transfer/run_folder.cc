#include "transfer/run_folder.h"

#include <cmath>

#include "base/str.h"

namespace spirogram::transfer {

Result<std::string> RunFolder(std::string_view run) {
  if (run == ".") return std::string(run);
  constexpr size_t kPartBytesMax = 255;  // NAME_MAX
  for (const std::string_view part : Split(run, '/')) {
    const bool is_bad = part.empty() || part == "." || part == ".." ||
                        part.size() > kPartBytesMax || part.find('\0') != std::string_view::npos;
    if (is_bad) {
      return InvalidArgument(
          StrCat("run ", Quoted(run), ": a part of this name cannot be a folder"));
    }
  }
  return std::string(run);
}

int64_t SecondsInName(WallTime wall_time) {
  return static_cast<int64_t>(std::fmin(std::fmax(wall_time, 0), 1e15));
}

}  // namespace spirogram::transfer

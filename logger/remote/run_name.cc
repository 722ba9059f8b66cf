#include "logger/remote/run_name.h"

#include <algorithm>
#include <string_view>
#include <vector>

#include "base/str.h"

namespace spirogram::logger {
namespace {

bool IsControl(char c) {
  return static_cast<unsigned char>(c) < 0x20 || c == 0x7F;
}

}  // namespace

Status CheckRunName(const std::string& run) {
  constexpr size_t kBytesMax = 1024;
  constexpr size_t kPartsMax = 32;
  const std::vector<std::string_view> parts = Split(run, '/');
  const bool has_bad_part = std::any_of(parts.begin(), parts.end(), [](std::string_view part) {
    return part.empty() || part == "." || part == "..";
  });
  if (!has_bad_part && run.size() <= kBytesMax && parts.size() <= kPartsMax &&
      std::none_of(run.begin(), run.end(), IsControl) && ToValidUtf8(run) == run) {
    return {};
  }
  return InvalidArgument(StrCat(
      "run \"", ToValidUtf8(run.substr(0, 100)), "\": want a name in UTF-8 of at most ", kBytesMax,
      " bytes and ", kPartsMax, " parts between single slashes, none \".\" or \"..\", and",
      " without control characters"));
}

}  // namespace spirogram::logger

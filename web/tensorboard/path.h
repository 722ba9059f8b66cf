// Which request paths are TensorBoard's: "/data/..." and the same below "/experiment/ID". Pure.
#pragma once

#include <optional>
#include <string_view>

namespace spirogram::web::tensorboard {

struct Path {
  std::string_view experiment;  // as in the path, not decoded; empty without one
  std::string_view route;       // below "/data/", without a slash at the end: "plugin/scalars/tags"
};

// Views into `path`; nothing when the path is not one of TensorBoard's. A server has one
// experiment, so that any ID names it, as in TensorBoard.
std::optional<Path> ParsePath(std::string_view path);

inline bool IsTensorBoardPath(std::string_view path) {
  return ParsePath(path).has_value();
}

}  // namespace spirogram::web::tensorboard

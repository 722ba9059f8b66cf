// What the server knows of itself and tells at /api/v1/status.
#pragma once

#include <optional>
#include <string>

namespace spirogram::web {

struct StatusInfo {
  std::string version;
  std::string logdir;
  std::optional<std::string> gpu;  // its name
  std::string gpu_reason;          // why there is none, where there is none
  bool can_delete_files = false;   // a purge may unlink event files
  double keep_deleted_s = -1;      // a deleted run's data is purged after so long; negative: never
};

}  // namespace spirogram::web

// One line on a terminal's stderr that says how far a long piece of work is.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace spirogram::app {

// "12.3 MiB"
std::string Mebibytes(uint64_t bytes);

// Rewrites its line in place four times a second and takes it away at the end; where stderr is no
// terminal, nothing is written. Not thread-safe.
class WorkLine {
 public:
  WorkLine();
  WorkLine(const WorkLine&) = delete;
  WorkLine& operator=(const WorkLine&) = delete;
  ~WorkLine();

  // Whether anyone would see a line now: what it says need not be put together where not.
  bool IsDue() const;
  void Show(const std::string& text);
  // "reading: 1.0 MiB of 2.0 MiB"; without an `of` it is not known.
  void ShowBytes(const std::string& what, uint64_t done, uint64_t of = 0);

 private:
  const bool is_terminal_;
  bool is_shown_ = false;
  std::chrono::steady_clock::time_point last_shown_;
};

}  // namespace spirogram::app

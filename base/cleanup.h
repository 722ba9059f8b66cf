// What has to be undone where a signal ends the program, so that no destructor runs: files in the
// making, temporary folders.
#pragma once

#include <cstdint>
#include <functional>

namespace spirogram {

// While it lives, RunCleanups calls the function, more than once. It holds copies of all that it
// needs: its owner may be at work meanwhile. Destroying it does not. Thread-safe.
class Cleanup {
 public:
  explicit Cleanup(std::function<void()> undo);
  Cleanup(Cleanup&& other) noexcept;
  Cleanup& operator=(Cleanup&&) = delete;
  ~Cleanup();

 private:
  int64_t id_;  // 0 once moved from
};

// Calls all of them, the newest first, and again within some milliseconds. What owns one waits for
// ever at its destruction, so that a file that is gone is not missed: the caller ends the program.
// Not in a signal handler.
void RunCleanups();

}  // namespace spirogram

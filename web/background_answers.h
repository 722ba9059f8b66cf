// Answers that take longer than a request may: computed one at a time by a thread of the lowest
// priority, and kept. Whoever asks is told that it is under way, and asks again.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <stop_token>
#include <string>
#include <thread>

#include "base/result.h"

namespace spirogram::web {

// Thread-safe.
class BackgroundAnswers {
 public:
  static constexpr size_t kWaitingMax = 16;
  static constexpr size_t kKeptMax = 64;
  static constexpr size_t kKeptBytesMax = size_t{64} << 20;  // the newest is kept whatever its size

  // The body of the answer. May block and should end soon when stopped; what it throws becomes
  // kExhausted.
  using Compute = std::function<Result<std::string>(const std::stop_token&)>;

  BackgroundAnswers();
  // Stops what is computed and joins.
  ~BackgroundAnswers();

  // The answer that `key` names, or null while it is computed or waits. `compute` is used when
  // nobody asked for the key before. An error is told once and then forgotten, so that the next to
  // ask tries anew. kExhausted when too many wait.
  Result<std::shared_ptr<const std::string>> Ask(const std::string& key, Compute compute);

 private:
  using Answer = Result<std::shared_ptr<const std::string>>;
  struct Task {
    std::string key;
    Compute compute;
  };
  struct Kept {
    std::string key;
    Answer answer;
  };

  void Work(const std::stop_token& stop);
  void Keep(Kept kept);  // REQUIRES: mutex_

  std::mutex mutex_;  // guards all below
  std::condition_variable_any asked_;
  std::deque<Task> waiting_;
  std::string computing_;  // key; empty: none
  std::list<Kept> kept_;   // least recently used first
  std::jthread worker_;    // last: starts when all else is there, and is joined first
};

}  // namespace spirogram::web

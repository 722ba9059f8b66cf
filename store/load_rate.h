// How long the rest of a load will take, from how fast its last seconds went. Not thread-safe.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>

namespace spirogram::store {

class LoadRate {
 public:
  // Takes note that `bytes_read` of all bytes were read at a monotonic time. A fall begins anew.
  void Note(int64_t now_ns, uint64_t bytes_read);
  // Seconds until `bytes_found` are read: 0 when they are, nothing while too little was seen to
  // say.
  std::optional<double> SecondsLeft(uint64_t bytes_found) const;

 private:
  struct Sample {
    int64_t at_ns;
    uint64_t bytes_read;
  };
  std::deque<Sample> samples_;  // of the last seconds
};

}  // namespace spirogram::store

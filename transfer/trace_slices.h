// A trace of PyTorch's profiler as the slices of a profile. Annotations are phases, operators and
// CUDA's API calls of their thread, and what ran on a GPU has the step of the call that launched
// it.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/types.h"
#include "transfer/trace_reader.h"

namespace spirogram::transfer {

// Not thread-safe.
class TraceSlices {
 public:
  // kExhausted above 10 M slices.
  Status Add(const TraceEvent& event);

  // Gives every slice its step, and puts them in order; what those of other ranks call the same is
  // told from it. To be called once, behind the last Add.
  void Finish(uint32_t rank);

  // Hands out events of a few hundred slices each, as framed records, about a megabyte at a time,
  // and at the end one that says when the last slice was over. Their wall times are those of the
  // slices, or `wall_time` where the trace counts from no epoch.
  using Sink = std::function<Status(std::string_view records)>;
  Status WriteRecords(WallTime wall_time, const Sink& sink) const;

  int64_t size() const { return static_cast<int64_t>(slices_.size()); }
  // When the first slice began, or `wall_time` where the trace counts from no epoch.
  WallTime StartOr(WallTime wall_time) const;
  // Events of categories that a profile has no place for, by category.
  const std::map<std::string, int64_t>& left_out() const { return left_out_; }

 private:
  struct Slice {
    int64_t start_ns = 0;
    int64_t duration_ns = 0;
    Step step = 0;
    uint32_t name = 0;
    uint32_t correlation_id = 0;
    uint32_t stream = 0;
    uint32_t device = 0;
    uint8_t kind = 0;
  };

  uint32_t NameId(const std::string& name);
  void FindSteps(std::vector<std::pair<int64_t, Step>>* begins) const;
  std::string Encode(size_t from, size_t to) const;

  std::vector<Slice> slices_;
  std::vector<std::string> names_;
  std::unordered_map<std::string, uint32_t> ids_;
  std::map<uint32_t, Step> step_of_name_;  // of the names of steps
  std::map<std::string, int64_t> left_out_;
};

}  // namespace spirogram::transfer

// What a traced step says of its nodes: time and memory, by node and device. Pure; the bytes may be
// of any origin.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "store/graph.h"

namespace spirogram::store {

// One node on one device. Texts are valid UTF-8.
struct NodeStats {
  std::string name;  // as the runtime names it; "MatMul:MatMul" on a stream of a GPU
  std::string device;
  int64_t executions = 0;
  double duration_us = 0;    // of all executions together
  int64_t memory_bytes = 0;  // of all allocators, in the execution that took most
};

// Of RunMetadata.step_stats, in the order of the first execution in the message; empty where the
// trace has none. kInvalidArgument for types that are no run metadata, kCorruption when the bytes
// are malformed, kExhausted above 100,000 nodes.
Result<std::vector<NodeStats>> ParseGraphStats(GraphType type, std::string_view bytes);

}  // namespace spirogram::store

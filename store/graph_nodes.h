// The nodes of a GraphDef, short: for a list of what a graph is made of, not for running it. Pure;
// the bytes may be of any origin.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "store/graph.h"

namespace spirogram::store {

// All texts are valid UTF-8.
struct GraphNode {
  std::string name;
  std::string op;
  std::string device;
  std::string function;             // that the node is in; empty for the graph itself
  std::vector<std::string> inputs;  // "^name" is a control input
  std::vector<std::pair<std::string, std::string>> attributes;  // name, value as text
  std::vector<std::string> large_attributes;                    // names of those left out
};

struct GraphNodes {
  int64_t total = 0;  // of the whole graph
  std::vector<GraphNode> nodes;
};

// Nodes `offset` to `offset + count_max` of the graph, its functions' nodes behind its own, fewer
// where they take more than 32 MiB. Attributes of more than 1,024 bytes, and those behind the
// 256th, are only named. Of kRunMetadataGraph the functions' graphs before optimization.
// kInvalidArgument for types that hold no GraphDef, kCorruption when the bytes are malformed.
Result<GraphNodes> ParseGraphNodes(GraphType type, std::string_view bytes, int64_t offset,
                                   int64_t count_max);

}  // namespace spirogram::store

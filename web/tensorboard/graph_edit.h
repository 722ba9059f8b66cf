// GraphDefs as bytes, changed field by field: attributes that are too large to show left out, the
// graphs of several functions joined. Pure; kCorruption for bytes that are no GraphDef.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace spirogram::web::tensorboard {

// Attributes of the graph's own nodes above `bytes_max` go; their names are listed in the node's
// attribute `large_attrs_key`.
Result<std::string> LimitAttributes(std::string_view graph, int64_t bytes_max,
                                    std::string_view large_attrs_key);

// The graphs in a RunMetadata's function_graphs, before optimization.
Result<std::vector<std::string_view>> FunctionGraphs(std::string_view run_metadata);

// One graph: names get the prefix "graph_1/", "graph_2/", ... (functions "graph_1_"), so that equal
// names of different graphs stay apart. A single graph is not renamed.
Result<std::string> MergeGraphs(const std::vector<std::string_view>& graphs);

}  // namespace spirogram::web::tensorboard

// Graphs and run metadata as the store answers them: opaque bytes with a type.
#pragma once

#include <cstdint>
#include <string>

#include "base/types.h"

namespace spirogram::store {

// What the bytes of a tag of kind kGraph are.
enum class GraphType {
  kRunGraph,          // GraphDef: of the run (Event.graph_def, else the one in meta_graph_def)
  kKerasModel,        // JSON of a Keras model's configuration
  kRunMetadata,       // RunMetadata of tf.summary.trace_export, no graph in it
  kRunMetadataGraph,  // RunMetadata with the graphs of the traced functions in it
  kTaggedMetadata,    // RunMetadata of Event.tagged_run_metadata
};

// "run_graph", "keras_model", ...: the names that the API uses.
const char* GraphTypeName(GraphType type);

// The tag under which a run's own graph stands, as in TensorBoard.
inline constexpr const char* kRunGraphTag = "__run_graph__";

// The newest of a tag: graphs that were logged again take the place of those before.
struct GraphInfo {
  std::string tag;
  GraphType type = GraphType::kRunGraph;
  std::string plugin;  // TensorBoard's, e.g. "graph_keras_model"
  Step step = 0;
  WallTime wall_time = 0;
  uint64_t bytes = 0;

  bool has_graph() const {
    return type != GraphType::kRunMetadata && type != GraphType::kTaggedMetadata;
  }
  bool is_run_metadata() const {
    return type != GraphType::kRunGraph && type != GraphType::kKerasModel;
  }
};

}  // namespace spirogram::store

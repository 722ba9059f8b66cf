// Graphs and run metadata: which plugin's bytes are what, and where they lie in a value. Stateless.
#pragma once

#include <optional>
#include <string_view>

#include "base/result.h"
#include "store/event_parser.h"
#include "store/graph.h"

namespace spirogram::store {

// Nothing when the plugin is none of TensorBoard's graph plugins.
std::optional<GraphType> GraphTypeOfPlugin(std::string_view plugin);

// The graph, run metadata or JSON of a value; points into it. Empty when a MetaGraphDef holds no
// graph.
Result<std::string_view> ToGraphBytes(const ParsedValue& value);

// Whether a GraphDef says nothing but versions: tf.Graph() before anything is built into it. A
// library of functions is something; so are bytes that are no GraphDef.
bool IsEmptyGraph(std::string_view graph);

// The item under which a graph of a MetaGraphDef is kept, so that one of Event.graph_def goes
// before it.
inline constexpr int kMetaGraphItem = 1;

}  // namespace spirogram::store

#include "store/graph_value.h"

#include "base/wire.h"
#include "store/tensor.h"

namespace spirogram::store {
namespace {

using Payload = ParsedValue::Payload;
using Type = WireReader::Type;

Result<std::string_view> BytesField(std::string_view message, uint32_t field) {
  std::string_view found;
  WireReader reader(message);
  while (reader.Next()) {
    if (reader.Is(field, Type::kBytes)) found = reader.bytes();
  }
  if (!reader.ok()) return Corruption("graph: malformed message");
  return found;
}

}  // namespace

std::optional<GraphType> GraphTypeOfPlugin(std::string_view plugin) {
  if (plugin == "graphs") return GraphType::kRunGraph;
  if (plugin == "graph_keras_model") return GraphType::kKerasModel;
  if (plugin == "graph_run_metadata") return GraphType::kRunMetadata;
  if (plugin == "graph_run_metadata_graph") return GraphType::kRunMetadataGraph;
  if (plugin == "graph_tagged_run_metadata") return GraphType::kTaggedMetadata;
  return std::nullopt;
}

Result<std::string_view> ToGraphBytes(const ParsedValue& value) {
  switch (value.payload) {
    case Payload::kGraphDef:
      return value.bytes;
    case Payload::kMetaGraphDef:    // its graph_def
    case Payload::kTaggedMetadata:  // its run_metadata
      return BytesField(value.bytes, 2);
    case Payload::kTensor: {
      ASSIGN_OR_RETURN(const Tensor<std::string_view> tensor, ParseStringTensor(value.bytes));
      if (tensor.values.size() != 1) return Corruption("graph: want exactly one text");
      return tensor.values[0];
    }
    default:
      return Corruption("value holds no graph");
  }
}

bool IsEmptyGraph(std::string_view graph) {
  WireReader reader(graph);
  while (reader.Next()) {
    const bool is_node = reader.Is(1, Type::kBytes);
    const bool is_library = reader.Is(2, Type::kBytes);
    if (is_node || (is_library && !reader.bytes().empty())) return false;
  }
  return reader.ok();
}

}  // namespace spirogram::store

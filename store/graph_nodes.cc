#include "store/graph_nodes.h"

#include "base/str.h"
#include "base/wire.h"
#include "store/map_entry.h"
#include "store/tensor.h"
#include "store/tensor_value.h"

namespace spirogram::store {
namespace {

using Type = WireReader::Type;

constexpr size_t kAttributeBytesMax = 1024;
constexpr size_t kAttributesMax = 256;  // of a node
constexpr uint64_t kAnswerBytesMax = uint64_t{32} << 20;

std::string ShapeText(std::string_view shape) {
  std::string text;
  bool is_unknown = false;
  WireReader reader(shape);
  while (reader.Next()) {
    if (reader.Is(3, Type::kVarint)) is_unknown = reader.number() != 0;
    if (!reader.Is(2, Type::kBytes)) continue;
    int64_t size = 0;
    WireReader dim(reader.bytes());
    while (dim.Next()) {
      if (dim.Is(1, Type::kVarint)) size = static_cast<int64_t>(dim.number());
    }
    if (!text.empty()) text += ", ";
    text += size < 0 ? "?" : StrCat(size);
  }
  return is_unknown ? "unknown" : StrCat("[", text, "]");
}

std::string TensorText(std::string_view bytes) {
  const Result<TensorInfo> info = ParseTensorInfo(bytes);
  if (!info.ok()) return "tensor";
  std::string shape;
  for (const int64_t size : info->shape) {
    if (!shape.empty()) shape += ", ";
    shape += StrCat(size);
  }
  return StrCat(DtypeName(info->dtype), " [", shape, "]");
}

std::string FunctionName(std::string_view name_attr_list) {
  std::string name;
  WireReader reader(name_attr_list);
  while (reader.Next()) {
    if (reader.Is(1, Type::kBytes)) name = ToValidUtf8(reader.bytes());
  }
  return name;
}

void AppendItem(std::string_view item, std::string* list) {
  if (!list->empty()) list->append(", ");
  list->append(item);
}

// Numbers of a list may be packed.
void AppendNumbers(const WireReader& reader, std::string* list) {
  const uint32_t field = reader.field();
  const auto append = [&](uint64_t number) {
    if (field == 5) AppendItem(number != 0 ? "true" : "false", list);
    if (field == 6) AppendItem(DtypeName(static_cast<int>(number & INT32_MAX)), list);
    if (field == 3) AppendItem(StrCat(static_cast<int64_t>(number)), list);
  };
  if (reader.type() == Type::kVarint) return append(reader.number());
  if (reader.type() == Type::kFixed32) return AppendItem(StrCat(reader.fixed32_float()), list);
  if (reader.type() != Type::kBytes) return;
  WireReader packed(reader.bytes());
  while (packed.has_rest()) {
    if (field == 4) {
      AppendItem(StrCat(packed.ReadFixed<float>()), list);
    } else {
      append(packed.ReadVarint());
    }
  }
}

// The fields of an AttrValue and of its list are numbered alike. `depth` is 1 in a list.
std::string AttributeText(std::string_view value, int depth) {
  std::string text;
  WireReader reader(value);
  while (reader.Next()) {
    const bool is_bytes = reader.type() == Type::kBytes;
    switch (reader.field()) {
      case 1:
        if (is_bytes && depth == 0) text = StrCat("[", AttributeText(reader.bytes(), 1), "]");
        break;
      case 2:
      case 9:
        if (!is_bytes) break;
        AppendItem(reader.field() == 9 && depth == 1 ? FunctionName(reader.bytes())
                                                     : ToValidUtf8(reader.bytes()),
                   &text);
        break;
      case 7:
        if (is_bytes) AppendItem(ShapeText(reader.bytes()), &text);
        break;
      case 8:
        if (is_bytes) AppendItem(TensorText(reader.bytes()), &text);
        break;
      case 10:
        if (is_bytes) AppendItem(FunctionName(reader.bytes()), &text);
        break;
      default:
        AppendNumbers(reader, &text);
    }
  }
  return text;
}

class NodeCollector {
 public:
  NodeCollector(int64_t offset, int64_t count_max) : offset_(offset), count_max_(count_max) {}

  // A GraphDef.
  bool AddGraph(std::string_view graph, const std::string& function) {
    std::string_view library;
    WireReader reader(graph);
    while (reader.Next()) {
      if (reader.Is(1, Type::kBytes) && !AddNode(reader.bytes(), function)) return false;
      if (reader.Is(2, Type::kBytes)) library = reader.bytes();
    }
    return reader.ok() && AddLibrary(library);
  }

  // FunctionGraphs.pre_optimization_graph of each RunMetadata.function_graphs.
  bool AddRunMetadata(std::string_view metadata) {
    int index = 0;
    WireReader reader(metadata);
    while (reader.Next()) {
      if (!reader.Is(4, Type::kBytes)) continue;
      const std::string function = StrCat("function_graph_", index++);
      WireReader graphs(reader.bytes());
      while (graphs.Next()) {
        if (graphs.Is(2, Type::kBytes) && !AddGraph(graphs.bytes(), function)) return false;
      }
      if (!graphs.ok()) return false;
    }
    return reader.ok();
  }

  GraphNodes Take() { return std::move(found_); }

 private:
  // A FunctionDefLibrary.
  bool AddLibrary(std::string_view library) {
    WireReader reader(library);
    while (reader.Next()) {
      if (reader.Is(1, Type::kBytes) && !AddFunction(reader.bytes())) return false;
    }
    return reader.ok();
  }

  // A FunctionDef: its name stands in its signature.
  bool AddFunction(std::string_view function) {
    std::string name;
    WireReader signature(function);
    while (signature.Next()) {
      if (signature.Is(1, Type::kBytes)) name = FunctionName(signature.bytes());
    }
    WireReader reader(function);
    while (reader.Next()) {
      if (reader.Is(3, Type::kBytes) && !AddNode(reader.bytes(), name)) return false;
    }
    return reader.ok();
  }

  bool AddNode(std::string_view bytes, const std::string& function) {
    const int64_t index = found_.total++;
    if (index < offset_ || is_full_) return true;
    GraphNode node;
    node.function = function;
    WireReader reader(bytes);
    while (reader.Next()) {
      if (reader.Is(1, Type::kBytes)) node.name = ToValidUtf8(reader.bytes());
      if (reader.Is(2, Type::kBytes)) node.op = ToValidUtf8(reader.bytes());
      if (reader.Is(3, Type::kBytes)) node.inputs.push_back(ToValidUtf8(reader.bytes()));
      if (reader.Is(4, Type::kBytes)) node.device = ToValidUtf8(reader.bytes());
      if (reader.Is(5, Type::kBytes) && !AddAttribute(reader.bytes(), &node)) return false;
    }
    // Each node counts for more than its bytes: an answer of empty nodes has a bound as well.
    answer_bytes_ += bytes.size() + function.size() + 64;
    found_.nodes.push_back(std::move(node));
    is_full_ =
        static_cast<int64_t>(found_.nodes.size()) >= count_max_ || answer_bytes_ >= kAnswerBytesMax;
    return reader.ok();
  }

  static bool AddAttribute(std::string_view bytes, GraphNode* node) {
    MapEntry entry;
    if (!ParseMapEntry(bytes, &entry)) return false;
    std::string name = ToValidUtf8(entry.key);
    if (entry.value.size() > kAttributeBytesMax || node->attributes.size() >= kAttributesMax) {
      node->large_attributes.push_back(std::move(name));
    } else {
      node->attributes.emplace_back(std::move(name), AttributeText(entry.value, 0));
    }
    return true;
  }

  int64_t offset_;
  int64_t count_max_;
  uint64_t answer_bytes_ = 0;
  bool is_full_ = false;
  GraphNodes found_;
};

}  // namespace

Result<GraphNodes> ParseGraphNodes(GraphType type, std::string_view bytes, int64_t offset,
                                   int64_t count_max) {
  NodeCollector collector(offset, count_max);
  bool is_valid = false;
  if (type == GraphType::kRunGraph) {
    is_valid = collector.AddGraph(bytes, "");
  } else if (type == GraphType::kRunMetadataGraph) {
    is_valid = collector.AddRunMetadata(bytes);
  } else {
    return InvalidArgument(StrCat("a ", GraphTypeName(type), " holds no graph of nodes"));
  }
  if (!is_valid) return Corruption("graph: malformed message");
  return collector.Take();
}

}  // namespace spirogram::store

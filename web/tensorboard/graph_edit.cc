#include "web/tensorboard/graph_edit.h"

#include <functional>

#include "base/str.h"
#include "base/wire.h"

namespace spirogram::web::tensorboard {
namespace {

using Type = WireReader::Type;

// Field numbers of TensorFlow's messages (graph_schema_rows.h).
constexpr uint32_t kGraphNode = 1;
constexpr uint32_t kGraphLibrary = 2;
constexpr uint32_t kGraphVersions = 4;
constexpr uint32_t kNodeName = 1;
constexpr uint32_t kNodeOp = 2;
constexpr uint32_t kNodeInput = 3;
constexpr uint32_t kNodeAttr = 5;
constexpr uint32_t kEntryKey = 1;
constexpr uint32_t kEntryValue = 2;
constexpr uint32_t kAttrList = 1;
constexpr uint32_t kAttrFunc = 10;
constexpr uint32_t kListString = 2;
constexpr uint32_t kFuncName = 1;
constexpr uint32_t kLibraryFunction = 1;
constexpr uint32_t kLibraryGradient = 2;
constexpr uint32_t kFunctionSignature = 1;
constexpr uint32_t kSignatureName = 1;
constexpr uint32_t kMetadataFunctionGraphs = 4;
constexpr uint32_t kFunctionGraphBefore = 2;

Error Malformed() {
  return Corruption("GraphDef: malformed message");
}

// The message with each length-delimited field as `edit` returns it; the rest is copied.
using Edit = std::function<Result<std::string>(uint32_t field, std::string_view bytes)>;
Result<std::string> EditFields(std::string_view message, const Edit& edit) {
  std::string out;
  WireReader reader(message);
  while (reader.Next()) {
    if (reader.type() != Type::kBytes) {
      out.append(reader.raw());
      continue;
    }
    ASSIGN_OR_RETURN(const std::string bytes, edit(reader.field(), reader.bytes()));
    AppendBytesField(reader.field(), bytes, &out);
  }
  if (!reader.ok()) return Malformed();
  return out;
}

std::string_view FindBytes(std::string_view message, uint32_t field) {
  std::string_view found;
  WireReader reader(message);
  while (reader.Next()) {
    if (reader.field() == field && reader.type() == Type::kBytes) found = reader.bytes();
  }
  return found;
}

Result<std::string> LimitNode(std::string_view node, int64_t bytes_max, std::string_view key) {
  std::string out;
  std::string large;  // an AttrValue.ListValue
  WireReader reader(node);
  while (reader.Next()) {
    const bool is_attr = reader.field() == kNodeAttr && reader.type() == Type::kBytes;
    const std::string_view value =
        is_attr ? FindBytes(reader.bytes(), kEntryValue) : std::string_view();
    if (static_cast<int64_t>(value.size()) > bytes_max) {
      AppendBytesField(kListString, FindBytes(reader.bytes(), kEntryKey), &large);
    } else {
      out.append(reader.raw());
    }
  }
  if (!reader.ok()) return Malformed();
  if (large.empty()) return out;
  std::string value;
  AppendBytesField(kAttrList, large, &value);
  std::string entry;
  AppendBytesField(kEntryKey, key, &entry);
  AppendBytesField(kEntryValue, value, &entry);
  AppendBytesField(kNodeAttr, entry, &out);
  return out;
}

// The attribute "f" of a call names the function that is called.
Result<std::string> RenameCallee(std::string_view entry, std::string_view prefix) {
  if (FindBytes(entry, kEntryKey) != "f") return std::string(entry);
  return EditFields(entry, [&](uint32_t field, std::string_view value) -> Result<std::string> {
    if (field != kEntryValue) return std::string(value);
    return EditFields(value, [&](uint32_t part, std::string_view func) -> Result<std::string> {
      if (part != kAttrFunc) return std::string(func);
      return EditFields(func, [&](uint32_t name, std::string_view bytes) -> Result<std::string> {
        return name == kFuncName ? StrCat(prefix, "_", bytes) : std::string(bytes);
      });
    });
  });
}

Result<std::string> RenameNode(std::string_view node, std::string_view prefix) {
  const bool is_call = FindBytes(node, kNodeOp) == "PartitionedCall";
  return EditFields(node, [&](uint32_t field, std::string_view bytes) -> Result<std::string> {
    if (field == kNodeName || field == kNodeInput) return StrCat(prefix, "/", bytes);
    if (field == kNodeAttr && is_call) return RenameCallee(bytes, prefix);
    return std::string(bytes);
  });
}

Result<std::string> RenameFunction(std::string_view function, std::string_view prefix) {
  return EditFields(function, [&](uint32_t field, std::string_view bytes) -> Result<std::string> {
    if (field != kFunctionSignature) return std::string(bytes);
    return EditFields(bytes, [&](uint32_t name, std::string_view text) -> Result<std::string> {
      return name == kSignatureName ? StrCat(prefix, "_", text) : std::string(text);
    });
  });
}

Result<std::string> RenameLibrary(std::string_view library, std::string_view prefix) {
  return EditFields(library, [&](uint32_t field, std::string_view bytes) -> Result<std::string> {
    if (field == kLibraryFunction) return RenameFunction(bytes, prefix);
    if (field != kLibraryGradient) return std::string(bytes);
    // Both fields of a GradientDef are names of functions.
    return EditFields(bytes, [&](int, std::string_view name) -> Result<std::string> {
      return StrCat(prefix, "_", name);
    });
  });
}

}  // namespace

Result<std::string> LimitAttributes(std::string_view graph, int64_t bytes_max,
                                    std::string_view large_attrs_key) {
  return EditFields(graph, [&](uint32_t field, std::string_view bytes) -> Result<std::string> {
    if (field == kGraphNode) return LimitNode(bytes, bytes_max, large_attrs_key);
    return std::string(bytes);
  });
}

Result<std::vector<std::string_view>> FunctionGraphs(std::string_view run_metadata) {
  std::vector<std::string_view> graphs;
  WireReader reader(run_metadata);
  while (reader.Next()) {
    if (reader.field() == kMetadataFunctionGraphs && reader.type() == Type::kBytes) {
      graphs.push_back(FindBytes(reader.bytes(), kFunctionGraphBefore));
    }
  }
  if (!reader.ok()) return Corruption("RunMetadata: malformed message");
  return graphs;
}

Result<std::string> MergeGraphs(const std::vector<std::string_view>& graphs) {
  if (graphs.empty()) return std::string();
  if (graphs.size() == 1) return std::string(graphs[0]);
  std::string merged;
  for (size_t i = 0; i < graphs.size(); ++i) {
    const std::string prefix = StrCat("graph_", i + 1);
    WireReader reader(graphs[i]);
    while (reader.Next()) {
      if (reader.type() != Type::kBytes) continue;
      // As TensorFlow's traces have it: of its functions alone, TensorBoard would make none.
      if (reader.field() == kGraphLibrary && reader.bytes().empty()) continue;
      std::string part(reader.bytes());
      if (reader.field() == kGraphNode) {
        ASSIGN_OR_RETURN(part, RenameNode(reader.bytes(), prefix));
      } else if (reader.field() == kGraphLibrary) {
        ASSIGN_OR_RETURN(part, RenameLibrary(reader.bytes(), prefix));
      } else if (reader.field() != kGraphVersions || i > 0) {
        continue;
      }
      AppendBytesField(reader.field(), part, &merged);
    }
    if (!reader.ok()) return Malformed();
  }
  return merged;
}

}  // namespace spirogram::web::tensorboard

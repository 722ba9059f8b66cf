#include "store/checkpoint_tensor.h"

#include <algorithm>
#include <string_view>
#include <utility>
#include <vector>

#include "base/crc32c.h"
#include "base/str.h"
#include "store/checkpoint_index.h"
#include "store/confined_file.h"
#include "store/dtype.h"
#include "store/tensor.h"
#include "store/text_proto.h"

namespace spirogram::store {
namespace {

constexpr std::string_view kObjectSuffix = "/.ATTRIBUTES/VARIABLE_VALUE";
constexpr size_t kStateBytesMax = size_t{1} << 20;
constexpr size_t kIndexBytesMax = size_t{64} << 20;
constexpr uint64_t kValuesMax = uint64_t{1} << 26;
constexpr size_t kNamesToldMax = 5;

bool IsMatrix(const CheckpointVariable& variable) {
  return variable.shape.size() == 2 && IsRealDtype(variable.dtype);
}

const CheckpointVariable* Find(const CheckpointIndex& index, std::string_view name) {
  const auto found =
      std::find_if(index.variables.begin(), index.variables.end(),
                   [&](const CheckpointVariable& variable) { return variable.name == name; });
  return found == index.variables.end() ? nullptr : &*found;
}

const CheckpointVariable* FindByAnyName(const CheckpointIndex& index, std::string_view name) {
  if (const CheckpointVariable* exact = Find(index, name)) return exact;
  if (name.ends_with(":0")) name.remove_suffix(2);
  if (const CheckpointVariable* variable = Find(index, name)) return variable;
  return Find(index, StrCat(name, kObjectSuffix));
}

Error NoVariable(const CheckpointIndex& index, const std::string& name) {
  std::string names;
  size_t told = 0;
  for (const CheckpointVariable& variable : index.variables) {
    if (!IsMatrix(variable) || ++told > kNamesToldMax) continue;
    names += StrCat(names.empty() ? "" : ", ", ToValidUtf8(variable.name));
  }
  if (told > kNamesToldMax) names += ", ...";
  return NotFound(StrCat("the checkpoint has no variable \"", ToValidUtf8(name),
                         "\"; of rank 2 are: ", names.empty() ? "none" : names));
}

struct OpenedIndex {
  std::string prefix;
  std::string bytes;
};

Result<OpenedIndex> ReadIndex(const std::string& folder, const std::string& prefix) {
  Result<std::string> bytes = ReadConfined(folder, StrCat(prefix, ".index"), kIndexBytesMax);
  if (bytes.ok()) return OpenedIndex{prefix, std::move(bytes).value()};
  const size_t slash = prefix.rfind('/');
  if (slash == std::string::npos) return bytes.error();
  const std::string last = prefix.substr(slash + 1);
  Result<std::string> beside = ReadConfined(folder, StrCat(last, ".index"), kIndexBytesMax);
  if (!beside.ok()) return bytes.error();
  return OpenedIndex{last, std::move(beside).value()};
}

// Rows, dims and bytes fit each other and their bounds.
Status CheckSizes(const CheckpointVariable& variable) {
  const std::string shown = ToValidUtf8(variable.name);
  if (variable.shape.size() != 2) {
    return InvalidArgument(StrCat(shown, ": got rank ", variable.shape.size(), ", want 2"));
  }
  if (!IsRealDtype(variable.dtype)) {
    return InvalidArgument(StrCat(shown, ": dtype ", variable.dtype, " is not a real number"));
  }
  if (variable.is_sliced) {
    return InvalidArgument(StrCat(shown, " is partitioned, which is not read"));
  }
  uint64_t count = 0;
  const bool fits = !__builtin_mul_overflow(static_cast<uint64_t>(variable.shape[0]),
                                            static_cast<uint64_t>(variable.shape[1]), &count);
  if (!fits || count > kValuesMax) {
    return Exhausted(StrCat(shown, ": more than ", kValuesMax, " values"));
  }
  if (count == 0) return Corruption(StrCat(shown, " is empty"));
  if (variable.bytes == count * BytesPerElement(variable.dtype)) return {};
  return Corruption(StrCat(shown, ": got ", variable.bytes, " bytes, want ",
                           count * BytesPerElement(variable.dtype)));
}

}  // namespace

std::string CheckpointStatePath(const std::string& checkpoint_folder) {
  return checkpoint_folder.empty() ? "checkpoint" : StrCat(checkpoint_folder, "/checkpoint");
}

Result<std::string> FindNewestCheckpoint(const std::string& folder,
                                         const std::string& checkpoint_folder) {
  const std::string path = CheckpointStatePath(checkpoint_folder);
  ASSIGN_OR_RETURN(const std::string text, ReadConfined(folder, path, kStateBytesMax));
  ASSIGN_OR_RETURN(const std::vector<TextField> fields, ParseTextProto(text));
  for (const TextField& field : fields) {
    if (field.name != "model_checkpoint_path" || field.value.empty()) continue;
    const bool is_whole = field.value.front() == '/' || checkpoint_folder.empty();
    return is_whole ? field.value : StrCat(checkpoint_folder, "/", field.value);
  }
  return Corruption(StrCat(ToValidUtf8(path), " names no model_checkpoint_path"));
}

Result<Matrix> ReadCheckpointMatrix(const std::string& folder, const std::string& prefix,
                                    const std::string& name) {
  ASSIGN_OR_RETURN(const OpenedIndex opened, ReadIndex(folder, prefix));
  ASSIGN_OR_RETURN(const CheckpointIndex index, ParseCheckpointIndex(opened.bytes));
  const CheckpointVariable* variable = FindByAnyName(index, name);
  if (variable == nullptr) return NoVariable(index, name);
  RETURN_IF_ERROR(CheckSizes(*variable));
  const std::string path = CheckpointDataPath(opened.prefix, variable->shard, index.shards);
  ASSIGN_OR_RETURN(const std::string content,
                   ReadConfinedPart(folder, path, variable->offset, variable->bytes));
  const uint32_t crc = MaskedCrc32c(content);
  if (crc != variable->masked_crc) {
    return Corruption(StrCat(ToValidUtf8(path), ": \"", ToValidUtf8(variable->name),
                             "\": checksum got ", Hex32(crc), ", want ",
                             Hex32(variable->masked_crc)));
  }
  return Matrix{variable->shape[0], variable->shape[1], NumbersOfContent(variable->dtype, content)};
}

}  // namespace spirogram::store

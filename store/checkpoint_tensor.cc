#include "store/checkpoint_tensor.h"

#include <algorithm>
#include <optional>
#include <string_view>
#include <unordered_map>
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
constexpr size_t kNamesToldMax = 5;

// Of a part's name, which nobody asks for, the first byte is a NUL.
bool IsMatrix(const CheckpointVariable& variable) {
  return variable.shape.size() == 2 && IsRealDtype(variable.dtype) &&
         !variable.name.starts_with('\0');
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
  return NotFound(StrCat("the checkpoint has no variable ", Quoted(name),
                         "; of rank 2 are: ", names.empty() ? "none" : names));
}

struct OpenedIndex {
  std::string prefix;
  std::string bytes;
};

// A checkpoint of version 1 has no index: it is one file of that name, or several whose names end
// in "-00000-of-00002", which TensorFlow's file `checkpoint` writes with question marks.
bool IsVersion1(const std::string& folder, const std::string& prefix) {
  return prefix.find("-\?\?\?\?\?-of-") != std::string::npos ||
         ReadConfinedPart(folder, prefix, 0, 1).ok();
}

Error NoIndex(const std::string& folder, const std::string& prefix, const std::string& last,
              const Error& error) {
  for (const std::string& path : {prefix, last}) {
    if (!IsVersion1(folder, path)) continue;
    return InvalidArgument(
        StrCat(ToValidUtf8(path),
               " is a checkpoint of TensorFlow's version 1, which is not read: save it again as "
               "version 2 (tf.train.Saver's default), or the tensor as .npy and name that by "
               "tensor_path"));
  }
  return error;
}

Result<OpenedIndex> ReadIndex(const std::string& folder, const std::string& prefix) {
  Result<std::string> bytes = ReadConfined(folder, StrCat(prefix, ".index"), kIndexBytesMax);
  if (bytes.ok()) return OpenedIndex{prefix, std::move(bytes).value()};
  const std::string last = prefix.substr(prefix.rfind('/') + 1);
  Result<std::string> beside = ReadConfined(folder, StrCat(last, ".index"), kIndexBytesMax);
  if (!beside.ok()) return NoIndex(folder, prefix, last, bytes.error());
  return OpenedIndex{last, std::move(beside).value()};
}

// An index that is damaged, or of a form that is not read, is told with its name.
Result<CheckpointIndex> ParseIndex(const OpenedIndex& opened) {
  auto index = ParseCheckpointIndex(opened.bytes);
  if (index.ok()) return index;
  return Error{index.error().code,
               StrCat(ToValidUtf8(opened.prefix), ".index: ", index.error().message)};
}

// Rows, dims, bytes and parts fit each other and their bounds.
Status CheckSizes(const CheckpointVariable& variable, size_t values_max) {
  const std::string shown = ToValidUtf8(variable.name);
  if (variable.shape.size() != 2) {
    return InvalidArgument(StrCat(shown, ": got rank ", variable.shape.size(), ", want 2"));
  }
  if (!IsRealDtype(variable.dtype)) {
    return InvalidArgument(StrCat(shown, ": dtype ", variable.dtype, " is not a real number"));
  }
  uint64_t count = 0;
  const bool fits = !__builtin_mul_overflow(static_cast<uint64_t>(variable.shape[0]),
                                            static_cast<uint64_t>(variable.shape[1]), &count);
  if (!fits || count > values_max) {
    return Exhausted(StrCat(shown, ": more than ", values_max, " values"));
  }
  if (count == 0) return Corruption(StrCat(shown, " is empty"));
  if (!variable.slices.empty()) return {};  // its bytes are those of its parts
  if (variable.bytes == count * BytesPerElement(variable.dtype)) return {};
  return Corruption(StrCat(shown, ": got ", variable.bytes, " bytes, want ",
                           count * BytesPerElement(variable.dtype)));
}

// Where the files of an opened checkpoint lie, and what its index says.
struct Checkpoint {
  const std::string& folder;
  const std::string& prefix;
  const CheckpointIndex& index;
};

Result<std::vector<float>> ReadNumbers(const Checkpoint& from, const CheckpointVariable& variable) {
  const std::string path = CheckpointDataPath(from.prefix, variable.shard, from.index.shards);
  ASSIGN_OR_RETURN(const std::string content,
                   ReadConfinedPart(from.folder, path, variable.offset, variable.bytes));
  const uint32_t crc = MaskedCrc32c(content);
  if (crc != variable.masked_crc) {
    return Corruption(StrCat(ToValidUtf8(path), ": ", Quoted(variable.name), ": checksum got ",
                             Hex32(crc), ", want ", Hex32(variable.masked_crc)));
  }
  return NumbersOfContent<float>(variable.dtype, content);
}

// Rows and columns of a part.
struct Window {
  int64_t first_row = 0;
  int64_t rows = 0;
  int64_t first_column = 0;
  int64_t columns = 0;
};

// Nothing where the slice does not lie within the variable.
std::optional<Window> WindowOf(const CheckpointVariable& variable, const CheckpointSlice& slice) {
  if (slice.extents.size() != 2) return std::nullopt;
  int64_t first[2] = {};
  int64_t length[2] = {};
  for (size_t axis = 0; axis < 2; ++axis) {
    const CheckpointSlice::Extent& extent = slice.extents[axis];
    first[axis] = extent.start;
    length[axis] = extent.length < 0 ? variable.shape[axis] : extent.length;
    if (first[axis] < 0 || first[axis] > variable.shape[axis] ||
        length[axis] > variable.shape[axis] - first[axis]) {
      return std::nullopt;
    }
  }
  return Window{first[0], length[0], first[1], length[1]};
}

// Of a partitioned variable, from its parts, which cover it without overlap.
Result<Matrix> ReadParts(const Checkpoint& from, const CheckpointVariable& variable) {
  const std::string shown = ToValidUtf8(variable.name);
  std::unordered_map<std::string_view, const CheckpointVariable*> parts;
  for (const CheckpointVariable& part : from.index.variables) parts.emplace(part.name, &part);
  const int64_t rows = variable.shape[0];
  const int64_t dims = variable.shape[1];
  Matrix matrix{rows, dims, std::vector<float>(static_cast<size_t>(rows * dims))};
  std::vector<bool> is_covered(matrix.values.size());
  size_t covered = 0;
  for (const CheckpointSlice& slice : variable.slices) {
    const std::optional<Window> window = WindowOf(variable, slice);
    const auto part = parts.find(SliceName(variable.name, slice));
    if (!window || part == parts.end()) {
      return Corruption(StrCat(shown, ": a part lies outside of it or is missing"));
    }
    RETURN_IF_ERROR(CheckSizes(*part->second, kTensorValuesMax));
    const std::vector<int64_t> size{window->rows, window->columns};
    if (part->second->shape != size || !part->second->slices.empty()) {
      return Corruption(StrCat(shown, ": a part is not of the size that its place has"));
    }
    ASSIGN_OR_RETURN(const std::vector<float> numbers, ReadNumbers(from, *part->second));
    auto number = numbers.begin();
    for (int64_t row = window->first_row; row < window->first_row + window->rows; ++row) {
      for (int64_t i = 0; i < window->columns; ++i, ++number) {
        const auto at = static_cast<size_t>(row * dims + window->first_column + i);
        if (is_covered[at]) return Corruption(StrCat(shown, ": its parts overlap"));
        is_covered[at] = true;
        matrix.values[at] = *number;
      }
    }
    covered += numbers.size();
  }
  if (covered == matrix.values.size()) return matrix;
  return Corruption(
      StrCat(shown, ": its parts hold ", covered, " of ", matrix.values.size(), " values"));
}

}  // namespace

std::string CheckpointStatePath(const std::string& checkpoint_folder) {
  return checkpoint_folder.empty() ? "checkpoint" : StrCat(checkpoint_folder, "/checkpoint");
}

Result<std::string> FindNewestCheckpoint(const std::string& folder,
                                         const std::string& checkpoint_folder) {
  const std::string path = CheckpointStatePath(checkpoint_folder);
  const Result<std::string> text = ReadConfined(folder, path, kStateBytesMax);
  if (!text.ok() && text.error().code == ErrorCode::kNotFound) {
    return NotFound(StrCat("it has no tensor_path, and there is no file ", Quoted(path),
                           " to name a TensorFlow checkpoint (weights in HDF5, which Keras 3 "
                           "saves, are not read)"));
  }
  if (!text.ok()) return text.error();
  ASSIGN_OR_RETURN(const std::vector<TextField> fields, ParseTextProto(*text));
  for (const TextField& field : fields) {
    if (field.name != "model_checkpoint_path" || field.value.empty()) continue;
    const bool is_whole = field.value.front() == '/' || checkpoint_folder.empty();
    return is_whole ? field.value : StrCat(checkpoint_folder, "/", field.value);
  }
  return Corruption(StrCat(ToValidUtf8(path), " names no model_checkpoint_path"));
}

Result<Matrix> ReadCheckpointMatrix(const std::string& folder, const std::string& prefix,
                                    const std::string& name, size_t values_max) {
  ASSIGN_OR_RETURN(const OpenedIndex opened, ReadIndex(folder, prefix));
  ASSIGN_OR_RETURN(const CheckpointIndex index, ParseIndex(opened));
  const CheckpointVariable* variable = FindByAnyName(index, name);
  if (variable == nullptr) return NoVariable(index, name);
  RETURN_IF_ERROR(CheckSizes(*variable, values_max));
  const Checkpoint from{folder, opened.prefix, index};
  if (!variable->slices.empty()) return ReadParts(from, *variable);
  ASSIGN_OR_RETURN(std::vector<float> numbers, ReadNumbers(from, *variable));
  return Matrix{variable->shape[0], variable->shape[1], std::move(numbers)};
}

}  // namespace spirogram::store

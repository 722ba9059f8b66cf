#include "store/checkpoint_tensor.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "base/str.h"
#include "store/checkpoint.h"
#include "store/confined_file.h"
#include "store/dtype.h"
#include "store/text_proto.h"

namespace spirogram::store {
namespace {

constexpr size_t kStateBytesMax = size_t{1} << 20;
constexpr size_t kNamesToldMax = 5;
// Of the shape of a variable, but no variable: Adam's moments, for one.
constexpr std::string_view kOptimizerSlot = ".OPTIMIZER_SLOT";

// Of a part's name, which nobody asks for, the first byte is a NUL.
bool IsMatrix(const CheckpointVariable& variable) {
  return variable.shape.size() == 2 && IsRealDtype(variable.dtype) &&
         !variable.name.starts_with('\0');
}

const CheckpointVariable* Find(const Checkpoint& checkpoint, std::string_view name) {
  const auto found =
      std::find_if(checkpoint.variables().begin(), checkpoint.variables().end(),
                   [&](const CheckpointVariable& variable) { return variable.name == name; });
  return found == checkpoint.variables().end() ? nullptr : &*found;
}

const CheckpointVariable* FindByAnyName(const Checkpoint& checkpoint, std::string_view name) {
  if (const CheckpointVariable* exact = Find(checkpoint, name)) return exact;
  if (name.ends_with(":0")) name.remove_suffix(2);
  if (const CheckpointVariable* variable = Find(checkpoint, name)) return variable;
  return Find(checkpoint, StrCat(name, kObjectSuffix));
}

Error NoVariable(const Checkpoint& checkpoint, const std::string& name) {
  std::string names;
  size_t told = 0;
  for (const CheckpointVariable& variable : checkpoint.variables()) {
    if (!IsMatrix(variable) || ++told > kNamesToldMax) continue;
    names += StrCat(names.empty() ? "" : ", ", ToValidUtf8(variable.name));
  }
  if (told > kNamesToldMax) names += ", ...";
  return NotFound(StrCat("the checkpoint has no variable ", Quoted(name),
                         "; of rank 2 are: ", names.empty() ? "none" : names));
}

// Opens what stands under `prefix`, of whichever version; kNotFound where neither does.
Result<std::unique_ptr<Checkpoint>> OpenAt(const std::string& folder, const std::string& prefix) {
  auto newer = OpenCheckpointV2(folder, prefix);
  if (newer.ok() || newer.error().code != ErrorCode::kNotFound) return newer;
  auto older = OpenCheckpointV1(folder, prefix);
  if (older.ok() || older.error().code != ErrorCode::kNotFound) return older;
  return NotFound(StrCat("no checkpoint ", ToValidUtf8(prefix), ": there is neither ",
                         ToValidUtf8(prefix), ".index (version 2) nor ",
                         ToValidUtf8(CheckpointV1Path(prefix, 0)), " (version 1)"));
}

// A path as a file is called in a folder that was moved.
std::string LastPart(const std::string& path) {
  return path.substr(path.rfind('/') + 1);
}

Result<std::unique_ptr<Checkpoint>> Open(const std::string& folder, const std::string& prefix) {
  auto named = OpenAt(folder, prefix);
  // Not there, or where the folder was before it was copied.
  const bool may_have_moved = !named.ok() && (named.error().code == ErrorCode::kNotFound ||
                                              named.error().code == ErrorCode::kPermission);
  if (!may_have_moved || LastPart(prefix) == prefix) return named;
  auto beside = OpenAt(folder, LastPart(prefix));
  const bool is_there = beside.ok() || beside.error().code != ErrorCode::kNotFound;
  return is_there ? std::move(beside) : std::move(named);
}

Status CheckSizes(const CheckpointVariable& variable, size_t values_max) {
  if (variable.shape.size() != 2) {
    return InvalidArgument(StrCat("got rank ", variable.shape.size(), ", want 2"));
  }
  if (!IsRealDtype(variable.dtype)) {
    return InvalidArgument(StrCat("dtype ", variable.dtype, " is not a real number"));
  }
  uint64_t count = 0;
  const bool fits = !__builtin_mul_overflow(static_cast<uint64_t>(variable.shape[0]),
                                            static_cast<uint64_t>(variable.shape[1]), &count);
  if (!fits || count > values_max) return Exhausted(StrCat("more than ", values_max, " values"));
  if (count == 0) return Corruption("it is empty");
  return {};
}

Result<Matrix> ReadMatrix(const Checkpoint& checkpoint, const CheckpointVariable& variable,
                          size_t values_max) {
  RETURN_IF_ERROR(CheckSizes(variable, values_max));
  return checkpoint.ReadMatrix(variable);
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

std::vector<std::string> CheckpointFiles(const std::string& prefix) {
  const std::string beside = LastPart(prefix);
  const int64_t last = CheckpointV1Files(prefix) - 1;
  return {StrCat(prefix, ".index"), CheckpointV1Path(prefix, last), StrCat(beside, ".index"),
          CheckpointV1Path(beside, last)};
}

Result<std::vector<CheckpointMatrix>> ListCheckpointMatrices(const std::string& folder,
                                                             const std::string& prefix) {
  ASSIGN_OR_RETURN(const std::unique_ptr<Checkpoint> checkpoint, Open(folder, prefix));
  std::vector<CheckpointMatrix> matrices;
  for (const CheckpointVariable& variable : checkpoint->variables()) {
    const bool is_slot = variable.name.find(kOptimizerSlot) != std::string::npos;
    if (!IsMatrix(variable) || is_slot) continue;
    matrices.push_back({variable.name, variable.shape[0], variable.shape[1]});
  }
  return matrices;
}

Result<Matrix> ReadCheckpointMatrix(const std::string& folder, const std::string& prefix,
                                    const std::string& name, size_t values_max) {
  ASSIGN_OR_RETURN(const std::unique_ptr<Checkpoint> checkpoint, Open(folder, prefix));
  const CheckpointVariable* variable = FindByAnyName(*checkpoint, name);
  if (variable == nullptr) return NoVariable(*checkpoint, name);
  auto matrix = ReadMatrix(*checkpoint, *variable, values_max);
  if (matrix.ok()) return matrix;
  return Error{matrix.error().code,
               StrCat(ToValidUtf8(variable->name), ": ", matrix.error().message)};
}

}  // namespace spirogram::store

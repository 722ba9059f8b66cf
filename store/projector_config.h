// projector_config.pbtxt and what it names, read from a run's folder. Only ever reads; every path
// of a config must lie in the config's folder once all links are followed. Thread-compatible.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "store/embedding_files.h"
#include "store/projector_tensor.h"

namespace spirogram::store {

inline constexpr std::string_view kProjectorConfigName = "projector_config.pbtxt";
// Below a run's folder, the other place where TensorBoard looks for a config.
inline constexpr std::string_view kProjectorPluginFolder =
    "plugins/org_tensorflow_tensorboard_projector";

// The run whose config lies in `folder` (both below the logdir, "." is the logdir itself).
std::string RunOfProjectorFolder(const std::string& folder);

// EmbeddingInfo of TensorBoard's projector_config.proto.
struct ProjectorEntry {
  std::string tensor_name;
  std::string tensor_path;  // empty: the tensor is a variable of a checkpoint
  // The config's, where this one needs them: the checkpoint, else the folder whose newest it is.
  std::string checkpoint_path;
  std::string checkpoint_folder;
  std::string metadata_path;
  std::string bookmarks_path;
  std::string sprite_path;
  std::vector<int64_t> shape;
  std::vector<int64_t> thumbnail;  // width and height of one thumbnail of the sprite
};
// At most 1,000 entries. The first without a tensor_name and a tensor_path stands for all variables
// of its checkpoint that no other entry names, as in TensorBoard; a config without entries has one.
Result<std::vector<ProjectorEntry>> ParseProjectorConfig(std::string_view text);
// Puts those variables of rank 2 in its place, below `folder`, a path that can be opened. `note`
// says what could not be read, and what was left out: tables beyond 256 MiB together.
std::vector<ProjectorEntry> NameVariables(const std::string& folder,
                                          const std::vector<ProjectorEntry>& entries,
                                          std::string* note);

// "default:00010", as PyTorch names the checkpoints of a tag, is step 10 of "default"; every other
// name is a tag of its own at step 0.
struct TagAndStep {
  std::string tag;
  Step step = 0;
};
TagAndStep SplitTensorName(std::string_view name);

inline constexpr size_t kTensorFileBytesMax = size_t{1} << 30;

struct LoadedTensor {
  ProjectorTensor info;
  Matrix matrix;
  std::string metadata;  // the files, as they are
  std::string bookmarks;
  std::string sprite;
};

// Reads what an entry names below `folder`, a path that can be opened. An Error says why the tensor
// cannot be shown; what is only missing beside it becomes a warning. kExhausted where the tensor's
// file, which is read whole, or its numbers as float32 take more than `bytes_max`.
Result<LoadedTensor> LoadProjectorTensor(const std::string& folder, const ProjectorEntry& entry,
                                         std::vector<std::string>* warnings,
                                         size_t bytes_max = kTensorFileBytesMax);

// Size, time and inode of the config and of each file that it names: changes when one of them does.
std::string StampOf(const std::string& folder, const std::vector<ProjectorEntry>& entries);
// The entry itself and size, time and inode of its files.
std::string StampOf(const std::string& folder, const ProjectorEntry& entry);

}  // namespace spirogram::store

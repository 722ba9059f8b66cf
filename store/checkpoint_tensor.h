// Embeddings that are variables of a TensorFlow checkpoint (store/checkpoint.h). Every file
// must lie in the config's folder (store/confined_file.h). Stateless.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "store/embedding_files.h"

namespace spirogram::store {

// The prefix of the newest checkpoint that `checkpoint_folder`, "" for the config's own, holds by
// its file `checkpoint`, which tf.train keeps.
Result<std::string> FindNewestCheckpoint(const std::string& folder,
                                         const std::string& checkpoint_folder);
// The file in which FindNewestCheckpoint looks.
std::string CheckpointStatePath(const std::string& checkpoint_folder);

// What TensorFlow 2 adds to the names of variables.
inline constexpr std::string_view kObjectSuffix = "/.ATTRIBUTES/VARIABLE_VALUE";

// Where the file of a checkpoint that is written last may lie.
std::vector<std::string> CheckpointFiles(const std::string& prefix);

struct CheckpointMatrix {
  std::string name;
  int64_t rows = 0;
  int64_t dims = 0;
};
// The variables of rank 2 and of a real dtype that TensorBoard lists: all but optimizers' slots.
Result<std::vector<CheckpointMatrix>> ListCheckpointMatrices(const std::string& folder,
                                                             const std::string& prefix);

// A variable of rank 2 and of any real dtype, rounded to float32. `name` may end with ":0", as a
// tensor's does, and may lack the "/.ATTRIBUTES/VARIABLE_VALUE" of TensorFlow 2. A `prefix` that
// leads nowhere, as in a folder that was moved, is looked for by its last part. kNotFound names
// variables that are there; kExhausted above `values_max`, before they are read.
Result<Matrix> ReadCheckpointMatrix(const std::string& folder, const std::string& prefix,
                                    const std::string& name, size_t values_max = kTensorValuesMax);

}  // namespace spirogram::store

// A TensorFlow checkpoint, of either version, that was opened: what it holds, and its variables of
// rank 2 as matrices. Every file must lie in the config's folder (store/confined_file.h).
// Thread-compatible.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "store/checkpoint_slice.h"
#include "store/embedding_files.h"

namespace spirogram::store {

struct CheckpointVariable {
  std::string name;
  uint64_t dtype = 0;
  std::vector<int64_t> shape;
  // The parts that it is kept in. Of version 1 at least one; of version 2 those of a partitioned
  // variable alone, which has no bytes itself: its parts stand under SliceName.
  std::vector<CheckpointSlice> slices;
  // Of version 2 alone:
  int64_t shard = 0;
  uint64_t offset = 0;  // in the shard's file
  uint64_t bytes = 0;
  uint32_t masked_crc = 0;  // of them
};

class Checkpoint {
 public:
  virtual ~Checkpoint() = default;

  virtual const std::vector<CheckpointVariable>& variables() const = 0;
  // Any real dtype, rounded to float32. REQUIRES: one of variables(), of rank 2 and of at most
  // kTensorValuesMax values.
  virtual Result<Matrix> ReadMatrix(const CheckpointVariable& variable) const = 0;
};

// Version 1 (saved_tensor_slice.proto): PREFIX is a table that holds the values too, or several
// where it ends in "-?????-of-NNNNN", as TensorFlow's file `checkpoint` names shards.
Result<std::unique_ptr<Checkpoint>> OpenCheckpointV1(const std::string& folder,
                                                     const std::string& prefix);
// How many files such a prefix stands for, and what they are called.
int64_t CheckpointV1Files(const std::string& prefix);
std::string CheckpointV1Path(const std::string& prefix, int64_t shard);
// Version 2: PREFIX.index (store/checkpoint_index.h) and PREFIX.data-SSSSS-of-NNNNN.
Result<std::unique_ptr<Checkpoint>> OpenCheckpointV2(const std::string& folder,
                                                     const std::string& prefix);

}  // namespace spirogram::store

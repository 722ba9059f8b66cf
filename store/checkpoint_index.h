// The index of a TensorFlow checkpoint of version 2 (tensor_bundle.proto): PREFIX.index, a table
// (store/sorted_table.h) from variable names to where their bytes stand in
// PREFIX.data-SSSSS-of-NNNNN. Stateless; nothing here opens a file.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "store/checkpoint.h"

namespace spirogram::store {

struct CheckpointIndex {
  int64_t shards = 0;
  std::vector<CheckpointVariable> variables;  // by name
};

// kCorruption says what does not hold; kInvalidArgument for what is well-formed but not read:
// big-endian machines' checkpoints.
Result<CheckpointIndex> ParseCheckpointIndex(std::string_view bytes);

// "PREFIX.data-00000-of-00001"
std::string CheckpointDataPath(const std::string& prefix, int64_t shard, int64_t shards);

}  // namespace spirogram::store

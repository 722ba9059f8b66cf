// The index of a TensorFlow checkpoint of version 2 (tensor_bundle.proto): PREFIX.index, a sorted
// string table as LevelDB writes it, from variable names to where their bytes stand in
// PREFIX.data-SSSSS-of-NNNNN. Stateless; nothing here opens a file.
//
// Table: blocks of prefix-compressed entries, each followed by a byte for its compression and a
// masked CRC-32C; 48 bytes at the end say where the block stands that names the others.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace spirogram::store {

// A part of a variable: along each axis where it begins and how long it is; -1: all of the axis.
struct CheckpointSlice {
  struct Extent {
    int64_t start = 0;
    int64_t length = -1;
  };
  std::vector<Extent> extents;
};

struct CheckpointVariable {
  std::string name;
  uint64_t dtype = 0;
  std::vector<int64_t> shape;
  int64_t shard = 0;
  uint64_t offset = 0;  // in the shard's file
  uint64_t bytes = 0;
  uint32_t masked_crc = 0;  // of them
  // Of a partitioned variable, which has no bytes itself: its parts stand under SliceName.
  std::vector<CheckpointSlice> slices;
};

struct CheckpointIndex {
  int64_t shards = 0;
  std::vector<CheckpointVariable> variables;  // by name
};

// kCorruption says what does not hold; kInvalidArgument for what is well-formed but not read:
// compressed blocks, which TensorFlow does not write, and big-endian machines' checkpoints.
Result<CheckpointIndex> ParseCheckpointIndex(std::string_view bytes);

// The name under which a part of a variable stands, as saved_tensor_slice_util.cc of TensorFlow
// makes it: it begins with a NUL, which no variable's own name does.
std::string SliceName(std::string_view variable, const CheckpointSlice& slice);

// "PREFIX.data-00000-of-00001"
std::string CheckpointDataPath(const std::string& prefix, int64_t shard, int64_t shards);

}  // namespace spirogram::store

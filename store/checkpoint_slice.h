// Parts of variables and of checkpoints, as both versions of TensorFlow's format name and join
// them. Stateless.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "store/embedding_files.h"

namespace spirogram::store {

// A part of a variable: along each axis where it begins and how long it is; -1: all of the axis.
struct CheckpointSlice {
  struct Extent {
    int64_t start = 0;
    int64_t length = -1;
  };
  std::vector<Extent> extents;
};

// Tensors of TensorFlow have no more axes.
inline constexpr size_t kAxesMax = 254;
// Of one variable.
inline constexpr size_t kSlicesMax = 1'000'000;

// TensorSliceProto; false where it is malformed or has more than kAxesMax axes.
bool ParseCheckpointSlice(std::string_view bytes, CheckpointSlice* slice);

// The name under which a part of a variable stands, as saved_tensor_slice_util.cc of TensorFlow
// makes it: it begins with a NUL, which no variable's own name does.
std::string SliceName(std::string_view variable, const CheckpointSlice& slice);

// Shards of a checkpoint: as many as their names have digits for.
inline constexpr int64_t kShardsMax = 99'999;
// "STEM-00000-of-00001"
std::string ShardPath(const std::string& stem, int64_t shard, int64_t shards);

// The numbers of a part, row by row, where it is of `rows` x `columns`.
using ReadCheckpointSlice = std::function<Result<std::vector<float>>(
    const CheckpointSlice& slice, int64_t rows, int64_t columns)>;
// A variable of `rows` x `dims` from its parts, which cover it without overlap. REQUIRES: so many
// values fit into memory.
Result<Matrix> JoinSlices(int64_t rows, int64_t dims, const std::vector<CheckpointSlice>& slices,
                          const ReadCheckpointSlice& read);

}  // namespace spirogram::store

#include <unordered_map>
#include <utility>

#include "base/crc32c.h"
#include "base/str.h"
#include "store/checkpoint.h"
#include "store/checkpoint_index.h"
#include "store/confined_file.h"
#include "store/dtype.h"
#include "store/tensor.h"

namespace spirogram::store {
namespace {

constexpr size_t kIndexBytesMax = size_t{64} << 20;

class CheckpointV2 : public Checkpoint {
 public:
  CheckpointV2(std::string folder, std::string prefix, CheckpointIndex index)
      : folder_(std::move(folder)), prefix_(std::move(prefix)), index_(std::move(index)) {
    for (const CheckpointVariable& variable : index_.variables) {
      by_name_.emplace(variable.name, &variable);
    }
  }

  const std::vector<CheckpointVariable>& variables() const override { return index_.variables; }

  Result<Matrix> ReadMatrix(const CheckpointVariable& variable) const override {
    const int64_t rows = variable.shape[0];
    const int64_t dims = variable.shape[1];
    if (variable.slices.empty()) {
      ASSIGN_OR_RETURN(std::vector<float> numbers, ReadNumbers(variable));
      return Matrix{rows, dims, std::move(numbers)};
    }
    return JoinSlices(rows, dims, variable.slices,
                      [&](const CheckpointSlice& slice, int64_t slice_rows, int64_t columns) {
                        return ReadPart(variable, slice, {slice_rows, columns});
                      });
  }

 private:
  Result<std::vector<float>> ReadPart(const CheckpointVariable& variable,
                                      const CheckpointSlice& slice,
                                      const std::vector<int64_t>& shape) const {
    const auto part = by_name_.find(SliceName(variable.name, slice));
    if (part == by_name_.end()) return Corruption("a part is missing");
    const bool fits = part->second->shape == shape && part->second->dtype == variable.dtype &&
                      part->second->slices.empty();
    if (!fits) return Corruption("a part is not of the type and size that its place has");
    return ReadNumbers(*part->second);
  }

  // Of a variable, or a part, that is kept in one piece.
  Result<std::vector<float>> ReadNumbers(const CheckpointVariable& variable) const {
    const auto count = static_cast<uint64_t>(variable.shape[0] * variable.shape[1]);
    const uint64_t bytes_want = count * BytesPerElement(variable.dtype);
    if (variable.bytes != bytes_want) {
      return Corruption(StrCat("got ", variable.bytes, " bytes, want ", bytes_want));
    }
    const std::string path = CheckpointDataPath(prefix_, variable.shard, index_.shards);
    ASSIGN_OR_RETURN(const std::string content,
                     ReadConfinedPart(folder_, path, variable.offset, variable.bytes));
    const uint32_t crc = MaskedCrc32c(content);
    if (crc != variable.masked_crc) {
      return Corruption(StrCat(ToValidUtf8(path), ": checksum got ", Hex32(crc), ", want ",
                               Hex32(variable.masked_crc)));
    }
    return NumbersOfContent<float>(variable.dtype, content);
  }

  std::string folder_;
  std::string prefix_;
  CheckpointIndex index_;
  std::unordered_map<std::string_view, const CheckpointVariable*> by_name_;
};

}  // namespace

Result<std::unique_ptr<Checkpoint>> OpenCheckpointV2(const std::string& folder,
                                                     const std::string& prefix) {
  const std::string path = StrCat(prefix, ".index");
  ASSIGN_OR_RETURN(const std::string bytes, ReadConfined(folder, path, kIndexBytesMax));
  auto index = ParseCheckpointIndex(bytes);
  if (!index.ok()) {
    return Error{index.error().code, StrCat(ToValidUtf8(path), ": ", index.error().message)};
  }
  return std::unique_ptr<Checkpoint>(
      std::make_unique<CheckpointV2>(folder, prefix, std::move(index).value()));
}

}  // namespace spirogram::store

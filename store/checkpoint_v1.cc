#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/str.h"
#include "base/wire.h"
#include "store/checkpoint.h"
#include "store/confined_file.h"
#include "store/sorted_table.h"
#include "store/tensor.h"

namespace spirogram::store {
namespace {

using Type = WireReader::Type;

constexpr size_t kBlockBytesMax = size_t{1} << 30;  // one holds all of a part of a variable
constexpr size_t kHeaderBytesMax = size_t{64} << 20;
constexpr size_t kVariablesMax = 1'000'000;
// Of all parts together, each of which begins with its variable's: a few bytes may stand for
// megabytes.
constexpr size_t kPartNameBytesMax = size_t{64} << 20;
constexpr std::string_view kEachShard = "-\?\?\?\?\?-of-";

struct Shard {
  std::string path;
  SortedTable table;
};

Error InShard(const std::string& path, const Error& error) {
  return {error.code,
          StrCat(ToValidUtf8(path), ", read as a checkpoint of version 1: ", error.message)};
}

Result<uint64_t> SizeOf(const std::string& folder, const std::string& path) {
  ASSIGN_OR_RETURN(const RandomAccessFile file, OpenConfined(folder, path));
  return file.Size();
}

// Opens the file for each read: a checkpoint may have more shards than a process may have files
// open.
Result<SortedTable> OpenTable(const std::string& folder, const std::string& path) {
  ASSIGN_OR_RETURN(const uint64_t file_bytes, SizeOf(folder, path));
  const auto read = [folder, path](uint64_t offset, size_t bytes) {
    return ReadConfinedPart(folder, path, offset, bytes);
  };
  return SortedTable::Open(file_bytes, kBlockBytesMax, read);
}

// SavedSliceMeta.
bool ReadVariable(std::string_view bytes, CheckpointVariable* variable) {
  bool is_valid = true;
  WireReader reader(bytes);
  while (is_valid && reader.Next()) {
    if (reader.Is(1, Type::kBytes)) variable->name = reader.bytes();
    if (reader.Is(2, Type::kBytes)) {
      is_valid = ParseShape(reader.bytes(), &variable->shape) && variable->shape.size() <= kAxesMax;
    }
    if (reader.Is(3, Type::kVarint)) variable->dtype = reader.number();
    if (reader.Is(4, Type::kBytes)) {
      is_valid = variable->slices.size() < kSlicesMax &&
                 ParseCheckpointSlice(reader.bytes(), &variable->slices.emplace_back());
    }
  }
  return is_valid && reader.ok();
}

// The message in the last `field` of a message, empty where there is none; false where it is
// malformed.
bool ReadMessage(std::string_view bytes, uint32_t field, std::string_view* message) {
  WireReader reader(bytes);
  *message = {};
  while (reader.Next()) {
    if (reader.Is(field, Type::kBytes)) *message = reader.bytes();
  }
  return reader.ok();
}

class CheckpointV1 : public Checkpoint {
 public:
  Status AddShard(const std::string& folder, const std::string& path) {
    auto table = OpenTable(folder, path);
    if (!table.ok()) return InShard(path, table.error());
    shards_.push_back({path, std::move(table).value()});
    const Status added = AddVariables(shards_.back().table);
    if (!added.ok()) return InShard(path, added.error());
    return {};
  }

  const std::vector<CheckpointVariable>& variables() const override { return variables_; }

  Result<Matrix> ReadMatrix(const CheckpointVariable& variable) const override {
    return JoinSlices(variable.shape[0], variable.shape[1], variable.slices,
                      [&](const CheckpointSlice& slice, int64_t rows, int64_t columns) {
                        return ReadSlice(variable, slice, static_cast<size_t>(rows * columns));
                      });
  }

 private:
  // What the newest shard holds: SavedTensorSlices.meta under the empty key.
  Status AddVariables(const SortedTable& table) {
    ASSIGN_OR_RETURN(const std::optional<std::string> header, table.Find(""));
    if (!header) return Corruption("no header");
    if (header->size() > kHeaderBytesMax) {
      return Exhausted(StrCat("a header of more than ", kHeaderBytesMax, " bytes"));
    }
    std::string_view meta;
    if (!ReadMessage(*header, 1, &meta)) return Corruption("malformed header");
    WireReader reader(meta);
    while (reader.Next()) {
      if (!reader.Is(1, Type::kBytes)) continue;
      CheckpointVariable variable;
      if (!ReadVariable(reader.bytes(), &variable)) return Corruption("malformed header");
      RETURN_IF_ERROR(AddVariable(std::move(variable)));
    }
    if (!reader.ok()) return Corruption("malformed header");
    return {};
  }

  // A variable whose parts lie in several shards stands in the header of each, with the parts that
  // are there.
  Status AddVariable(CheckpointVariable variable) {
    for (const CheckpointSlice& slice : variable.slices) {
      std::string name = SliceName(variable.name, slice);
      part_name_bytes_ += name.size();
      if (part_name_bytes_ > kPartNameBytesMax) {
        return Exhausted(StrCat("names of parts of more than ", kPartNameBytesMax, " bytes"));
      }
      const bool is_new = shard_of_.emplace(std::move(name), shards_.size() - 1).second;
      if (!is_new) return Corruption(StrCat("two parts of ", Quoted(variable.name), " are one"));
    }
    const auto [known, is_new] = by_name_.emplace(variable.name, variables_.size());
    if (is_new) {
      if (variables_.size() == kVariablesMax) {
        return Exhausted(StrCat("more than ", kVariablesMax, " variables"));
      }
      variables_.push_back(std::move(variable));
      return {};
    }
    CheckpointVariable& whole = variables_[known->second];
    if (whole.shape != variable.shape || whole.dtype != variable.dtype) {
      return Corruption(StrCat("type and shape of ", Quoted(variable.name), " are others before"));
    }
    whole.slices.insert(whole.slices.end(), variable.slices.begin(), variable.slices.end());
    return {};
  }

  Result<std::vector<float>> ReadSlice(const CheckpointVariable& variable,
                                       const CheckpointSlice& slice, size_t count) const {
    const std::string name = SliceName(variable.name, slice);
    const Shard& shard = shards_[shard_of_.at(name)];
    const auto value = shard.table.Find(name);
    if (!value.ok()) return InShard(shard.path, value.error());
    if (!*value) return InShard(shard.path, Corruption("a part is missing"));
    std::string_view saved_slice;
    std::string_view tensor;
    if (!ReadMessage(**value, 2, &saved_slice) || !ReadMessage(saved_slice, 3, &tensor)) {
      return InShard(shard.path, Corruption("malformed part"));
    }
    // The tensor itself says neither its type nor its shape.
    auto numbers = ParseListedNumbers(variable.dtype, tensor, count);
    if (!numbers.ok()) return InShard(shard.path, numbers.error());
    return numbers;
  }

  std::vector<Shard> shards_;
  std::vector<CheckpointVariable> variables_;
  std::unordered_map<std::string, size_t> by_name_;
  std::unordered_map<std::string, size_t> shard_of_;  // by SliceName
  size_t part_name_bytes_ = 0;
};

}  // namespace

int64_t CheckpointV1Files(const std::string& prefix) {
  const size_t at = prefix.rfind(kEachShard);
  if (at == std::string::npos) return 1;
  const auto shards = ParseNumber<int64_t>(std::string_view(prefix).substr(at + kEachShard.size()));
  return shards && *shards >= 1 && *shards <= kShardsMax ? *shards : 1;
}

std::string CheckpointV1Path(const std::string& prefix, int64_t shard) {
  const size_t at = prefix.rfind(kEachShard);
  if (at == std::string::npos) return prefix;
  return ShardPath(prefix.substr(0, at), shard, CheckpointV1Files(prefix));
}

Result<std::unique_ptr<Checkpoint>> OpenCheckpointV1(const std::string& folder,
                                                     const std::string& prefix) {
  auto checkpoint = std::make_unique<CheckpointV1>();
  const int64_t files = CheckpointV1Files(prefix);
  for (int64_t shard = 0; shard < files; ++shard) {
    const Status added = checkpoint->AddShard(folder, CheckpointV1Path(prefix, shard));
    if (added.ok()) continue;
    // With the first shard there, the checkpoint is there, and another shard is missing.
    const bool is_torn = shard > 0 && added.error().code == ErrorCode::kNotFound;
    return is_torn ? Corruption(added.error().message) : added.error();
  }
  return std::unique_ptr<Checkpoint>(std::move(checkpoint));
}

}  // namespace spirogram::store

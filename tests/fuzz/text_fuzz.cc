// Files beside event files: projector_config.pbtxt and the tensors, checkpoints and metadata that
// it names.
#include <algorithm>
#include <string>

#include "base/check.h"
#include "base/crc32c.h"
#include "base/str.h"
#include "base/wire.h"
#include "store/checkpoint_index.h"
#include "store/embedding_files.h"
#include "store/projector_config.h"
#include "store/snappy.h"
#include "store/text_proto.h"
#include "tests/fuzz/input.h"

namespace spirogram::store {
namespace {

size_t CountFields(const std::vector<TextField>& fields, int depth) {
  CHECK(depth <= 33);
  size_t count = fields.size();
  for (const TextField& field : fields) count += CountFields(field.fields, depth + 1);
  return count;
}

void ReadConfig(std::string_view text) {
  const auto fields = ParseTextProto(text);
  if (fields.ok()) CHECK(CountFields(*fields, 0) <= 100'000);
  const auto entries = ParseProjectorConfig(text);
  if (!entries.ok()) return;
  CHECK(entries->size() <= 1000);
  for (const ProjectorEntry& entry : *entries) {
    const TagAndStep parts = SplitTensorName(entry.tensor_name);
    CHECK(!parts.tag.empty() && ToValidUtf8(parts.tag) == parts.tag && parts.step >= 0);
  }
}

void ReadTensor(std::string_view bytes, const std::vector<int64_t>& shape) {
  const auto matrix = ParseTensorFile(bytes, shape);
  if (!matrix.ok()) return;
  CHECK(matrix->rows >= 0 && matrix->dims >= 0);
  CHECK(matrix->values.size() ==
        static_cast<uint64_t>(matrix->rows) * static_cast<uint64_t>(matrix->dims));
}

void ReadMetadata(std::string_view tsv, int64_t rows) {
  const EmbeddingMetadata metadata = ParseMetadataTsv(tsv, rows);
  CHECK(metadata.columns.size() == metadata.values.size());
  for (const auto& column : metadata.values) {
    CHECK(column.size() == static_cast<size_t>(rows));
    for (const std::string& cell : column) CHECK(ToValidUtf8(cell) == cell);
  }
  CHECK(CountMetadataRows(tsv) <= static_cast<int64_t>(tsv.size()) + 1);
}

template <typename T>
std::string BytesOf(T number) {
  return {reinterpret_cast<const char*>(&number), sizeof number};
}

// Returns the handle under which the block then stands. Its checksum holds.
std::string AppendBlock(std::string block, uint8_t compression, std::string* table) {
  std::string handle;
  AppendVarint(table->size(), &handle);
  AppendVarint(block.size(), &handle);
  block.push_back(static_cast<char>(compression));
  *table += block + BytesOf(MaskedCrc32c(block));
  return handle;
}

// The bytes are a block of a checkpoint's index, or its directory, of any compression.
void ReadIndex(std::string_view bytes, uint8_t compression, bool is_directory) {
  std::string table;
  std::string handle = AppendBlock(std::string(bytes), compression, &table);
  if (!is_directory) {
    std::string directory =
        std::string("\0\1", 2) + static_cast<char>(handle.size()) + "k" + handle;
    handle = AppendBlock(directory + BytesOf(uint32_t{0}) + BytesOf(uint32_t{1}), 0, &table);
  }
  std::string footer = std::string(2, '\0') + handle;
  footer.resize(40);
  const auto index = ParseCheckpointIndex(table + footer + BytesOf(uint64_t{0xdb4775248b80fb57}));
  CHECK(index.ok() || !index.error().message.empty());
  constexpr size_t kBytesMax = 1 << 20;
  const auto uncompressed = SnappyUncompress(bytes, kBytesMax);
  CHECK(!uncompressed.ok() || uncompressed->size() <= kBytesMax);
}

}  // namespace
}  // namespace spirogram::store

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace spirogram::store;  // NOLINT: the one function of this file that stands outside
  spirogram::fuzz::Input input(data, size);
  switch (input.Take<uint8_t>() % 4) {
    case 0:
      ReadConfig(input.rest());
      break;
    case 1: {
      const int64_t rows = input.Take<int8_t>();
      const int64_t dims = input.Take<int8_t>();
      ReadTensor(input.rest(), {rows, dims});
      break;
    }
    case 2: {
      const int64_t rows = input.Take<uint8_t>();
      ReadMetadata(input.rest(), rows);
      break;
    }
    default: {
      const auto form = input.Take<uint8_t>();
      ReadIndex(input.rest(), form & 3, (form & 4) != 0);
    }
  }
  return 0;
}

// Files beside event files: projector_config.pbtxt and the tensors and metadata that it names.
#include <algorithm>
#include <string>

#include "base/check.h"
#include "base/str.h"
#include "store/embedding_files.h"
#include "store/projector_config.h"
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

}  // namespace
}  // namespace spirogram::store

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace spirogram::store;  // NOLINT: the one function of this file that stands outside
  spirogram::fuzz::Input input(data, size);
  switch (input.Take<uint8_t>() % 3) {
    case 0:
      ReadConfig(input.rest());
      break;
    case 1: {
      const int64_t rows = input.Take<int8_t>();
      const int64_t dims = input.Take<int8_t>();
      ReadTensor(input.rest(), {rows, dims});
      break;
    }
    default: {
      const int64_t rows = input.Take<uint8_t>();
      ReadMetadata(input.rest(), rows);
    }
  }
  return 0;
}

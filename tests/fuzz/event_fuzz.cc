// A record whose checksum holds and whose content is hostile: parsed, converted by every kind there
// is, not only by its own, and applied to a run twice, once as the first of its tags.
#include <string>

#include "base/check.h"
#include "base/crc32c.h"
#include "base/record.h"
#include "base/str.h"
#include "store/apply_event.h"
#include "store/audio_value.h"
#include "store/data_compat.h"
#include "store/event_parser.h"
#include "store/graph_value.h"
#include "store/hparams_content.h"
#include "store/plot_value.h"
#include "store/plugin_content.h"
#include "store/tensor.h"
#include "tests/fuzz/input.h"

namespace spirogram::store {
namespace {

// Above any input: whatever is declared, memory follows what is there.
constexpr uint64_t kPendingBytesMax = uint64_t{256} << 20;

template <typename T>
void Visit(const Result<T>& result) {
  CHECK(result.ok() || !result.error().message.empty());
}

void ConvertByEveryKind(const ParsedValue& value, std::string_view content) {
  CHECK(ToValidUtf8(ClassifyValue(value).display_name).size() <= value.metadata.size() * 3);
  Visit(ToScalar(value));
  Visit(ToHistogram(value));
  Visit(ToText(value));
  Visit(ToTensorBytes(value));
  Visit(ToImages(value));
  Visit(ToEmbedding(value));
  Visit(ToEmbeddingMetadata(value, content));
  Visit(ToEntityStats(value, content));
  Visit(ToProfileSlices(value));
  Visit(ToProfileNote(value));
  Visit(ToAudio(value, content));
  Visit(ToPrCurve(value));
  Visit(ToMeshParts(value, content));
  Visit(ToLayoutBytes(value));
  Visit(ToGraphBytes(value));
}

void ParseByEveryContent(std::string_view content) {
  Visit(ParseHparamsMessage(content));
  Visit(ParseEmbeddingColumns(content));
  Visit(ParseEntityStatsContent(content));
  Visit(ParseProfileSlices(content));
  Visit(ParseMeshContent(content));
  Visit(ParseLayout(content));
}

void ParseByEveryTensor(std::string_view bytes) {
  const bool is_scalar = IsScalarTensor(bytes);
  const auto scalar = ParseScalarTensor(bytes);
  CHECK(is_scalar || !scalar.ok());
  const auto numbers = ParseDoubleTensor(bytes);
  if (scalar.ok()) CHECK(numbers.ok() && numbers->values.size() == 1);
  Visit(ParseFloatTensor(bytes));
  Visit(ParseStringTensor(bytes));
  Visit(ParseTensorInfo(bytes));
  Visit(ParseTensorValue(bytes));
}

void Apply(std::string_view record) {
  RunState run;
  FileState file(1, "file", EventFileReader("file", {}));
  ParsedEvent scratch;
  PendingSize size;
  for (uint64_t offset : {uint64_t{0}, uint64_t{1} << 20}) {
    const FramedRecord framed{offset, record, MaskedCrc32c(record)};
    ApplyRecords({&framed, 1}, &run, &file, &scratch, &size);
  }
  CHECK(size.bytes <= kPendingBytesMax && size.points >= 0);
}

}  // namespace
}  // namespace spirogram::store

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace spirogram::store;  // NOLINT: the one function of this file that stands outside
  const std::string_view record = spirogram::fuzz::Input(data, size).rest();
  ParsedEvent event;
  if (ParseEvent(record, &event)) {
    for (const ParsedValue& value : event.values) {
      ParsedMetadata metadata;
      if (!ParseMetadata(value.metadata, &metadata)) metadata = {};
      ConvertByEveryKind(value, metadata.content);
      ParseByEveryContent(metadata.content);
      ParseByEveryTensor(value.bytes);
    }
  }
  ParseByEveryContent(record);
  ParseByEveryTensor(record);
  Apply(record);
  return 0;
}

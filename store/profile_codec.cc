#include "store/profile_codec.h"

#include <cstdint>
#include <vector>

#include "base/check.h"
#include "base/str.h"
#include "store/blob_codec.h"
#include "store/byte_io.h"
#include "store/byte_planes.h"

namespace spirogram::store {
namespace {

constexpr uint8_t kFormat = 1;

template <typename T>
void AppendColumn(const std::vector<T>& column, bool is_delta, std::string* out) {
  std::vector<uint64_t> numbers(column.size());
  for (size_t i = 0; i < column.size(); ++i) numbers[i] = static_cast<uint64_t>(column[i]);
  if (is_delta) DeltaEncode(numbers);
  // The first difference is a whole number: alone, it keeps the planes of the others few.
  const std::span<const uint64_t> all(numbers);
  AppendPlanes(all.first(1), out);
  AppendPlanes(all.subspan(1), out);
}

template <typename T>
bool ReadColumn(std::string_view* bytes, size_t count, bool is_delta, std::vector<T>* column) {
  std::vector<uint64_t> numbers(count);
  const std::span<uint64_t> all(numbers);
  if (!ReadPlanes(bytes, all.first(1)) || !ReadPlanes(bytes, all.subspan(1))) return false;
  if (is_delta) DeltaDecode(numbers);
  for (const uint64_t number : numbers) column->push_back(static_cast<T>(number));
  return true;
}

}  // namespace

std::string EncodeProfileChunk(const ProfileSlices& slices) {
  CHECK(slices.size() > 0 && slices.size() <= kChunkSlicesMax);
  ByteWriter header;
  header.Put(kFormat);
  header.Put(static_cast<uint32_t>(slices.size()));
  std::string content = header.Take();
  AppendColumn(slices.kind, false, &content);
  AppendColumn(slices.name, false, &content);
  AppendColumn(slices.start_ns, true, &content);
  AppendColumn(slices.duration_ns, false, &content);
  AppendColumn(slices.step, true, &content);
  AppendColumn(slices.correlation_id, true, &content);
  AppendColumn(slices.stream, false, &content);
  return PackBlob(content, Compression::kZstd);
}

Status DecodeProfileChunk(std::string_view chunk, ProfileSlices* slices) {
  ASSIGN_OR_RETURN(const std::string content, UnpackBlob(chunk));
  ByteReader header(content);
  const auto format = header.Get<uint8_t>();
  const auto count = header.Get<uint32_t>();
  if (!header.ok() || format != kFormat || count == 0 || count > kChunkSlicesMax) {
    return Corruption(StrCat("profile chunk: format ", format, " with ", count, " is not known"));
  }
  std::string_view rest = header.rest();
  if (!ReadColumn(&rest, count, false, &slices->kind) ||
      !ReadColumn(&rest, count, false, &slices->name) ||
      !ReadColumn(&rest, count, true, &slices->start_ns) ||
      !ReadColumn(&rest, count, false, &slices->duration_ns) ||
      !ReadColumn(&rest, count, true, &slices->step) ||
      !ReadColumn(&rest, count, true, &slices->correlation_id) ||
      !ReadColumn(&rest, count, false, &slices->stream) || !rest.empty()) {
    return Corruption(StrCat("profile chunk: columns do not hold ", count, " slices"));
  }
  return {};
}

void AppendSlice(const ProfileSlices& from, size_t i, uint32_t name, ProfileSlices* to) {
  to->kind.push_back(from.kind[i]);
  to->name.push_back(name);
  to->start_ns.push_back(from.start_ns[i]);
  to->duration_ns.push_back(from.duration_ns[i]);
  to->step.push_back(from.step[i]);
  to->correlation_id.push_back(from.correlation_id[i]);
  to->stream.push_back(from.stream[i]);
}

}  // namespace spirogram::store

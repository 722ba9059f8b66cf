#include "store/profile_codec.h"

#include <algorithm>
#include <bit>
#include <cstdint>
#include <vector>

#include "base/check.h"
#include "base/str.h"
#include "store/blob_codec.h"
#include "store/byte_io.h"
#include "store/number_columns.h"

namespace spirogram::store {
namespace {

constexpr uint8_t kFormat = 1;

std::string EncodeHeader(size_t count) {
  CHECK(count > 0 && count <= kChunkSlicesMax);
  ByteWriter header;
  header.Put(kFormat);
  header.Put(static_cast<uint32_t>(count));
  return header.Take();
}

// Reads what EncodeHeader wrote from the front of `bytes`, of a blob that is `what`.
Result<size_t> DecodeHeader(const char* what, std::string_view* bytes) {
  ByteReader header(*bytes);
  const auto format = header.Get<uint8_t>();
  const auto count = header.Get<uint32_t>();
  if (!header.ok() || format != kFormat || count == 0 || count > kChunkSlicesMax) {
    return Corruption(StrCat(what, ": format ", format, " with ", count, " is not known"));
  }
  *bytes = header.rest();
  return size_t{count};
}

}  // namespace

std::string EncodeProfileChunk(const ProfileSlices& slices) {
  std::string content = EncodeHeader(slices.size());
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
  std::string_view rest = content;
  ASSIGN_OR_RETURN(const size_t count, DecodeHeader("profile chunk", &rest));
  ColumnReader columns(rest, count);
  if (!columns.Read(false, &slices->kind) || !columns.Read(false, &slices->name) ||
      !columns.Read(true, &slices->start_ns) || !columns.Read(false, &slices->duration_ns) ||
      !columns.Read(true, &slices->step) || !columns.Read(true, &slices->correlation_id) ||
      !columns.Read(false, &slices->stream) || !columns.rest().empty()) {
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

std::string EncodeKernelTimes(const KernelTimes& times) {
  std::vector<uint32_t> name;
  std::vector<ProfileSlices::Kind> kind;
  std::vector<int64_t> count;
  std::vector<uint64_t> total_ns;
  std::vector<int64_t> max_ns;
  for (const auto& [key, time] : times) {
    name.push_back(key.first);
    kind.push_back(key.second);
    count.push_back(time.count);
    total_ns.push_back(std::bit_cast<uint64_t>(time.total_ns));
    max_ns.push_back(time.max_ns);
  }
  std::string content = EncodeHeader(times.size());
  AppendColumn(name, false, &content);
  AppendColumn(kind, false, &content);
  AppendColumn(count, false, &content);
  AppendColumn(total_ns, false, &content);
  AppendColumn(max_ns, false, &content);
  return PackBlob(content, Compression::kZstd);
}

Status DecodeKernelTimes(std::string_view bytes, KernelTimes* times) {
  ASSIGN_OR_RETURN(const std::string content, UnpackBlob(bytes));
  std::string_view rest = content;
  ASSIGN_OR_RETURN(const size_t names, DecodeHeader("kernel times", &rest));
  std::vector<uint32_t> name;
  std::vector<ProfileSlices::Kind> kind;
  std::vector<uint32_t> count;  // a chunk has no more slices
  std::vector<uint64_t> total_ns;
  std::vector<int64_t> max_ns;
  ColumnReader columns(rest, names);
  if (!columns.Read(false, &name) || !columns.Read(false, &kind) || !columns.Read(false, &count) ||
      !columns.Read(false, &total_ns) || !columns.Read(false, &max_ns) || !columns.rest().empty()) {
    return Corruption(StrCat("kernel times: columns do not hold ", names, " names"));
  }
  for (size_t i = 0; i < names; ++i) {
    AddKernelTime({count[i], std::bit_cast<double>(total_ns[i]), max_ns[i]},
                  &(*times)[{name[i], kind[i]}]);
  }
  return {};
}

void AddKernelTime(const KernelTime& more, KernelTime* time) {
  time->count += more.count;
  time->total_ns += more.total_ns;
  time->max_ns = std::max(time->max_ns, more.max_ns);
}

}  // namespace spirogram::store

#include "store/scalar_batch.h"

#include <cmath>
#include <cstring>

#include "base/record.h"
#include "base/str.h"
#include "proto/event.pb.h"

namespace spirogram::store {
namespace {

static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "columns are copied as they lie");

constexpr std::string_view kMagic = "SPS1";
constexpr size_t kTagBytesMax = 4096;
// A point of 28 bytes becomes an event with its tag: long tags must not make much of little.
constexpr size_t kRecordsBytesMax = size_t{64} << 20;
constexpr size_t kBytesBesideTag = 80;
constexpr std::string_view kBatchEndWriter = "spirogram.ingest/";
constexpr size_t kBatchEndBytesMax = 80;

// Takes typed values off the front of bytes; an Error once they do not suffice.
class Cursor {
 public:
  explicit Cursor(std::string_view bytes) : rest_(bytes) {}

  Result<std::string_view> Take(uint64_t bytes, std::string_view what) {
    if (bytes > rest_.size()) {
      return InvalidArgument(StrCat("the batch ends within its ", what, ": ", rest_.size(),
                                    " bytes are left, want ", bytes));
    }
    const std::string_view taken = rest_.substr(0, bytes);
    rest_.remove_prefix(bytes);
    return taken;
  }
  template <typename T>
  Result<T> Number(std::string_view what) {
    ASSIGN_OR_RETURN(const std::string_view bytes, Take(sizeof(T), what));
    T value{};
    std::memcpy(&value, bytes.data(), sizeof value);
    return value;
  }
  template <typename T>
  Result<std::vector<T>> Column(uint32_t length, std::string_view what) {
    ASSIGN_OR_RETURN(const std::string_view bytes, Take(uint64_t{length} * sizeof(T), what));
    std::vector<T> column(length);
    if (length > 0) std::memcpy(column.data(), bytes.data(), bytes.size());
    return column;
  }
  size_t left() const { return rest_.size(); }

 private:
  std::string_view rest_;
};

Result<std::vector<std::string_view>> ParseTags(Cursor* cursor) {
  ASSIGN_OR_RETURN(const auto count, cursor->Number<uint32_t>("number of tags"));
  std::vector<std::string_view> tags;
  for (uint32_t i = 0; i < count; ++i) {
    ASSIGN_OR_RETURN(const auto length, cursor->Number<uint16_t>("tags"));
    ASSIGN_OR_RETURN(const std::string_view tag, cursor->Take(length, "tags"));
    if (tag.empty() || tag.size() > kTagBytesMax) {
      return InvalidArgument(
          StrCat("tag ", i, " has ", tag.size(), " bytes, want 1 to ", kTagBytesMax));
    }
    if (ToValidUtf8(tag) != tag) return InvalidArgument(StrCat("tag ", i, " is not UTF-8"));
    tags.push_back(tag);
  }
  return tags;
}

Status CheckPoints(const ScalarBatch& batch) {
  if (batch.tag.empty()) return InvalidArgument("the batch has no points");
  size_t bytes = 0;
  for (size_t i = 0; i < batch.tag.size(); ++i) {
    if (batch.tag[i] >= batch.tags.size()) {
      return InvalidArgument(
          StrCat("point ", i, " names tag ", batch.tag[i], " of ", batch.tags.size()));
    }
    if (!std::isfinite(batch.wall_time[i])) {
      return InvalidArgument(StrCat("point ", i, ": the wall time is not finite"));
    }
    bytes += batch.tags[batch.tag[i]].size() + kBytesBesideTag;
  }
  if (bytes > kRecordsBytesMax) {
    return InvalidArgument(StrCat("the batch becomes ", bytes, " bytes of events, want at most ",
                                  kRecordsBytesMax, ": send fewer points at once"));
  }
  return {};
}

void AppendEvent(const proto::Event& event, std::string* serialized, std::string* records) {
  event.SerializeToString(serialized);
  AppendRecord(*serialized, records);
}

}  // namespace

Result<ScalarBatch> ParseScalarBatch(std::string_view bytes) {
  Cursor cursor(bytes);
  ASSIGN_OR_RETURN(const std::string_view magic, cursor.Take(kMagic.size(), "magic number"));
  if (magic != kMagic) return InvalidArgument("the batch does not begin with \"SPS1\"");
  ScalarBatch batch;
  ASSIGN_OR_RETURN(batch.tags, ParseTags(&cursor));
  ASSIGN_OR_RETURN(const auto points, cursor.Number<uint32_t>("number of points"));
  ASSIGN_OR_RETURN(batch.tag, cursor.Column<uint32_t>(points, "tag column"));
  ASSIGN_OR_RETURN(batch.step, cursor.Column<Step>(points, "step column"));
  ASSIGN_OR_RETURN(batch.wall_time, cursor.Column<WallTime>(points, "wall time column"));
  ASSIGN_OR_RETURN(batch.value, cursor.Column<double>(points, "value column"));
  if (cursor.left() > 0) {
    return InvalidArgument(StrCat(cursor.left(), " bytes follow the batch's last column"));
  }
  RETURN_IF_ERROR(CheckPoints(batch));
  return batch;
}

std::string ScalarRecords(const ScalarBatch& batch) {
  std::string records;
  std::string serialized;
  std::vector<bool> is_known(batch.tags.size());
  proto::Event event;
  for (size_t i = 0; i < batch.tag.size(); ++i) {
    const bool joins =
        i > 0 && batch.step[i] == batch.step[i - 1] && batch.wall_time[i] == batch.wall_time[i - 1];
    if (i > 0 && !joins) {
      AppendEvent(event, &serialized, &records);
      event.Clear();
    }
    event.set_step(batch.step[i]);
    event.set_wall_time(batch.wall_time[i]);
    proto::Summary::Value* value = event.mutable_summary()->add_value();
    value->set_tag(std::string(batch.tags[batch.tag[i]]));
    value->mutable_tensor()->set_dtype(proto::DT_DOUBLE);
    value->mutable_tensor()->mutable_tensor_shape();
    value->mutable_tensor()->add_double_val(batch.value[i]);
    if (!is_known[batch.tag[i]]) {
      value->mutable_metadata()->mutable_plugin_data()->set_plugin_name("scalars");
      is_known[batch.tag[i]] = true;
    }
  }
  AppendEvent(event, &serialized, &records);
  return records;
}

void AppendFileVersion(WallTime wall_time, std::string* records) {
  proto::Event event;
  event.set_wall_time(wall_time);
  event.set_file_version("brain.Event:2");
  std::string serialized;
  AppendEvent(event, &serialized, records);
}

void AppendBatchEnd(uint64_t batches, WallTime wall_time, std::string* records) {
  proto::Event event;
  event.set_wall_time(wall_time);
  event.mutable_source_metadata()->set_writer(StrCat(kBatchEndWriter, batches));
  std::string serialized;
  AppendEvent(event, &serialized, records);
}

std::optional<uint64_t> ParseBatchEnd(std::string_view event) {
  if (event.size() > kBatchEndBytesMax) return std::nullopt;  // most are not: spare the parsing
  proto::Event parsed;
  if (!parsed.ParseFromArray(event.data(), static_cast<int>(event.size()))) return std::nullopt;
  const std::string_view writer = parsed.source_metadata().writer();
  if (parsed.what_case() != proto::Event::WHAT_NOT_SET || !writer.starts_with(kBatchEndWriter)) {
    return std::nullopt;
  }
  return ParseNumber<uint64_t>(writer.substr(kBatchEndWriter.size()));
}

}  // namespace spirogram::store

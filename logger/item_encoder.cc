#include "logger/item_encoder.h"

#include <algorithm>
#include <span>
#include <variant>

#include "base/record.h"
#include "base/str.h"
#include "logger/plain_scalar.h"
#include "logger/summary.h"

namespace spirogram::logger {
namespace {

constexpr size_t kSlicesPerEvent = 512;
constexpr size_t kKeptBytesMax = 1 << 20;  // what a large tensor leaves behind is given back

void StartEvent(Step step, WallTime wall_time, proto::Event* event) {
  event->set_step(step);
  event->set_wall_time(wall_time);
}

// Sets the value of every kind that is one event with the tag as it is; false for the other kinds.
struct SingleValue {
  proto::Summary::Value* out;
  WallTime wall_time;

  Status operator()(const BucketedValues& values) const { return SetHistogram(values, out), Ok(); }
  Status operator()(const HistogramItem& item) const {
    return SetHistogram(BucketValues(item.values), out), Ok();
  }
  Status operator()(const TextItem& text) const { return SetText(text, out), Ok(); }
  Status operator()(const ImageItem& image) const { return SetImage(image, out); }
  Status operator()(const EmbeddingItem& item) const { return SetEmbedding(item, out), Ok(); }
  Status operator()(const EntityStats& stats) const { return SetEntityStats(stats, out), Ok(); }
  Status operator()(const HparamsItem& item) const {
    return SetSessionStart(item, wall_time, out), Ok();
  }
  Status operator()(const ProfileItem& item) const { return SetProfile(item.slices, out), Ok(); }
  Status operator()(const ProfileNoteItem& note) const { return SetProfileNote(note, out), Ok(); }
  Status operator()(const EndItem& end) const {
    return SetSessionEnd(end.status, wall_time, out), Ok();
  }

 private:
  static Status Ok() { return {}; }
};

// Kinds whose plugin content differs from event to event.
bool KeepsMetadata(const Payload& payload) {
  return std::holds_alternative<EntityStats>(payload) ||
         std::holds_alternative<HparamsItem>(payload) || std::holds_alternative<EndItem>(payload);
}

}  // namespace

Status ItemEncoder::Encode(std::string_view tag, const Item& item, std::string* records) {
  if (item.payload != nullptr) return EncodePayload(tag, item, records);
  if (tags_with_metadata_.contains(tag) && !IsLostInFloat(item.value)) {
    SerializePlainScalar(tag, item.step, item.wall_time, static_cast<float>(item.value),
                         &serialized_);
    AppendRecord(serialized_, records);
    return {};
  }
  proto::Event event;
  StartEvent(item.step, item.wall_time, &event);
  SetScalar(item.value, event.mutable_summary()->add_value());
  return AppendEvent(tag, false, &event, records);
}

Status ItemEncoder::EncodePayload(std::string_view tag, const Item& item, std::string* records) {
  const Payload& payload = *item.payload;
  if (const auto* profile = std::get_if<ProfileItem>(&payload)) {
    return EncodeProfile(*profile, item.wall_time, records);
  }
  if (const auto* embedding = std::get_if<EmbeddingItem>(&payload);
      embedding != nullptr && embedding->metadata != nullptr) {
    proto::Event event;
    StartEvent(item.step, item.wall_time, &event);
    SetEmbeddingMetadata(*embedding->metadata, event.mutable_summary()->add_value());
    RETURN_IF_ERROR(AppendEvent(StrCat(tag, "/metadata"), true, &event, records));
  }
  proto::Event event;
  StartEvent(item.step, item.wall_time, &event);
  RETURN_IF_ERROR(
      std::visit(SingleValue{event.mutable_summary()->add_value(), item.wall_time}, payload));
  return AppendEvent(tag, KeepsMetadata(payload), &event, records);
}

Status ItemEncoder::EncodeProfile(const ProfileItem& profile, WallTime wall_time,
                                  std::string* records) {
  const std::span<const ProfileSlice> slices(profile.slices);
  for (size_t begin = 0; begin < slices.size(); begin += kSlicesPerEvent) {
    const auto part = slices.subspan(begin, std::min(kSlicesPerEvent, slices.size() - begin));
    proto::Event event;
    StartEvent(part.back().step, wall_time, &event);
    SetProfile(part, event.mutable_summary()->add_value());
    RETURN_IF_ERROR(AppendEvent(kProfileTag, false, &event, records));
  }
  return {};
}

Status ItemEncoder::AppendEvent(std::string_view tag, bool keeps_metadata, proto::Event* event,
                                std::string* records) {
  proto::Summary::Value* value = event->mutable_summary()->mutable_value(0);
  value->set_tag(ToValidUtf8(tag));
  const bool is_known = tags_with_metadata_.contains(value->tag());
  if (is_known && !keeps_metadata) value->clear_metadata();
  const size_t bytes = event->ByteSizeLong();
  if (bytes > kRecordBytesMax) {
    return InvalidArgument(StrCat("tag ", value->tag(), ": an event of ", bytes,
                                  " bytes is over the bound of ", kRecordBytesMax));
  }
  event->SerializeToString(&serialized_);
  AppendRecord(serialized_, records);
  if (serialized_.capacity() > kKeptBytesMax) serialized_ = std::string();
  if (!is_known) tags_with_metadata_.insert(value->tag());
  return {};
}

std::string FileVersionRecord(WallTime wall_time) {
  proto::Event event;
  event.set_wall_time(wall_time);
  event.set_file_version("brain.Event:2");
  event.mutable_source_metadata()->set_writer("spirogram");
  std::string record;
  AppendRecord(event.SerializeAsString(), &record);
  return record;
}

}  // namespace spirogram::logger

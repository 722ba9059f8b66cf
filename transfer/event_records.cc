#include "transfer/event_records.h"

#include <bit>
#include <cstdint>
#include <utility>

#include "base/record.h"
#include "base/wire.h"
#include "proto/event.pb.h"

namespace spirogram::transfer {
namespace {

void AppendEvent(const proto::Event& event, std::string* records) {
  AppendRecord(event.SerializeAsString(), records);
}

bool IsFloat(double value) {
  const auto narrow = static_cast<float>(value);
  return std::bit_cast<uint64_t>(static_cast<double>(narrow)) == std::bit_cast<uint64_t>(value);
}

void SetMetadata(const ScalarMetadata& metadata, proto::Summary::Value* value) {
  proto::SummaryMetadata* out = value->mutable_metadata();
  out->mutable_plugin_data()->set_plugin_name(metadata.plugin);
  out->set_display_name(metadata.display_name);
  out->set_summary_description(metadata.description);
  out->set_data_class(proto::DATA_CLASS_SCALAR);
}

}  // namespace

void EventRecords::AppendFileVersion(WallTime wall_time, std::string* records) {
  proto::Event event;
  event.set_wall_time(wall_time);
  event.set_file_version("brain.Event:2");
  event.mutable_source_metadata()->set_writer("spirogram");
  AppendEvent(event, records);
}

void EventRecords::AppendMoment(WallTime wall_time, std::string* records) {
  proto::Event event;
  event.set_wall_time(wall_time);
  AppendEvent(event, records);
}

void EventRecords::AppendWarning(WallTime wall_time, const std::string& message,
                                 std::string* records) {
  proto::Event event;
  event.set_wall_time(wall_time);
  event.mutable_log_message()->set_level(proto::LogMessage::WARN);
  event.mutable_log_message()->set_message(message);
  AppendEvent(event, records);
}

void EventRecords::AppendValue(Step step, WallTime wall_time, std::string_view summary_value,
                               std::string* records) {
  proto::Event event;
  event.set_step(step);
  event.set_wall_time(wall_time);
  std::string bytes = event.SerializeAsString();
  // The value's bytes go in as they are: what a message does not know of them would be lost.
  std::string value_header;
  AppendBytesHeader(proto::Summary::kValueFieldNumber, summary_value.size(), &value_header);
  AppendBytesHeader(proto::Event::kSummaryFieldNumber, value_header.size() + summary_value.size(),
                    &bytes);
  bytes.append(value_header);
  AppendRecord(bytes.append(summary_value), records);
}

void EventRecords::AppendGraph(const store::GraphInfo& graph, std::string bytes,
                               std::string* records) {
  proto::Event event;
  event.set_step(graph.step);
  event.set_wall_time(graph.wall_time);
  if (graph.tag == store::kRunGraphTag) {
    event.set_graph_def(std::move(bytes));
  } else if (graph.type == store::GraphType::kTaggedMetadata) {
    event.mutable_tagged_run_metadata()->set_tag(graph.tag);
    event.mutable_tagged_run_metadata()->set_run_metadata(std::move(bytes));
  } else {
    proto::Summary::Value* value = event.mutable_summary()->add_value();
    value->set_tag(graph.tag);
    value->mutable_metadata()->mutable_plugin_data()->set_plugin_name(graph.plugin);
    value->mutable_metadata()->set_data_class(proto::DATA_CLASS_TENSOR);
    value->mutable_tensor()->set_dtype(proto::DT_STRING);
    value->mutable_tensor()->mutable_tensor_shape();
    value->mutable_tensor()->add_string_val(std::move(bytes));
  }
  AppendEvent(event, records);
}

void EventRecords::AppendScalar(const std::string& tag, const ScalarMetadata& metadata, Step step,
                                WallTime wall_time, double value, std::string* records) {
  proto::Event event;
  event.set_step(step);
  event.set_wall_time(wall_time);
  proto::Summary::Value* out = event.mutable_summary()->add_value();
  out->set_tag(tag);
  if (IsFloat(value)) {
    out->set_simple_value(static_cast<float>(value));
  } else {
    out->mutable_tensor()->set_dtype(proto::DT_DOUBLE);
    out->mutable_tensor()->mutable_tensor_shape();
    out->mutable_tensor()->add_double_val(value);
  }
  if (known_tags_.insert(tag).second) SetMetadata(metadata, out);
  AppendEvent(event, records);
}

}  // namespace spirogram::transfer

#include "tests/testing/event_builder.h"

#include <utility>

#include "base/check.h"
#include "base/file.h"
#include "base/record.h"

namespace spirogram::testing {

EventBuilder& EventBuilder::FileVersion() {
  proto::Event event;
  event.set_file_version("brain.Event:2");
  return Add(0, std::move(event));
}

EventBuilder& EventBuilder::SessionStart(Step step) {
  proto::Event event;
  event.mutable_session_log()->set_status(proto::SessionLog::START);
  return Add(step, std::move(event));
}

EventBuilder& EventBuilder::LogMessage(proto::LogMessage::Level level, const std::string& message) {
  proto::Event event;
  event.mutable_log_message()->set_level(level);
  event.mutable_log_message()->set_message(message);
  return Add(0, std::move(event));
}

EventBuilder& EventBuilder::Scalar(const std::string& tag, Step step, float value) {
  proto::Event event;
  NewValue(tag, &event)->set_simple_value(value);
  return Add(step, std::move(event));
}

EventBuilder& EventBuilder::Tensor(const std::string& tag, Step step, const std::string& plugin,
                                   proto::Tensor tensor, const std::string& content) {
  proto::Event event;
  proto::Summary::Value* value = NewValue(tag, &event);
  *value->mutable_tensor() = std::move(tensor);
  value->mutable_metadata()->mutable_plugin_data()->set_plugin_name(plugin);
  value->mutable_metadata()->mutable_plugin_data()->set_content(content);
  return Add(step, std::move(event));
}

EventBuilder& EventBuilder::Texts(const std::string& tag, Step step, const std::string& plugin,
                                  std::initializer_list<int64_t> shape,
                                  const std::vector<std::string>& texts,
                                  const std::string& content) {
  proto::Tensor tensor = Shaped(proto::DT_STRING, shape);
  for (const std::string& text : texts) tensor.add_string_val(text);
  return Tensor(tag, step, plugin, std::move(tensor), content);
}

EventBuilder& EventBuilder::Floats(const std::string& tag, Step step, const std::string& plugin,
                                   std::initializer_list<int64_t> shape,
                                   const std::vector<float>& values, const std::string& content) {
  proto::Tensor tensor = Shaped(proto::DT_FLOAT, shape);
  tensor.mutable_float_val()->Add(values.begin(), values.end());
  return Tensor(tag, step, plugin, std::move(tensor), content);
}

EventBuilder& EventBuilder::OldHistogram(const std::string& tag, Step step,
                                         const proto::HistogramProto& histo) {
  proto::Event event;
  *NewValue(tag, &event)->mutable_histo() = histo;
  return Add(step, std::move(event));
}

EventBuilder& EventBuilder::OldImage(const std::string& tag, Step step, int width, int height,
                                     const std::string& encoded) {
  proto::Event event;
  proto::Summary::Image* image = NewValue(tag, &event)->mutable_image();
  image->set_width(width);
  image->set_height(height);
  image->set_encoded_image_string(encoded);
  return Add(step, std::move(event));
}

EventBuilder& EventBuilder::Hparams(const proto::HParamsPluginData& data, const std::string& tag) {
  proto::Tensor tensor = Shaped(proto::DT_FLOAT, {0});
  return Tensor(tag, 0, "hparams", std::move(tensor), data.SerializeAsString());
}

EventBuilder& EventBuilder::Add(Step step, proto::Event event) {
  event.set_wall_time(wall_time_);
  event.set_step(step);
  wall_time_ += 1;
  return Raw(event.SerializeAsString());
}

EventBuilder& EventBuilder::Raw(std::string_view record) {
  offsets_.push_back(bytes_.size());
  AppendRecord(record, &bytes_);
  return *this;
}

proto::Tensor EventBuilder::Shaped(proto::DataType dtype, std::initializer_list<int64_t> shape) {
  proto::Tensor tensor;
  tensor.set_dtype(dtype);
  for (const int64_t size : shape) tensor.mutable_tensor_shape()->add_dim()->set_size(size);
  return tensor;
}

void EventBuilder::AppendTo(const std::string& path) {
  CHECK(MakeFolders(path.substr(0, path.rfind('/'))).ok());
  auto file = AppendFile::Open(path);
  CHECK(file.ok() && file->Append(std::string_view(bytes_).substr(written_)).ok());
  written_ = bytes_.size();
}

proto::Summary::Value* EventBuilder::NewValue(const std::string& tag, proto::Event* event) {
  proto::Summary::Value* value = event->mutable_summary()->add_value();
  value->set_tag(tag);
  return value;
}

}  // namespace spirogram::testing

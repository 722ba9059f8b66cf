// Builds event files as real writers do: protobufs in records. Each call appends one record.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/check.h"
#include "base/file.h"
#include "base/record.h"
#include "base/types.h"
#include "proto/event.pb.h"
#include "proto/hparams.pb.h"
#include "proto/spirogram.pb.h"

namespace spirogram::testing {

class EventBuilder {
 public:
  // Wall time of the events to come; grows by a second per event.
  explicit EventBuilder(WallTime wall_time = 1'700'000'000) : wall_time_(wall_time) {}

  EventBuilder& FileVersion() {
    proto::Event event;
    event.set_file_version("brain.Event:2");
    return Add(0, std::move(event));
  }
  EventBuilder& SessionStart(Step step) {
    proto::Event event;
    event.mutable_session_log()->set_status(proto::SessionLog::START);
    return Add(step, std::move(event));
  }
  EventBuilder& Scalar(const std::string& tag, Step step, float value) {
    proto::Event event;
    NewValue(tag, &event)->set_simple_value(value);
    return Add(step, std::move(event));
  }
  // A tensor of any kind, with the plugin's metadata.
  EventBuilder& Tensor(const std::string& tag, Step step, const std::string& plugin,
                       proto::Tensor tensor, const std::string& content = "") {
    proto::Event event;
    proto::Summary::Value* value = NewValue(tag, &event);
    *value->mutable_tensor() = std::move(tensor);
    value->mutable_metadata()->mutable_plugin_data()->set_plugin_name(plugin);
    value->mutable_metadata()->mutable_plugin_data()->set_content(content);
    return Add(step, std::move(event));
  }
  EventBuilder& Texts(const std::string& tag, Step step, const std::string& plugin,
                      std::initializer_list<int64_t> shape, const std::vector<std::string>& texts,
                      const std::string& content = "") {
    proto::Tensor tensor = Shaped(proto::DT_STRING, shape);
    for (const std::string& text : texts) tensor.add_string_val(text);
    return Tensor(tag, step, plugin, std::move(tensor), content);
  }
  EventBuilder& Floats(const std::string& tag, Step step, const std::string& plugin,
                       std::initializer_list<int64_t> shape, const std::vector<float>& values,
                       const std::string& content = "") {
    proto::Tensor tensor = Shaped(proto::DT_FLOAT, shape);
    tensor.mutable_float_val()->Add(values.begin(), values.end());
    return Tensor(tag, step, plugin, std::move(tensor), content);
  }
  EventBuilder& OldHistogram(const std::string& tag, Step step,
                             const proto::HistogramProto& histo) {
    proto::Event event;
    *NewValue(tag, &event)->mutable_histo() = histo;
    return Add(step, std::move(event));
  }
  EventBuilder& OldImage(const std::string& tag, Step step, int width, int height,
                         const std::string& encoded) {
    proto::Event event;
    proto::Summary::Image* image = NewValue(tag, &event)->mutable_image();
    image->set_width(width);
    image->set_height(height);
    image->set_encoded_image_string(encoded);
    return Add(step, std::move(event));
  }
  EventBuilder& Hparams(const proto::HParamsPluginData& data, const std::string& tag) {
    proto::Tensor tensor = Shaped(proto::DT_FLOAT, {0});
    return Tensor(tag, 0, "hparams", std::move(tensor), data.SerializeAsString());
  }
  EventBuilder& Add(Step step, proto::Event event) {
    event.set_wall_time(wall_time_);
    event.set_step(step);
    wall_time_ += 1;
    return Raw(event.SerializeAsString());
  }
  // A record of any bytes.
  EventBuilder& Raw(std::string_view record) {
    offsets_.push_back(bytes_.size());
    AppendRecord(record, &bytes_);
    return *this;
  }

  static proto::Tensor Shaped(proto::DataType dtype, std::initializer_list<int64_t> shape) {
    proto::Tensor tensor;
    tensor.set_dtype(dtype);
    for (const int64_t size : shape) tensor.mutable_tensor_shape()->add_dim()->set_size(size);
    return tensor;
  }

  const std::string& bytes() const { return bytes_; }
  // Where each record begins.
  const std::vector<size_t>& offsets() const { return offsets_; }
  WallTime wall_time() const { return wall_time_; }
  void set_wall_time(WallTime wall_time) { wall_time_ = wall_time; }

  // Appends what was built since the last call to a file, making its folders.
  void AppendTo(const std::string& path) {
    CHECK(MakeFolders(path.substr(0, path.rfind('/'))).ok());
    auto file = AppendFile::Open(path);
    CHECK(file.ok() && file->Append(std::string_view(bytes_).substr(written_)).ok());
    written_ = bytes_.size();
  }

 private:
  static proto::Summary::Value* NewValue(const std::string& tag, proto::Event* event) {
    proto::Summary::Value* value = event->mutable_summary()->add_value();
    value->set_tag(tag);
    return value;
  }

  WallTime wall_time_;
  std::string bytes_;
  std::vector<size_t> offsets_;
  size_t written_ = 0;
};

}  // namespace spirogram::testing

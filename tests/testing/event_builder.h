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

  EventBuilder& FileVersion();
  EventBuilder& SessionStart(Step step);
  EventBuilder& LogMessage(proto::LogMessage::Level level, const std::string& message);
  EventBuilder& Scalar(const std::string& tag, Step step, float value);
  // A tensor of any kind, with the plugin's metadata.
  EventBuilder& Tensor(const std::string& tag, Step step, const std::string& plugin,
                       proto::Tensor tensor, const std::string& content = "");
  EventBuilder& Texts(const std::string& tag, Step step, const std::string& plugin,
                      std::initializer_list<int64_t> shape, const std::vector<std::string>& texts,
                      const std::string& content = "");
  EventBuilder& Floats(const std::string& tag, Step step, const std::string& plugin,
                       std::initializer_list<int64_t> shape, const std::vector<float>& values,
                       const std::string& content = "");
  EventBuilder& OldHistogram(const std::string& tag, Step step, const proto::HistogramProto& histo);
  EventBuilder& OldImage(const std::string& tag, Step step, int width, int height,
                         const std::string& encoded);
  EventBuilder& Hparams(const proto::HParamsPluginData& data, const std::string& tag);
  EventBuilder& Add(Step step, proto::Event event);
  // A record of any bytes.
  EventBuilder& Raw(std::string_view record);

  static proto::Tensor Shaped(proto::DataType dtype, std::initializer_list<int64_t> shape);

  const std::string& bytes() const { return bytes_; }
  // Where each record begins.
  const std::vector<size_t>& offsets() const { return offsets_; }
  WallTime wall_time() const { return wall_time_; }
  void set_wall_time(WallTime wall_time) { wall_time_ = wall_time; }

  // Appends what was built since the last call to a file, making its folders.
  void AppendTo(const std::string& path);

 private:
  static proto::Summary::Value* NewValue(const std::string& tag, proto::Event* event);

  WallTime wall_time_;
  std::string bytes_;
  std::vector<size_t> offsets_;
  size_t written_ = 0;
};

}  // namespace spirogram::testing

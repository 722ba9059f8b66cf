#include "logger/plain_scalar.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <string>

#include "proto/event.pb.h"

namespace spirogram::logger {
namespace {

std::string ByProtobuf(const std::string& tag, Step step, WallTime wall_time, float value) {
  proto::Event event;
  event.set_wall_time(wall_time);
  event.set_step(step);
  proto::Summary::Value* out = event.mutable_summary()->add_value();
  out->set_tag(tag);
  out->set_simple_value(value);
  return event.SerializeAsString();
}

TEST(PlainScalarTest, IsTheBytesThatProtobufMakes) {
  const std::string tags[] = {"a", "loss/träin", std::string(127, 'b'), std::string(128, 'c'),
                              std::string(4096, 'd')};
  const Step steps[] = {0, 1, 127, 128, 300'000, INT64_MAX, -1, INT64_MIN};
  const WallTime wall_times[] = {0, -0.0, 1.76e9, std::numeric_limits<double>::infinity()};
  const float values[] = {0,
                          -0.0f,
                          0.5f,
                          -1e-45f,
                          std::numeric_limits<float>::quiet_NaN(),
                          std::numeric_limits<float>::infinity()};
  std::string event = "what was there before";
  for (const std::string& tag : tags) {
    for (const Step step : steps) {
      for (const WallTime wall_time : wall_times) {
        for (const float value : values) {
          SerializePlainScalar(tag, step, wall_time, value, &event);
          ASSERT_EQ(event, ByProtobuf(tag, step, wall_time, value))
              << tag << " = " << value << " at " << step << ", " << wall_time;
        }
      }
    }
  }
}

}  // namespace
}  // namespace spirogram::logger

#include <gtest/gtest.h>

#include <string>

#include "proto/event.pb.h"

namespace spirogram::proto {
namespace {

using namespace std::string_literals;

// The event "scalar accuracy, 0.99, step 77" of a real TensorFlow event file, from the tests of
// TensorBoard's data server (tf_record.rs).
const std::string kScalarEvent =
    "\x09\xc4\x05\xb7\x3d\x99\xd6\xd7\x41\x10\x4d\x2a\x25\x0a\x23\x0a\x08"
    "accuracy\x42\x0a\x08\x01\x12\x00\x22\x04\xa4\x70\x7d\x3f\x4a\x0b\x0a\x09\x0a\x07scalars"s;

Event Parsed(const std::string& bytes) {
  Event event;
  EXPECT_TRUE(event.ParseFromString(bytes));
  return event;
}

TEST(EventTest, ReadsTheScalarThatTensorFlowWrote) {
  const Event event = Parsed(kScalarEvent);
  EXPECT_NEAR(event.wall_time(), 1599759606.86, 0.01);
  EXPECT_EQ(event.step(), 77);
  ASSERT_EQ(event.summary().value_size(), 1);
  const Summary::Value& value = event.summary().value(0);
  EXPECT_EQ(value.tag(), "accuracy");
  EXPECT_EQ(value.metadata().plugin_data().plugin_name(), "scalars");
  EXPECT_EQ(value.tensor().dtype(), DT_FLOAT);
  EXPECT_EQ(value.tensor().tensor_shape().dim_size(), 0);
  EXPECT_EQ(value.tensor().tensor_content(), "\xa4\x70\x7d\x3f");  // 0.99 as float32
}

TEST(EventTest, WritesTheScalarAsTensorFlowDoes) {
  EXPECT_EQ(Parsed(kScalarEvent).SerializeAsString(), kScalarEvent);
}

TEST(EventTest, KeepsFieldsThatItDoesNotKnow) {
  const std::string resource = "\x5a\x03\x12\x01x"s;  // field 11, which event.proto leaves out
  const std::string bytes = kScalarEvent + resource;
  EXPECT_EQ(Parsed(bytes).SerializeAsString(), bytes);
}

TEST(EventTest, RefusesBytesThatAreNoEvent) {
  Event event;
  EXPECT_FALSE(event.ParseFromString(kScalarEvent.substr(0, kScalarEvent.size() - 3)));
}

}  // namespace
}  // namespace spirogram::proto

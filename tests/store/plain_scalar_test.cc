// The glance must see what the full parse sees, or nothing.
#include "store/plain_scalar.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include "proto/event.pb.h"
#include "store/data_compat.h"
#include "store/event_parser.h"

namespace spirogram::store {
namespace {

proto::Event NewEvent(const std::string& tag, Step step) {
  proto::Event event;
  event.set_wall_time(1'760'000'000.25);
  event.set_step(step);
  event.mutable_summary()->add_value()->set_tag(tag);
  return event;
}

proto::Event Simple(const std::string& tag, Step step, float value) {
  proto::Event event = NewEvent(tag, step);
  event.mutable_summary()->mutable_value(0)->set_simple_value(value);
  return event;
}

proto::Event InTensor(const std::string& tag, Step step, proto::DataType type, bool as_content) {
  proto::Event event = NewEvent(tag, step);
  proto::Summary::Value* value = event.mutable_summary()->mutable_value(0);
  value->mutable_metadata()->mutable_plugin_data()->set_plugin_name("scalars");
  proto::Tensor* tensor = value->mutable_tensor();
  tensor->set_dtype(type);
  tensor->mutable_tensor_shape();
  if (as_content) {
    tensor->set_tensor_content(std::string(type == proto::DT_FLOAT ? 4 : 8, '\x3f'));
  } else if (type == proto::DT_FLOAT) {
    tensor->add_float_val(0.1f);
  } else {
    tensor->add_double_val(0.1);
  }
  return event;
}

// Both ways of reading agree; returns whether the glance read it.
bool AgreesOn(const std::string& record) {
  PlainScalar glance;
  if (!ParsePlainScalar(record, &glance)) return false;
  ParsedEvent event;
  EXPECT_TRUE(ParseEvent(record, &event));
  EXPECT_EQ(std::bit_cast<uint64_t>(event.wall_time), std::bit_cast<uint64_t>(glance.wall_time));
  EXPECT_EQ(event.step, glance.step);
  EXPECT_FALSE(event.is_session_start);
  EXPECT_EQ(event.values.size(), 1u);
  if (event.values.size() != 1) return true;
  EXPECT_EQ(event.values[0].tag, glance.tag);
  const auto value = ToScalar(event.values[0]);
  EXPECT_TRUE(value.ok());
  if (!value.ok()) return true;
  EXPECT_EQ(std::bit_cast<uint64_t>(*value), std::bit_cast<uint64_t>(glance.value));
  return true;
}

std::vector<std::string> PlainRecords() {
  std::vector<std::string> records;
  for (const Step step :
       {Step{0}, Step{1}, Step{127}, Step{128}, Step{1} << 35, std::numeric_limits<Step>::max()}) {
    for (const size_t length : {0, 1, 20, 100}) {
      const std::string tag(length, 't');
      records.push_back(Simple(tag, step, 0.5f).SerializeAsString());
      for (const auto type : {proto::DT_FLOAT, proto::DT_DOUBLE}) {
        if (length > 60) continue;  // lengths of more than one byte are left to the full parse
        records.push_back(InTensor(tag, step, type, false).SerializeAsString());
        records.push_back(InTensor(tag, step, type, true).SerializeAsString());
      }
    }
  }
  return records;
}

TEST(PlainScalarTest, ReadsWhatWritersWriteAsTheFullParseDoes) {
  for (const std::string& record : PlainRecords()) {
    // Without a tag the field is left out, and the full parse reads it.
    const bool has_tag = record.find('t') != std::string::npos;
    EXPECT_EQ(AgreesOn(record), has_tag) << record.size() << " bytes";
  }
}

TEST(PlainScalarTest, KeepsNonFiniteNumbersBitForBit) {
  for (const float value :
       {std::numeric_limits<float>::quiet_NaN(), -0.0f, std::numeric_limits<float>::infinity()}) {
    EXPECT_TRUE(AgreesOn(Simple("loss", 1, value).SerializeAsString()));
  }
}

TEST(PlainScalarTest, LeavesEverythingElseToTheFullParse) {
  PlainScalar scalar;
  EXPECT_FALSE(ParsePlainScalar("", &scalar));
  EXPECT_FALSE(ParsePlainScalar(Simple("loss", -1, 1).SerializeAsString(), &scalar));
  EXPECT_FALSE(ParsePlainScalar(Simple(std::string(200, 'x'), 1, 1).SerializeAsString(), &scalar));
  proto::Event two = Simple("loss", 1, 1);
  two.mutable_summary()->add_value()->set_tag("other");
  EXPECT_FALSE(ParsePlainScalar(two.SerializeAsString(), &scalar));
  EXPECT_FALSE(
      ParsePlainScalar(InTensor("loss", 1, proto::DT_INT64, false).SerializeAsString(), &scalar));
  proto::Event vector = InTensor("loss", 1, proto::DT_FLOAT, false);
  vector.mutable_summary()->mutable_value(0)->mutable_tensor()->add_float_val(2);
  EXPECT_FALSE(ParsePlainScalar(vector.SerializeAsString(), &scalar));
  proto::Event ranked = InTensor("loss", 1, proto::DT_FLOAT, false);
  ranked.mutable_summary()
      ->mutable_value(0)
      ->mutable_tensor()
      ->mutable_tensor_shape()
      ->add_dim()
      ->set_size(1);
  EXPECT_FALSE(ParsePlainScalar(ranked.SerializeAsString(), &scalar));
  proto::Event start = Simple("loss", 1, 1);
  start.mutable_session_log()->set_status(proto::SessionLog::START);
  EXPECT_FALSE(ParsePlainScalar(start.SerializeAsString(), &scalar));
}

TEST(PlainScalarTest, NeverDisagreesWhereARecordIsDamagedOrCut) {
  std::mt19937 random(17);
  const std::vector<std::string> records = PlainRecords();
  int64_t read = 0;
  for (int round = 0; round < 200'000; ++round) {
    std::string record = records[random() % records.size()];
    record[random() % record.size()] = static_cast<char>(random());
    if (round % 4 == 0) record.resize(random() % record.size());
    if (round % 4 == 1) record.push_back(static_cast<char>(random()));
    read += AgreesOn(record);
    if (HasFailure()) return;
  }
  EXPECT_GT(read, 1000);
}

}  // namespace
}  // namespace spirogram::store

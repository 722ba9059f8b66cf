// Old, odd and damaged values: the cases of TensorBoard's data_compat tests and of its two loaders,
// which differ from each other.
#include <gmock/gmock.h>

#include <cfloat>
#include <cmath>
#include <limits>

#include "base/wire.h"
#include "store/data_compat.h"
#include "store/dtype.h"
#include "store/event_parser.h"
#include "tests/store/store_fixture.h"

namespace spirogram::store {
namespace {

using ::testing::DoubleEq;
using ::testing::ElementsAre;
using testing::EventBuilder;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class CompatTest : public StoreFixture {
 protected:
  std::vector<Warning> Warnings() { return store_->ReadWarnings(FindRun("run").id).value(); }
  // Loads one old histogram and returns it as it is stored.
  Histogram LoadHistogram(double min, double max, const std::vector<double>& limits,
                          const std::vector<double>& counts) {
    proto::HistogramProto histo;
    histo.set_min(min);
    histo.set_max(max);
    histo.mutable_bucket_limit()->Add(limits.begin(), limits.end());
    histo.mutable_bucket()->Add(counts.begin(), counts.end());
    EventBuilder().OldHistogram("h", 0, histo).AppendTo(EventFile("run"));
    Load();
    return store_->ReadHistograms(FindRun("run").id, "h", 10)->at(0);
  }
};

proto::Tensor WithContent(proto::DataType dtype, std::initializer_list<int64_t> shape,
                          std::string content) {
  proto::Tensor tensor = EventBuilder::Shaped(dtype, shape);
  tensor.set_tensor_content(std::move(content));
  return tensor;
}

template <typename T>
std::string Bytes(T value) {
  return std::string(reinterpret_cast<const char*>(&value), sizeof value);
}

// Case 45.
TEST_F(CompatTest, ReadsSimpleValuesAndRankZeroTensorsAlike) {
  proto::Tensor listed = EventBuilder::Shaped(proto::DT_FLOAT, {});
  listed.add_float_val(0.125f);
  EventBuilder()
      .Scalar("simple", 1, 0.125f)
      .Tensor("listed", 1, "scalars", listed)
      .Tensor("content", 1, "scalars", WithContent(proto::DT_FLOAT, {}, Bytes(0.125f)))
      .Tensor("one", 1, "scalars", WithContent(proto::DT_FLOAT, {1}, Bytes(0.125f)))
      .Tensor("bare", 1, "", listed)
      .AppendTo(EventFile("run"));
  Load();
  for (const char* tag : {"simple", "listed", "content", "one", "bare"}) {
    EXPECT_THAT(Scalars("run", tag).mean, ElementsAre(0.125)) << tag;
  }
}

TEST_F(CompatTest, ReadsScalarsOfEveryIntegerTypeAndBool) {
  EventBuilder file;
  const auto add = [&](const std::string& tag, proto::DataType dtype, const std::string& content) {
    file.Tensor(tag, 0, "scalars", WithContent(dtype, {}, content));
  };
  add("bool", proto::DT_BOOL, Bytes(uint8_t{1}));
  add("int8", proto::DT_INT8, Bytes(int8_t{-5}));
  add("int16", proto::DT_INT16, Bytes(int16_t{-500}));
  add("uint16", proto::DT_UINT16, Bytes(uint16_t{65535}));
  add("uint32", proto::DT_UINT32, Bytes(uint32_t{4'000'000'000}));
  add("uint64", proto::DT_UINT64, Bytes(uint64_t{1} << 63));
  proto::Tensor listed = EventBuilder::Shaped(proto::DT_BOOL, {});
  listed.add_bool_val(true);
  file.Tensor("listed bool", 0, "scalars", listed);
  proto::Tensor wide = EventBuilder::Shaped(proto::DT_UINT64, {});
  wide.add_uint64_val(uint64_t{1} << 63);
  file.Tensor("listed uint64", 0, "scalars", wide).AppendTo(EventFile("run"));
  Load();
  const auto value = [&](const std::string& tag) { return Scalars("run", tag).mean.at(0); };
  EXPECT_EQ(value("bool"), 1);
  EXPECT_EQ(value("int8"), -5);
  EXPECT_EQ(value("int16"), -500);
  EXPECT_EQ(value("uint16"), 65535);
  EXPECT_EQ(value("uint32"), 4e9);
  EXPECT_EQ(value("uint64"), 0x1p63);
  EXPECT_EQ(value("listed bool"), 1);
  EXPECT_EQ(value("listed uint64"), 0x1p63);
}

TEST_F(CompatTest, WarnsOnceOfATagWhoseIntegersFloat64Rounds) {
  EventBuilder file;
  const auto add = [&](const std::string& tag, Step step, proto::DataType dtype, auto number) {
    file.Tensor(tag, step, "scalars", WithContent(dtype, {}, Bytes(number)));
  };
  add("exact", 0, proto::DT_INT64, int64_t{1} << 53);
  add("exact", 1, proto::DT_INT64, INT64_MIN);
  add("int64", 0, proto::DT_INT64, (int64_t{1} << 53) + 1);
  add("int64", 1, proto::DT_INT64, (int64_t{1} << 53) + 3);
  add("largest", 0, proto::DT_INT64, INT64_MAX);
  add("uint64", 0, proto::DT_UINT64, UINT64_MAX);
  add("double", 0, proto::DT_DOUBLE, 1e300);
  proto::Tensor listed = EventBuilder::Shaped(proto::DT_INT64, {});
  listed.add_int64_val(-(int64_t{1} << 53) - 1);
  file.Tensor("listed", 9, "scalars", listed).AppendTo(EventFile("run"));
  Load();
  EXPECT_THAT(Scalars("run", "int64").mean, ElementsAre(0x1p53, 0x1p53 + 4));
  EXPECT_THAT(Scalars("run", "uint64").mean, ElementsAre(0x1p64));
  const auto warnings = store_->ReadWarnings(FindRun("run").id);
  ASSERT_TRUE(warnings.ok());
  ASSERT_EQ(warnings->size(), 4u);
  EXPECT_EQ((*warnings)[0].message,
            "tag \"int64\" at step 0: an integer beyond 2^53: got 9007199254740993, kept as the "
            "float64 9007199254740992; further ones of the tag are not listed");
  EXPECT_EQ((*warnings)[0].bytes_lost, 0u);
  EXPECT_THAT((*warnings)[1].message, HasSubstr("got 9223372036854775807"));
  EXPECT_THAT((*warnings)[2].message, HasSubstr("got 18446744073709551615"));
  EXPECT_THAT((*warnings)[3].message, HasSubstr("tag \"listed\" at step 9"));
}

TEST_F(CompatTest, KeepsFloat64AsFloat64) {
  EventBuilder()
      .Tensor("x", 0, "scalars", WithContent(proto::DT_DOUBLE, {}, Bytes(0.1)))
      .Tensor("x", 1, "scalars", WithContent(proto::DT_DOUBLE, {}, Bytes(1e300)))
      .AppendTo(EventFile("run"));
  Load();
  EXPECT_THAT(Scalars("run", "x").mean, ElementsAre(0.1, 1e300));
}

// Case 46.
TEST_F(CompatTest, WarnsOfScalarsThatAreNotOneRealNumber) {
  EventBuilder()
      .Tensor("short", 0, "scalars", WithContent(proto::DT_FLOAT, {}, "abc"))
      .Tensor("long", 0, "scalars", WithContent(proto::DT_FLOAT, {}, "12345678"))
      .Tensor("none", 0, "scalars", EventBuilder::Shaped(proto::DT_FLOAT, {}))
      .Floats("two", 0, "scalars", {}, {1, 2})
      .Floats("vector", 0, "scalars", {2}, {1, 2})
      .Tensor("complex", 0, "scalars", WithContent(proto::DT_COMPLEX64, {}, "12345678"))
      .Texts("string", 0, "scalars", {}, {"1"})
      .Scalar("kept", 0, 1)
      .AppendTo(EventFile("run"));
  Load();
  const auto warnings = Warnings();
  ASSERT_THAT(warnings, SizeIs(7));
  EXPECT_THAT(warnings[5].message, HasSubstr("complex64 is not a real number"));
  EXPECT_THAT(warnings[6].message, HasSubstr("string is not a real number"));
  EXPECT_THAT(store_->ReadTags(std::vector<RunId>{FindRun("run").id}).value(), SizeIs(1));
}

// Case 47.
TEST_F(CompatTest, DropsEmptyBucketsAtBothEndsOfAnOldHistogram) {
  const Histogram histogram =
      LoadHistogram(-1.999, 1.999, {-2, -1, 0, 1, 2, DBL_MAX}, {0, 6, 0, 4, 3, 0});
  EXPECT_THAT(histogram.edges, ElementsAre(-1.999, -1, 0, 1, 1.999));
  EXPECT_THAT(histogram.counts, ElementsAre(6, 0, 4, 3));
}

TEST_F(CompatTest, ReadsAnOldHistogramWithOneBucket) {
  const Histogram histogram = LoadHistogram(-1, 1, {DBL_MAX}, {2});
  EXPECT_THAT(histogram.edges, ElementsAre(-1, 1));
  EXPECT_THAT(histogram.counts, ElementsAre(2));
}

TEST_F(CompatTest, ReadsAnOldHistogramOfEqualValues) {
  const Histogram histogram = LoadHistogram(1, 1, {0.9, 0.99, 1.1, DBL_MAX}, {0, 0, 1024, 0});
  EXPECT_THAT(histogram.edges, ElementsAre(1, 1));
  EXPECT_THAT(histogram.counts, ElementsAre(1024));
}

TEST_F(CompatTest, ReadsAnOldHistogramOfVeryLargeValuesWithoutRounding) {
  const Histogram histogram = LoadHistogram(-1e20, 1e20, {-1e10, 1e10, DBL_MAX}, {1, 2, 3});
  EXPECT_THAT(histogram.edges, ElementsAre(-1e20, -1e10, 1e10, 1e20));
  for (size_t i = 1; i < histogram.edges.size(); ++i) {
    EXPECT_LE(histogram.edges[i - 1], histogram.edges[i]) << "backwards bucket " << i;
  }
}

TEST_F(CompatTest, KeepsOldHistogramsInFloat64) {
  const double near_one = 1 + 1e-12;
  const Histogram histogram = LoadHistogram(1, near_one, {1 + 5e-13, DBL_MAX}, {1, 1});
  EXPECT_THAT(histogram.edges, ElementsAre(1, DoubleEq(1 + 5e-13), DoubleEq(near_one)));
}

TEST_F(CompatTest, ReadsOldHistogramsThatEndBeforeTheLargestNumber) {
  const Histogram histogram = LoadHistogram(0, 3, {1, 2, 3}, {1, 0, 5});  // add_histogram_raw
  EXPECT_THAT(histogram.edges, ElementsAre(0, 1, 2, 3));
  EXPECT_THAT(histogram.counts, ElementsAre(1, 0, 5));
}

TEST_F(CompatTest, ReadsAnOldHistogramWithoutValues) {
  const Histogram histogram = LoadHistogram(DBL_MAX, -DBL_MAX, {-1, 0, DBL_MAX}, {0, 0, 0});
  EXPECT_THAT(histogram.edges, IsEmpty());
  EXPECT_THAT(histogram.counts, IsEmpty());
}

TEST(OldHistogramTest, ListsMayComeInPartsAndOneByOne) {
  proto::HistogramProto parts;
  parts.add_bucket_limit(1);
  parts.add_bucket_limit(2);
  parts.add_bucket(10);
  std::string bytes = parts.SerializeAsString();
  const auto append_single = [&bytes](char key, double number) {
    bytes.push_back(key);
    bytes.append(reinterpret_cast<const char*>(&number), sizeof number);
  };
  append_single(6 << 3 | 1, 3);
  append_single(7 << 3 | 1, 20);
  append_single(7 << 3 | 1, 30);
  EXPECT_TRUE(CheckOldHistogram(bytes).ok());
  ParsedValue value;
  value.payload = ParsedValue::Payload::kHistogram;
  value.bytes = bytes;
  EXPECT_THAT(ToHistogram(value)->counts, ElementsAre(10, 20, 30));
  EXPECT_THAT(ToHistogram(value)->edges, ElementsAre(0, 1, 2, 0));
  append_single(7 << 3 | 1, 40);
  value.bytes = bytes;
  EXPECT_EQ(CheckOldHistogram(bytes).error().message, "histogram: got 3 limits for 4 buckets");
  EXPECT_EQ(ToHistogram(value).error().message, CheckOldHistogram(bytes).error().message);
}

TEST_F(CompatTest, ReadsNewHistogramsWithoutBucketsAndOfOneValue) {
  EventBuilder()
      .Floats("empty", 0, "histograms", {0, 3}, {})
      .Floats("equal", 0, "histograms", {2, 3}, {5, 5, 0, 5, 5, 7}, "{}")
      .Floats("gap", 0, "histograms", {2, 3}, {0, 1, 4, 2, 3, 5})
      .Floats("flat", 0, "histograms", {6}, {0, 1, 4, 2, 3, 5})
      .AppendTo(EventFile("run"));
  Load();
  const RunId run = FindRun("run").id;
  EXPECT_THAT(store_->ReadHistograms(run, "empty", 10)->at(0).edges, IsEmpty());
  EXPECT_THAT(store_->ReadHistograms(run, "equal", 10)->at(0).edges, ElementsAre(5, 5, 5));
  EXPECT_THAT(store_->ReadHistograms(run, "equal", 10)->at(0).counts, ElementsAre(0, 7));
  EXPECT_THAT(store_->ReadHistograms(run, "gap", 10)->at(0).edges, ElementsAre(0, 1, 2, 3));
  EXPECT_THAT(store_->ReadHistograms(run, "gap", 10)->at(0).counts, ElementsAre(4, 0, 5));
  ASSERT_THAT(Warnings(), SizeIs(1));
  EXPECT_THAT(Warnings()[0].message, HasSubstr("not [k, 3]"));
}

TEST_F(CompatTest, PutsTheRowsOfANewHistogramInOrder) {
  EventBuilder()
      .Floats("back", 0, "histograms", {2, 3}, {2, 3, 5, 0, 1, 4})
      .Floats("over", 0, "histograms", {3, 3}, {0, 4, 1, 1, 2, 5, 3, 6, 2})
      .Floats("nan", 0, "histograms", {2, 3}, {2, 3, 5, NAN, 1, 4})
      .Floats("damaged", 0, "histograms", {3, 3}, {0, 5, 1, 5, 3, 2, 3, 8, 1})  // by an export
      .AppendTo(EventFile("run"));
  Load();
  const RunId run = FindRun("run").id;
  EXPECT_THAT(store_->ReadHistograms(run, "back", 10)->at(0).edges, ElementsAre(0, 1, 2, 3));
  EXPECT_THAT(store_->ReadHistograms(run, "back", 10)->at(0).counts, ElementsAre(4, 0, 5));
  EXPECT_THAT(store_->ReadHistograms(run, "over", 10)->at(0).edges, ElementsAre(0, 4, 4, 6));
  EXPECT_THAT(store_->ReadHistograms(run, "over", 10)->at(0).counts, ElementsAre(1, 5, 2));
  EXPECT_THAT(store_->ReadHistograms(run, "nan", 10)->at(0).counts, ElementsAre(5, 4));
  EXPECT_THAT(store_->ReadHistograms(run, "damaged", 10)->at(0).edges, ElementsAre(0, 5, 3, 8));
}

// Case 48.
TEST_F(CompatTest, WarnsOfImagesWithoutTheFormOfImages) {
  EventBuilder()
      .Texts("empty", 0, "images", {0}, {})
      .Texts("rank 0", 0, "images", {}, {"1"})
      .Texts("rank 2", 0, "images", {1, 3}, {"1", "1", "PNG"})
      .Floats("numbers", 0, "images", {3}, {1, 1, 1})
      .AppendTo(EventFile("run"));
  Load();
  EXPECT_THAT(Warnings(), SizeIs(4));
}

TEST_F(CompatTest, KeepsImagesWhoseSizeIsNoNumber) {
  EventBuilder().Texts("size", 0, "images", {3}, {"wide", "1", "PNG"}).AppendTo(EventFile("run"));
  Load();
  EXPECT_THAT(Warnings(), SizeIs(0));
  const RunId run = FindRun("run").id;
  const auto images = store_->ReadImages(run, "size");
  ASSERT_THAT(*images, SizeIs(1));
  EXPECT_EQ(images->at(0).width, 0);
  EXPECT_EQ(images->at(0).height, 1);
  EXPECT_EQ(store_->ReadImageBytes(run, "size", 0, 0).value(), "PNG");
}

TEST_F(CompatTest, KeepsTheTagsAndSuffixesOfOldImages) {
  EventBuilder()
      .OldImage("digits/image_summary", 1, 8, 4, "GIF89a...")
      .OldImage("digits/image_summary/1", 1, 8, 4, "\xFF\xD8\xFF")
      .AppendTo(EventFile("run"));
  Load();
  const RunId run = FindRun("run").id;
  const auto images = store_->ReadImages(run, "digits/image_summary");
  ASSERT_THAT(*images, SizeIs(1));
  EXPECT_EQ(images->at(0).width, 8);
  EXPECT_EQ(images->at(0).height, 4);
  EXPECT_EQ(store_->ReadTagMetadata(run, "digits/image_summary")->plugin, "images");
  EXPECT_EQ(store_->ReadImageBytes(run, "digits/image_summary", 1, 0).value(), "GIF89a...");
  EXPECT_EQ(store_->ReadSamplesMax(run, "digits/image_summary/1").value(), 1);
}

// Case 38 and 51.
TEST_F(CompatTest, KeepsAnEmptyValueOfAPluginAsTheNullTensor) {
  proto::Event event;
  proto::Summary::Value* value = event.mutable_summary()->add_value();
  value->set_tag("mine");
  value->mutable_metadata()->mutable_plugin_data()->set_plugin_name("my_plugin");
  value->mutable_metadata()->set_data_class(proto::DATA_CLASS_TENSOR);
  proto::Event bare;
  bare.mutable_summary()->add_value()->set_tag("nothing");
  EventBuilder().Add(4, event).Add(4, bare).AppendTo(EventFile("run"));
  Load();
  const auto tensor = store_->ReadTensor(FindRun("run").id, "mine", 4);
  ASSERT_TRUE(tensor.ok()) << tensor.error().ToString();
  EXPECT_EQ(DtypeName(tensor->info.dtype), "float32");
  EXPECT_THAT(tensor->info.shape, ElementsAre(0));
  EXPECT_THAT(tensor->data, IsEmpty());
  ASSERT_THAT(Warnings(), SizeIs(1));
  EXPECT_THAT(Warnings()[0].message, HasSubstr("tag \"nothing\""));
}

TEST_F(CompatTest, KeepsTensorsOfUnknownPluginsWithAndWithoutADataClass) {
  proto::Event event;
  proto::Summary::Value* value = event.mutable_summary()->add_value();
  value->set_tag("classed");
  *value->mutable_tensor() = WithContent(proto::DT_INT16, {2}, Bytes(int32_t{0x00020001}));
  value->mutable_metadata()->mutable_plugin_data()->set_plugin_name("tensor");
  value->mutable_metadata()->mutable_plugin_data()->set_content("\x01\x02");
  value->mutable_metadata()->set_data_class(proto::DATA_CLASS_TENSOR);
  EventBuilder()
      .Add(1, event)
      .Floats("bare", 2, "my_plugin", {2, 1}, {0.5, 1.5})
      .Floats("no plugin", 3, "", {2}, {1, 2})
      .Texts("texts", 4, "my_plugin", {2}, {"a", std::string("b\0c", 3)})
      .AppendTo(EventFile("run"));
  Load();
  const RunId run = FindRun("run").id;
  const auto classed = store_->ReadTensor(run, "classed", 1);
  EXPECT_EQ(classed->data, std::string("\x01\x00\x02\x00", 4));
  EXPECT_EQ(DtypeName(classed->info.dtype), "int16");
  EXPECT_EQ(store_->ReadTagMetadata(run, "classed")->content, "\x01\x02");
  const auto bare = store_->ReadTensors(run, "bare");
  ASSERT_THAT(*bare, SizeIs(1));
  EXPECT_THAT(bare->at(0).shape, ElementsAre(2, 1));
  EXPECT_EQ(store_->ReadTensor(run, "bare", 2)->data, Bytes(0.5f) + Bytes(1.5f));
  EXPECT_EQ(store_->ReadTensor(run, "no plugin", 3)->data.size(), 8u);
  EXPECT_THAT(store_->ReadTensor(run, "texts", 4)->strings,
              ElementsAre("a", std::string("b\0c", 3)));
  EXPECT_EQ(store_->ReadTensor(run, "bare", 9).error().code, ErrorCode::kNotFound);
}

TEST_F(CompatTest, PacksTypedListsOfUnknownPluginsAsTheirContentWouldBe) {
  proto::Tensor halves = EventBuilder::Shaped(proto::DT_HALF, {2});
  halves.add_half_val(0x3c00);
  halves.add_half_val(0xc000);
  proto::Tensor small = EventBuilder::Shaped(proto::DT_INT8, {3});
  for (const int value : {-1, 0, 1}) small.add_int_val(value);
  proto::Tensor filled = EventBuilder::Shaped(proto::DT_INT64, {3});
  filled.add_int64_val(-2);
  proto::Tensor truths = EventBuilder::Shaped(proto::DT_BOOL, {2});
  truths.add_bool_val(true);
  truths.add_bool_val(false);
  EventBuilder()
      .Tensor("half", 0, "p", halves)
      .Tensor("int8", 0, "p", small)
      .Tensor("filled", 0, "p", filled)
      .Tensor("bool", 0, "p", truths)
      .AppendTo(EventFile("run"));
  Load();
  const RunId run = FindRun("run").id;
  EXPECT_EQ(store_->ReadTensor(run, "half", 0)->data, std::string("\x00\x3c\x00\xc0", 4));
  EXPECT_EQ(store_->ReadTensor(run, "int8", 0)->data, std::string("\xff\x00\x01", 3));
  EXPECT_EQ(store_->ReadTensor(run, "filled", 0)->data,
            Bytes(int64_t{-2}) + Bytes(int64_t{-2}) + Bytes(int64_t{-2}));
  EXPECT_EQ(store_->ReadTensor(run, "bool", 0)->data, std::string("\x01\x00", 2));
}

TEST_F(CompatTest, ReadsTheListOfAFloat8WhoseElementsAreBytes) {
  proto::Tensor tensor = EventBuilder::Shaped(static_cast<proto::DataType>(kFloat8E4m3), {2});
  ASSERT_TRUE(tensor.MergeFromString("\x92\x01\x02\x38\x40"));  // float8_val
  EventBuilder().Tensor("t", 0, "p", tensor).AppendTo(EventFile("run"));
  Load();
  EXPECT_EQ(store_->ReadTensor(FindRun("run").id, "t", 0)->data, "\x38\x40");
}

// The store is whole: what cannot be read was logged so.
TEST_F(CompatTest, CallsNoDamageWhatWasLoggedAsNoTensorOfItsShape) {
  proto::Tensor resource = EventBuilder::Shaped(static_cast<proto::DataType>(20), {});
  EventBuilder()
      .Tensor("short", 0, "p", WithContent(proto::DT_FLOAT, {4}, "abc"))
      .Tensor("resource", 0, "p", resource)
      .AppendTo(EventFile("run"));
  Load();
  const RunId run = FindRun("run").id;
  const Error too_short = store_->ReadTensor(run, "short", 0).error();
  EXPECT_EQ(too_short.code, ErrorCode::kInvalidArgument);
  EXPECT_THAT(too_short.message, HasSubstr("got 3 content bytes for 4 elements of 4"));
  const Error unsized = store_->ReadTensor(run, "resource", 0).error();
  EXPECT_EQ(unsized.code, ErrorCode::kInvalidArgument);
  EXPECT_THAT(unsized.message, HasSubstr("dtype 20 has no known size"));
}

// As protobuf's own parsers do, and so TensorBoard's loaders.
TEST_F(CompatTest, CountsEventsWithGroupsThatItDoesNotKnow) {
  proto::Event event;
  event.set_wall_time(1000);
  proto::Summary::Value* value = event.mutable_summary()->add_value();
  value->set_tag("x");
  value->set_simple_value(0.5f);
  const std::string group = "\x93\x03\x08\x03\x94\x03";  // field 50, of a number
  EventBuilder().Raw(event.SerializeAsString() + group).AppendTo(EventFile("run"));
  Load();
  EXPECT_THAT(Scalars("run", "x").mean, ElementsAre(0.5));
  EXPECT_THAT(Warnings(), SizeIs(0));
}

// As protobuf's own parsers do, and so TensorBoard's loaders. `part` is as long as what is borrowed
// from its file where it stands there whole.
TEST_F(CompatTest, JoinsMessagesThatStandThereInParts) {
  const auto field = [](uint32_t number, const google::protobuf::MessageLite& message) {
    std::string bytes;
    AppendBytesField(number, message.SerializeAsString(), &bytes);
    return bytes;
  };
  const auto record = [](const std::string& tag, const std::string& fields) {
    std::string value;
    AppendBytesField(1, tag, &value);
    std::string summary;
    AppendBytesField(1, value + fields, &summary);
    std::string event("\x09\0\0\0\0\0\x40\x8f\x40", 9);  // at 1000 s
    AppendBytesField(5, summary, &event);
    return event;
  };
  proto::Tensor shape = EventBuilder::Shaped(proto::DT_DOUBLE, {});
  proto::Tensor number;
  number.add_double_val(0.1);
  proto::HistogramProto range;
  range.set_min(-1);
  range.set_max(5'000);
  proto::HistogramProto buckets;
  for (int i = 0; i < 1'000; ++i) {
    buckets.add_bucket_limit(i + 1);
    buckets.add_bucket(1);
  }
  proto::SummaryMetadata name;
  name.set_display_name("Shown");
  proto::SummaryMetadata plugin;
  plugin.mutable_plugin_data()->set_plugin_name("scalars");
  EventBuilder()
      .Raw(record("x", field(8, shape) + field(9, name) + field(8, number) + field(9, plugin)))
      .Raw(record("h", field(5, range) + field(5, buckets)))
      .Raw(
          record("last", field(8, number) + field(5, buckets) + field(8, shape) + field(8, number)))
      .AppendTo(EventFile("run"));
  Load();
  const RunId run = FindRun("run").id;
  EXPECT_THAT(Scalars("run", "x").mean, ElementsAre(0.1));
  EXPECT_EQ(store_->ReadTagMetadata(run, "x")->display_name, "Shown");
  EXPECT_EQ(store_->ReadTagMetadata(run, "x")->plugin, "scalars");
  const auto histograms = store_->ReadHistograms(run, "h", 2);
  ASSERT_THAT(*histograms, SizeIs(1));
  EXPECT_EQ(histograms->at(0).edges.front(), -1);
  EXPECT_EQ(histograms->at(0).edges.back(), 5'000);
  EXPECT_THAT(histograms->at(0).counts, SizeIs(1'000));
  EXPECT_THAT(Scalars("run", "last").mean, ElementsAre(0.1));
  EXPECT_THAT(Warnings(), IsEmpty());
}

TEST(EventParserTest, BoundsWhatItJoins) {
  std::string value;
  const std::string part(size_t{1} << 10, '\0');
  for (int i = 0; i < 400; ++i) AppendBytesField(9, part, &value);  // 80 MiB of copies
  std::string summary;
  AppendBytesField(1, value, &summary);
  std::string event;
  AppendBytesField(5, summary, &event);
  ParsedEvent parsed;
  EXPECT_FALSE(ParseEvent(event, &parsed));
  EXPECT_LE(parsed.joined_bytes, kJoinedBytesMax + value.size());
}

// Case 37.
TEST_F(CompatTest, LetsNoSecondPluginTakeATagOver) {
  EventBuilder()
      .Texts("t", 0, "text", {}, {"first"}, "{}")
      .Texts("t", 1, "images", {3}, {"1", "1", "PNG"})
      .Scalar("t", 2, 3)
      .AppendTo(EventFile("run"));
  Load();
  const RunId run = FindRun("run").id;
  EXPECT_EQ(store_->ReadTagMetadata(run, "t")->plugin, "text");
  EXPECT_EQ(store_->ReadTagMetadata(run, "t")->content, "{}");
  EXPECT_THAT(*store_->ReadTexts(run, "t"), SizeIs(2));
  ASSERT_THAT(Warnings(), SizeIs(1));
  EXPECT_THAT(Warnings()[0].message, HasSubstr("value holds no text"));
}

// Case 52.
TEST_F(CompatTest, AcceptsWallTimesThatGoBackAndShowsPointsByStep) {
  EventBuilder file(1000);
  file.Scalar("x", 5, 5);
  file.set_wall_time(500);
  file.Scalar("x", 3, 3).Scalar("x", 4, 4).AppendTo(EventFile("run"));
  Load();
  EXPECT_THAT(Steps("run", "x"), ElementsAre(3, 4, 5));
  EXPECT_THAT(Scalars("run", "x").wall_time, ElementsAre(500, 501, 1000));
}

// Case 53; the API's strings for them are tested in web.
TEST_F(CompatTest, KeepsNaNAndInfinitiesOfEveryEncoding) {
  const double infinity = std::numeric_limits<double>::infinity();
  EventBuilder file;
  file.Scalar("x", 0, std::nanf("")).Scalar("x", 1, static_cast<float>(infinity));
  file.Tensor("x", 2, "scalars", WithContent(proto::DT_DOUBLE, {}, Bytes(-infinity)));
  file.Tensor("x", 3, "scalars", WithContent(proto::DT_BFLOAT16, {}, Bytes(uint16_t{0x7f80})));
  file.AppendTo(EventFile("run"));
  Load();
  const ScalarRows rows = Scalars("run", "x");
  ASSERT_EQ(rows.size(), 4u);
  EXPECT_TRUE(std::isnan(rows.mean[0]));
  EXPECT_EQ(rows.mean[1], infinity);
  EXPECT_EQ(rows.mean[2], -infinity);
  EXPECT_EQ(rows.mean[3], infinity);
}

TEST_F(CompatTest, WarnsOfObsoleteHistogramsInsteadOfLosingThemSilently) {
  proto::Event event;
  event.mutable_summary()->add_value()->set_obsolete_old_style_histogram("bytes");
  event.mutable_summary()->mutable_value(0)->set_tag("old");
  EventBuilder().Add(0, event).AppendTo(EventFile("run"));
  Load();
  ASSERT_THAT(Warnings(), SizeIs(1));
  EXPECT_THAT(Warnings()[0].message, HasSubstr("tag \"old\""));
}

}  // namespace
}  // namespace spirogram::store

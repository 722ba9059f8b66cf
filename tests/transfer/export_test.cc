#include <gmock/gmock.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "tests/transfer/transfer_fixture.h"

namespace spirogram::transfer {
namespace {

using testing::EventBuilder;
using ::testing::HasSubstr;

class ExportTest : public TransferFixture {
 protected:
  static proto::Tensor Double(double value) {
    proto::Tensor tensor = EventBuilder::Shaped(proto::DT_DOUBLE, {});
    tensor.add_double_val(value);
    return tensor;
  }
};

TEST_F(ExportTest, WritesEveryNumberSoThatItReadsBackAsTheSame) {
  EventBuilder file(0.5);
  int step = 0;
  for (const double value : {0.1, -0.0, 5e-324, 1.7976931348623157e308, 1e21, 1.0 / 3}) {
    file.Tensor("x", step++, "scalars", Double(value));
  }
  file.AppendTo(EventFile("run"));
  Load();
  EXPECT_EQ(ExportAll({}),
            "run,tag,step,wall_time,value\r\n"
            "run,x,0,0.5,0.1\r\n"
            "run,x,1,1.5,-0.0\r\n"
            "run,x,2,2.5,5e-324\r\n"
            "run,x,3,3.5,1.7976931348623157e+308\r\n"
            "run,x,4,4.5,1e+21\r\n"
            "run,x,5,5.5,0.3333333333333333\r\n");
}

TEST_F(ExportTest, SpellsNotANumberAndInfinitiesAsTheApiDoes) {
  EventBuilder file(1);
  file.Scalar("x", 0, NAN).Scalar("x", 1, INFINITY).Scalar("x", 2, -INFINITY);
  file.AppendTo(EventFile("run"));
  Load();
  EXPECT_THAT(ExportAll({}), HasSubstr("run,x,0,1,NaN\r\nrun,x,1,2,Infinity\r\nrun,x,2,3,-Inf"));
  const auto rows = nlohmann::json::parse(ExportAll({.format = Format::kJson}));
  EXPECT_EQ(rows[0]["value"], "NaN");
  EXPECT_EQ(rows[2]["value"], "-Infinity");
  const std::string lines = ExportAll({.format = Format::kJsonLines});
  EXPECT_THAT(lines,
              HasSubstr("{\"run\":\"run\",\"tag\":\"x\",\"step\":0,\"wall_time\":1,\"value\":"
                        "\"NaN\"}\n{"));
}

TEST_F(ExportTest, QuotesNamesAndDisarmsFormulas) {
  EventBuilder file(1);
  for (const char* tag : {"a,b", "say \"hi\"", "two\nlines", "=1+1", "'quoted", "plain", "größe"}) {
    file.Scalar(tag, 0, 1);
  }
  file.AppendTo(EventFile("run"));
  Load();
  const std::string csv = ExportAll({});
  for (const char* cell : {"run,\"a,b\",0", "run,\"say \"\"hi\"\"\",0", "run,\"two\nlines\",0",
                           "run,'=1+1,0", "run,''quoted,0", "run,plain,0", "run,größe,0"}) {
    EXPECT_THAT(csv, HasSubstr(cell));
  }
  std::set<std::string> tags;
  for (const auto& row : nlohmann::json::parse(ExportAll({.format = Format::kJson}))) {
    tags.insert(row["tag"]);
  }
  EXPECT_THAT(tags, ::testing::IsSupersetOf({"=1+1", "two\nlines", "say \"hi\"", "größe"}));
}

TEST_F(ExportTest, JoinsTagsByStepInTheWideForm) {
  EventBuilder file(1);
  file.Scalar("loss", 0, 1).Scalar("accuracy", 0, 0.5).Scalar("loss", 1, NAN).Scalar("loss", 1, 2);
  file.Scalar("accuracy", 3, 0.75);
  file.AppendTo(EventFile("run"));
  EventBuilder(9).Scalar("other", 7, 4).AppendTo(EventFile("b"));
  Load();
  EXPECT_EQ(ExportAll({.wide = true}),
            "run,step,wall_time,accuracy,loss,other\r\n"
            "b,7,9,,,4\r\n"
            "run,0,2,0.5,1,\r\n"
            "run,1,3,,NaN,\r\n"
            "run,1,4,,2,\r\n"
            "run,3,5,0.75,,\r\n");
  EXPECT_EQ(TryExport({.format = Format::kJson, .wide = true}).error().code,
            ErrorCode::kInvalidArgument);
}

TEST_F(ExportTest, RefusesAWideFormOfTooManyTags) {
  EventBuilder file;
  for (int i = 0; i < 257; ++i) file.Scalar("tag" + std::to_string(i), 0, 1);
  file.AppendTo(EventFile("run"));
  Load();
  EXPECT_THAT(TryExport({.wide = true}).error().message, HasSubstr("got 257 tags"));
  EXPECT_TRUE(TryExport({.tag_regex = "tag1", .wide = true}).ok());
}

TEST_F(ExportTest, ChoosesRunsAndTags) {
  EventBuilder(1).Scalar("loss/train", 0, 1).Scalar("loss", 0, 2).AppendTo(EventFile("a"));
  EventBuilder(1)
      .Scalar("loss/train", 0, 3)
      .Texts("t", 0, "text", {}, {"x"})
      .AppendTo(EventFile("b"));
  Load();
  EXPECT_EQ(ExportAll({.run_regex = "^b$"}),
            "run,tag,step,wall_time,value\r\nb,loss/train,0,1,3\r\n");
  EXPECT_EQ(ExportAll({.tag = "loss"}), "run,tag,step,wall_time,value\r\na,loss,0,2,2\r\n");
  EXPECT_EQ(ExportAll({.runs = {FindRun("b").id, FindRun("b").id}, .tag_regex = "los+"}),
            "run,tag,step,wall_time,value\r\nb,loss/train,0,1,3\r\n");
  EXPECT_EQ(TryExport({.run_regex = "c"}).error().code, ErrorCode::kNotFound);
  EXPECT_EQ(TryExport({.tag = "t"}).error().code, ErrorCode::kNotFound);
  EXPECT_EQ(TryExport({.runs = {99}}).error().code, ErrorCode::kNotFound);
}

TEST_F(ExportTest, RefusesExpressionsThatAreNone) {
  EventBuilder().Scalar(std::string(30'000, 'a'), 0, 1).AppendTo(EventFile("run"));
  Load();
  EXPECT_EQ(TryExport({.tag_regex = "("}).error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(TryExport({.run_regex = std::string(5'000, 'a')}).error().code,
            ErrorCode::kInvalidArgument);
  // Exponential or deep for other engines.
  EXPECT_EQ(TryExport({.tag_regex = "^(a+)+$b"}).error().code, ErrorCode::kNotFound);
  EXPECT_FALSE(TryExport({.tag_regex = "((a{100}){100}){100}"}).ok());
}

TEST_F(ExportTest, APartStaysSmallHoweverLongTheSeries) {
  EventBuilder file;
  for (Step step = 0; step < 200'000; ++step) file.Scalar("x", step, static_cast<float>(step));
  file.AppendTo(EventFile("run"));
  Load();
  const auto source = Export::Open(*store_, {});
  ASSERT_TRUE(source.ok());
  size_t rows = 0;
  for (int parts = 0;; ++parts) {
    const auto part = (*source)->NextPart();
    ASSERT_TRUE(part.ok());
    if (part->empty()) break;
    EXPECT_LT(part->size(), size_t{8} << 20);
    rows += static_cast<size_t>(std::count(part->begin(), part->end(), '\n'));
  }
  EXPECT_EQ(rows, 200'001u);
}

}  // namespace
}  // namespace spirogram::transfer

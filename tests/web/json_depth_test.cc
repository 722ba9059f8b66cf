// Values within values within values: whoever may send a body may send half a million brackets.
#include <gtest/gtest.h>

#include <string>

#include "base/str.h"
#include "web/json.h"
#include "web/json_kinds.h"
#include "web/tensorboard/hparams_request.h"
#include "web/tensorboard/keras_graph.h"
#include "web/tensorboard/time_series_request.h"

namespace spirogram::web {
namespace {

std::string Nested(size_t depth) {
  return std::string(depth, '[') + std::string(depth, ']');
}

template <typename Parse>
void ExpectRefused(const Parse& parse, const std::string& before, const std::string& after) {
  for (const size_t depth : {size_t{100}, size_t{500'000}}) {
    const auto parsed = parse(before + Nested(depth) + after);
    ASSERT_FALSE(parsed.ok());
    EXPECT_LT(parsed.error().message.size(), 1000u);
  }
}

TEST(JsonDepthTest, NoBodyTakesTheStack) {
  ExpectRefused(ParseProjectionRequest, R"({"method":)", "}");
  ExpectRefused(ParseProjectionRequest, R"({"perplexity":)", "}");
  ExpectRefused(ParseProjectionEdit, R"({"iterations":)", "}");
  ExpectRefused(ParseRunEdit, R"({"name":)", "}");
  ExpectRefused(ParsePurge, R"({"delete_files":)", "}");
  ExpectRefused(ParseRunChange, R"({"runs":[1],"action":)", "}");
  ExpectRefused(ParseLiveMessage, R"({"type":)", "}");
}

TEST(JsonDepthTest, NoRequestOfTensorBoardsDoes) {
  using namespace tensorboard;  // NOLINT(google-build-using-namespace)
  const auto groups = [](const std::string& text) {
    return ParseHparamsRequest(HparamsMessage::kListSessionGroups, text);
  };
  ExpectRefused(groups, R"({"colParams":)", "}");
  ExpectRefused(ParseVisibility, "", "");
  ExpectRefused(ParseTimeSeriesRequests, "", "1");
  ExpectRefused(KerasGraph, R"({"config":)", "}");
}

TEST(JsonDepthTest, WhatIsNestedAsModelsAreIsRead) {
  EXPECT_NE(ParseRunEdit(StrCat(R"({"name":)", Nested(200), "}")).error().message.find("name"),
            std::string::npos);
  // Brackets within a text are no nesting.
  EXPECT_TRUE(ParseRunEdit(StrCat(R"({"note":"\")", std::string(1000, '['), "\"}")).ok());
}

std::string ManyFields(size_t count) {
  std::string text = "{";
  for (size_t i = 0; i < count; ++i) text += StrCat(i == 0 ? "" : ",", "\"", i, "\":0");
  return text + "}";
}

// Json searches all fields of an object for each new one: of 70,000 for a minute and more.
TEST(JsonFieldsTest, NoRequestTakesTheTimeOfObjectsWithoutEnd) {
  using namespace tensorboard;  // NOLINT(google-build-using-namespace)
  const std::string many = ManyFields(70'000);
  EXPECT_FALSE(ParseHparamsRequest(HparamsMessage::kListSessionGroups, many).ok());
  EXPECT_FALSE(ParseTimeSeriesRequests(StrCat("[", many, "]")).ok());
  EXPECT_TRUE(ParseTimeSeriesRequests(StrCat("[", ManyFields(1'000), "]")).ok());
}

TEST(JsonFieldsTest, AModelMayHaveThem) {
  const std::string model =
      StrCat(R"({"config":{"name":"m","layers":[{"config":)", ManyFields(70'000), "}]}}");
  EXPECT_TRUE(tensorboard::KerasGraph(model).ok());
}

TEST(JsonFieldsTest, ALayerMayHaveThem) {
  store::EntityStats stats;
  for (int i = 100'000; i < 170'000; ++i) stats.attributes.emplace_back(StrCat(i), "x");
  stats.attributes.insert(stats.attributes.begin(), stats.attributes.front());
  const std::string json = EntityStatsItemJson(stats);
  EXPECT_NE(json.find(R"({"100000":"x","100001":"x")"), std::string::npos);
  EXPECT_NE(json.find(R"("169999":"x"})"), std::string::npos);
}

}  // namespace
}  // namespace spirogram::web

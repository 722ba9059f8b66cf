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

}  // namespace
}  // namespace spirogram::web

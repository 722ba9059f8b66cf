#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>
#include <string>

#include "web/router.h"
#include "web/static_files.h"

namespace spirogram::web {
namespace {

// "GET /api/v1/tags?run": one line per route, parameters sorted.
std::set<std::string> RoutesOfTheRouter() {
  std::set<std::string> lines;
  for (const Route& route : Routes()) {
    std::set<std::string> names(route.query_parameters.begin(), route.query_parameters.end());
    std::string line = std::string(route.method) + " " + std::string(route.pattern);
    for (const std::string& name : names) line += "?" + name;
    lines.insert(line);
  }
  return lines;
}

std::set<std::string> RoutesOfTheDescription() {
  const auto description = nlohmann::json::parse(OpenApiJson());
  std::set<std::string> lines;
  for (const auto& [path, methods] : description.at("paths").items()) {
    for (const auto& [method, operation] : methods.items()) {
      std::set<std::string> names;
      for (const auto& parameter : operation.value("parameters", nlohmann::json::array())) {
        if (parameter.at("in") == "query") names.insert(parameter.at("name"));
      }
      std::string line = method;
      std::transform(line.begin(), line.end(), line.begin(),
                     [](char c) { return static_cast<char>(std::toupper(c)); });
      line += " " + path;
      for (const std::string& name : names) line += "?" + name;
      lines.insert(line);
    }
  }
  return lines;
}

TEST(OpenApiTest, DescribesEveryRouteAndNothingElse) {
  EXPECT_EQ(RoutesOfTheRouter(), RoutesOfTheDescription());
}

TEST(OpenApiTest, ResolvesEveryReference) {
  const auto description = nlohmann::json::parse(OpenApiJson());
  EXPECT_EQ(description.at("openapi"), "3.1.0");
  const auto flat = description.flatten();
  for (const auto& [key, value] : flat.items()) {
    if (!key.ends_with("/$ref")) continue;
    const std::string target = value.get<std::string>().substr(1);
    EXPECT_TRUE(description.contains(nlohmann::json::json_pointer(target))) << target;
  }
}

}  // namespace
}  // namespace spirogram::web

// What a map is worth and what it cost, for people and for programs.
#pragma once

#include <string>
#include <vector>

#include "mapping/map.h"
#include "mapping/table.h"

namespace spirogram::mapping {

struct Report {
  const Table* table = nullptr;  // not owned
  const Map* map = nullptr;      // not owned
  const MapOptions* options = nullptr;
  double read_seconds = 0;
  double write_seconds = 0;
  double total_seconds = 0;
  std::vector<std::string> outputs;  // paths that were written
};

// One JSON object on one line; docs/formats.md lists its fields.
std::string ReportToJson(const Report& report);
// A few aligned lines.
std::string ReportToText(const Report& report);

// "t-SNE of digits.npy: 1,797 points, KL divergence 0.744, trustworthiness 0.988, recall@10 0.51"
std::string Caption(const Table& table, const Map& map);

// "1,797"
std::string WithCommas(int64_t number);

}  // namespace spirogram::mapping

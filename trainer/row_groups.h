// Groups the samples of a batch by the embedding row that they touch (backend.h, RowGroups).
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace spirogram::trainer {

struct HostRowGroups {
  std::vector<int32_t> rows;     // distinct, ascending
  std::vector<int32_t> starts;   // rows.size() + 1
  std::vector<int32_t> samples;  // ids.size(); ascending within a group
};

HostRowGroups GroupRows(std::span<const int32_t> ids);

}  // namespace spirogram::trainer

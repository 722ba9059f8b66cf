#include "trainer/row_groups.h"

#include <algorithm>
#include <numeric>

namespace spirogram::trainer {

HostRowGroups GroupRows(std::span<const int32_t> ids) {
  HostRowGroups groups;
  groups.samples.resize(ids.size());
  std::iota(groups.samples.begin(), groups.samples.end(), 0);
  std::stable_sort(groups.samples.begin(), groups.samples.end(), [&](int32_t a, int32_t b) {
    return ids[static_cast<size_t>(a)] < ids[static_cast<size_t>(b)];
  });
  for (size_t i = 0; i < ids.size(); ++i) {
    const int32_t row = ids[static_cast<size_t>(groups.samples[i])];
    if (!groups.rows.empty() && groups.rows.back() == row) continue;
    groups.rows.push_back(row);
    groups.starts.push_back(static_cast<int32_t>(i));
  }
  groups.starts.push_back(static_cast<int32_t>(ids.size()));
  return groups;
}

}  // namespace spirogram::trainer

#include "projector/query_distances.h"

#include <gtest/gtest.h>

#include <bit>
#include <numeric>

#include "tests/projector/test_data.h"

namespace spirogram::projector {
namespace {

// By the widths around the sums' lanes, and the numbers around the queries that go together.
TEST(QueryDistancesTest, HasTheBitsOfRowDistance) {
  for (const Metric metric : {Metric::kEuclidean, Metric::kCosine}) {
    for (const int64_t dims : {1, 2, 15, 16, 17, 33, 50}) {
      const auto matrix = Gaussian(40, dims, 7);
      const RowDistance distance(matrix.view(), metric);
      for (const size_t count : {1, 3, 4, 5, 11}) {
        std::vector<int64_t> queries(count);
        std::iota(queries.begin(), queries.end(), int64_t{20});
        std::vector<std::vector<float>> distances(count, std::vector<float>(40, -1));
        std::vector<float*> out;
        for (auto& row : distances) out.push_back(row.data());
        QueryDistances(distance, queries).Measure(3, 38, out);
        for (size_t q = 0; q < count; ++q) {
          for (int64_t j = 3; j < 38; ++j) {
            EXPECT_EQ(std::bit_cast<uint32_t>(distances[q][static_cast<size_t>(j)]),
                      std::bit_cast<uint32_t>(distance.Between(queries[q], j)))
                << dims << " dims, " << count << " queries, row " << j;
          }
          EXPECT_EQ(distances[q][2], -1);
          EXPECT_EQ(distances[q][38], -1);
        }
      }
    }
  }
}

}  // namespace
}  // namespace spirogram::projector

// The neighbours of real data: the 10,000 digits of MNIST's test set, where they are at hand.
#include <gtest/gtest.h>
#include <zlib.h>

#include <cstdlib>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "projector/knn_distance.h"
#include "projector/neighbors.h"
#include "projector/projector.h"

namespace spirogram::projector {
namespace {

constexpr int64_t kDigits = 10'000;
constexpr int64_t kPixels = 784;

std::string MnistFolder() {
  const char* data = std::getenv("SPIROGRAM_TEST_DATA");
  const std::string root = data != nullptr ? data : "../shared/data";
  return root + "/mnist";
}

// The bytes behind the header of an IDX file; empty where it is not what it should be.
std::vector<uint8_t> ReadIdx(const std::string& path, size_t header, size_t size) {
  std::vector<uint8_t> bytes(header + size);
  const gzFile file = gzopen(path.c_str(), "rb");
  if (file == nullptr) return {};
  const int got = gzread(file, bytes.data(), static_cast<unsigned>(bytes.size()));
  gzclose(file);
  if (got != static_cast<int>(bytes.size())) return {};
  bytes.erase(bytes.begin(), bytes.begin() + static_cast<ptrdiff_t>(header));
  return bytes;
}

class NeighborsOfDigitsTest : public testing::Test {
 protected:
  void SetUp() override {
    const std::string folder = MnistFolder();
    if (!std::filesystem::exists(folder)) GTEST_SKIP() << "no " << folder;
    const auto pixels =
        ReadIdx(folder + "/t10k-images-idx3-ubyte.gz", 16, static_cast<size_t>(kDigits * kPixels));
    labels_ = ReadIdx(folder + "/t10k-labels-idx1-ubyte.gz", 8, static_cast<size_t>(kDigits));
    ASSERT_FALSE(pixels.empty() || labels_.empty());
    values_.assign(pixels.begin(), pixels.end());
  }

  MatrixView matrix() const { return {values_, kDigits, kPixels}; }

  NeighborGraph Search(const MatrixView& matrix, NeighborOptions::Method method) {
    NeighborOptions options;
    options.neighbors = 10;
    options.method = method;
    auto graph = NearestNeighbors(matrix, options, &pool_, {}, {});
    EXPECT_TRUE(graph.ok());
    return graph.ok() ? std::move(*graph) : NeighborGraph{};
  }

  ThreadPool pool_{2};
  std::vector<float> values_;
  std::vector<uint8_t> labels_;
};

TEST_F(NeighborsOfDigitsTest, AreThoseOfAFullScan) {
  const NeighborGraph graph = Search(matrix(), NeighborOptions::Method::kExact);
  const RowDistance distance(matrix(), Metric::kEuclidean);
  for (int64_t row = 0; row < kDigits; row += 97) {
    std::vector<Neighbor> want;
    ASSERT_TRUE(ScanNearest(distance, row, 10, {}, &want));
    for (size_t at = 0; at < want.size(); ++at) {
      EXPECT_EQ(graph.RowIndices(row)[at], want[at].row);
      EXPECT_EQ(graph.RowDistances(row)[at], want[at].distance);
    }
  }
}

TEST_F(NeighborsOfDigitsTest, AreMostlyTheSameDigit) {
  const NeighborGraph graph = Search(matrix(), NeighborOptions::Method::kExact);
  int64_t same = 0;
  for (int64_t row = 0; row < kDigits; ++row) {
    const auto nearest = static_cast<size_t>(graph.RowIndices(row)[0]);
    same += labels_[static_cast<size_t>(row)] == labels_[nearest];
  }
  EXPECT_GT(same, 9'400);  // one neighbour among 10,000 digits tells 95 % of them
}

TEST_F(NeighborsOfDigitsTest, AreNearlyAllFoundInCells) {
  PcaOptions options;
  options.components = 50;
  const auto reduced = Pca(matrix(), options);
  ASSERT_TRUE(reduced.ok());
  const MatrixView rows{reduced->coordinates, kDigits, 50};
  const NeighborGraph want = Search(rows, NeighborOptions::Method::kExact);
  const NeighborGraph got = Search(rows, NeighborOptions::Method::kCells);
  int64_t found = 0;
  for (int64_t row = 0; row < kDigits; ++row) {
    for (const float near : got.RowDistances(row)) found += near <= want.RowDistances(row).back();
  }
  EXPECT_GT(found, 99'000);
  EXPECT_NE(got.method.find("cells, recall"), std::string::npos) << got.method;
}

}  // namespace
}  // namespace spirogram::projector

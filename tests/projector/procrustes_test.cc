#include "projector/procrustes.h"

#include <gtest/gtest.h>

#include <cmath>

#include "projector/random.h"

namespace spirogram::projector {
namespace {

using Pairs = std::vector<std::pair<int64_t, int64_t>>;

std::vector<float> RandomRows(int64_t values, uint64_t seed) {
  std::vector<float> rows(static_cast<size_t>(values));
  Random random(seed);
  for (float& value : rows) value = static_cast<float>(10 * random.NextNormal());
  return rows;
}

Pairs AllPairs(int64_t rows) {
  Pairs pairs;
  for (int64_t i = 0; i < rows; ++i) pairs.emplace_back(i, i);
  return pairs;
}

// Turned about the last two axes, shifted, scaled, and mirrored along the first.
std::vector<float> Moved(const std::vector<float>& map, size_t dims, double scale,
                         bool is_mirrored) {
  std::vector<float> moved(map.size());
  for (size_t row = 0; row < map.size(); row += dims) {
    const size_t y = row + dims - 2;
    const size_t z = row + dims - 1;
    moved[row] = map[row];
    moved[y] = static_cast<float>(std::cos(0.7) * map[y] - std::sin(0.7) * map[z]);
    moved[z] = static_cast<float>(std::sin(0.7) * map[y] + std::cos(0.7) * map[z]);
    if (is_mirrored) moved[row] *= -1;
    for (size_t k = 0; k < dims; ++k) {
      moved[row + k] = static_cast<float>(scale * moved[row + k] + 3 + static_cast<double>(k));
    }
  }
  return moved;
}

void ExpectNear(const std::vector<float>& got, const std::vector<float>& want) {
  ASSERT_EQ(got.size(), want.size());
  for (size_t at = 0; at < got.size(); ++at) EXPECT_NEAR(got[at], want[at], 1e-3);
}

TEST(ProcrustesTest, TakesBackARotationAReflectionAndAScale) {
  for (const int dims : {2, 3}) {
    for (const bool is_mirrored : {false, true}) {
      const std::vector<float> from = RandomRows(60 * dims, 1);
      const std::vector<float> to = Moved(from, static_cast<size_t>(dims), 2.5, is_mirrored);
      const auto alignment = AlignMaps(from, to, dims, AllPairs(60), {.may_scale = true});
      ASSERT_TRUE(alignment.ok());
      EXPECT_NEAR(alignment->scale, 2.5, 1e-5);
      EXPECT_NEAR(alignment->residual, 0, 1e-9);
      ExpectNear(ApplyAlignment(*alignment, from), to);
    }
  }
}

TEST(ProcrustesTest, KeepsTheScaleAndTheHandWhenTold) {
  const std::vector<float> from = RandomRows(120, 2);
  const auto scaled = AlignMaps(from, Moved(from, 2, 2, false), 2, AllPairs(60), {});
  ASSERT_TRUE(scaled.ok());
  EXPECT_EQ(scaled->scale, 1);
  EXPECT_NEAR(scaled->residual, 0.25, 1e-4);  // half of each distance is left
  const auto turned =
      AlignMaps(from, Moved(from, 2, 1, true), 2, AllPairs(60), {.may_reflect = false});
  ASSERT_TRUE(turned.ok());
  EXPECT_NEAR(turned->rotation[0] * turned->rotation[3] - turned->rotation[1] * turned->rotation[2],
              1, 1e-9);
  EXPECT_GT(turned->residual, 0.1);
}

TEST(ProcrustesTest, AlignsOnTheSharedPointsAndMovesTheOthers) {
  const std::vector<float> from = RandomRows(120, 3);
  std::vector<float> to = Moved(from, 2, 1, true);
  to[0] = 1e6F;  // row 0 is not shared
  Pairs pairs = AllPairs(60);
  pairs.erase(pairs.begin());
  const auto alignment = AlignMaps(from, to, 2, pairs, {});
  ASSERT_TRUE(alignment.ok());
  EXPECT_NEAR(alignment->residual, 0, 1e-9);
  const std::vector<float> moved = ApplyAlignment(*alignment, from);
  EXPECT_NEAR(moved[0], Moved(from, 2, 1, true)[0], 1e-3);
}

TEST(ProcrustesTest, LeavesAResidualBetweenUnrelatedMaps) {
  const auto alignment =
      AlignMaps(RandomRows(2000, 4), RandomRows(2000, 5), 2, AllPairs(1000), {.may_scale = true});
  ASSERT_TRUE(alignment.ok());
  EXPECT_GT(alignment->residual, 0.98);
  EXPECT_LE(alignment->residual, 1);
}

TEST(ProcrustesTest, GivesAnOrthogonalMatrixForMapsWithoutExtent) {
  for (const int dims : {2, 3}) {
    const std::vector<float> one(static_cast<size_t>(5 * dims), 4.0F);
    std::vector<float> line(one);
    for (size_t row = 0; row < 5; ++row)
      line[row * static_cast<size_t>(dims)] += static_cast<float>(row);
    for (const auto& to : {one, line}) {
      const auto alignment = AlignMaps(line, to, dims, AllPairs(5), {.may_scale = true});
      ASSERT_TRUE(alignment.ok());
      const auto size = static_cast<size_t>(dims);
      for (size_t i = 0; i < size; ++i) {
        for (size_t j = 0; j < size; ++j) {
          double dot = 0;
          for (size_t k = 0; k < size; ++k) {
            dot += alignment->rotation[i * size + k] * alignment->rotation[j * size + k];
          }
          EXPECT_NEAR(dot, i == j ? 1 : 0, 1e-9);
        }
      }
    }
  }
}

TEST(ProcrustesTest, RefusesWhatDoesNotFit) {
  const std::vector<float> map = RandomRows(10, 6);
  EXPECT_FALSE(AlignMaps(map, map, 4, AllPairs(2), {}).ok());
  EXPECT_FALSE(AlignMaps(map, map, 3, AllPairs(2), {}).ok());
  EXPECT_FALSE(AlignMaps(map, map, 2, {}, {}).ok());
  EXPECT_FALSE(AlignMaps(map, map, 2, Pairs{{0, 5}}, {}).ok());
  EXPECT_FALSE(AlignMaps(map, map, 2, Pairs{{-1, 0}}, {}).ok());
  std::vector<float> broken = map;
  broken[3] = std::nanf("");
  EXPECT_FALSE(AlignMaps(broken, map, 2, AllPairs(5), {}).ok());
}

}  // namespace
}  // namespace spirogram::projector

#include "web/projection_codec.h"

#include <gtest/gtest.h>

namespace spirogram::web {
namespace {

StoredProjection Example() {
  StoredProjection projection;
  projection.dims = 2;
  projection.iterations = 750;
  projection.points = 3;
  projection.kl_divergence = 1.25;
  projection.seconds = 0.5;
  projection.device = "cpu";
  projection.variance_share = {0.5, 0.25};
  projection.coordinates = {1, 2, 3, 4, 5, 6};
  return projection;
}

TEST(ProjectionCodecTest, ReadsBackWhatItWrote) {
  const auto read = DecodeProjection(EncodeProjection(Example()));
  ASSERT_TRUE(read.ok()) << read.error().message;
  EXPECT_EQ(read->dims, 2);
  EXPECT_EQ(read->iterations, 750);
  EXPECT_EQ(read->points, 3);
  EXPECT_EQ(read->kl_divergence, 1.25);
  EXPECT_EQ(read->device, "cpu");
  EXPECT_EQ(read->variance_share, Example().variance_share);
  EXPECT_EQ(read->coordinates, Example().coordinates);
}

TEST(ProjectionCodecTest, RefusesEveryShorterLength) {
  const std::string bytes = EncodeProjection(Example());
  for (size_t length = 0; length < bytes.size(); ++length) {
    EXPECT_FALSE(DecodeProjection(bytes.substr(0, length)).ok()) << length;
  }
}

TEST(ProjectionCodecTest, RefusesEveryFlippedBit) {
  const std::string bytes = EncodeProjection(Example());
  for (size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    std::string damaged = bytes;
    damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << bit % 8));
    EXPECT_FALSE(DecodeProjection(damaged).ok()) << bit;
  }
}

TEST(ProjectionKeyTest, IsTheSameForTheSameResultAlone) {
  ProjectionRequest a;
  a.tag = "embeddings/item";
  a.step = 500;
  ProjectionRequest b = a;
  b.perplexity = 5;  // means nothing to PCA
  EXPECT_EQ(ProjectionKey(a, 100), ProjectionKey(b, 100));
  EXPECT_NE(ProjectionKey(a, 100), ProjectionKey(a, 101));
  a.method = b.method = ProjectionMethod::kTsne;
  EXPECT_NE(ProjectionKey(a, 100), ProjectionKey(b, 100));
  EXPECT_EQ(
      ProjectionKey(a, 100),
      "tsne dims=2 step=500 logged=100 seed=1 perplexity=30 iterations=750 tag=embeddings/item");
}

}  // namespace
}  // namespace spirogram::web

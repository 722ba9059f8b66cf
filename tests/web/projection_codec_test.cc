#include "web/projection_codec.h"

#include <gtest/gtest.h>

#include <cstring>

#include "base/crc32c.h"

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

StoredProjection Judged() {
  StoredProjection projection = Example();
  projection.parameters = "tsne dims=2 tag=a b";
  projection.engine = "particle mesh";
  projection.neighbors = "exact";
  projection.alignment_residual = 0.125;
  projection.stages = {1, 2, 3, 4};
  projection.quality = {1.25, true, 0.9, 0.75, 2000, 80};
  projection.start_fallback = "principal components";
  return projection;
}

// What the first version wrote.
std::string FirstVersion() {
  std::string bytes = "SPPJ";
  const auto append = [&](const auto value) {
    bytes.append(reinterpret_cast<const char*>(&value), sizeof value);
  };
  append(uint32_t{1});
  append(uint32_t{2});
  append(uint32_t{750});
  append(uint64_t{1});
  append(1.25);
  append(0.5);
  append(uint32_t{3});
  bytes.append("cpu");
  append(uint32_t{0});
  append(3.0f);
  append(4.0f);
  append(MaskedCrc32c(bytes));
  return bytes;
}

TEST(ProjectionCodecTest, ReadsWhatTheFirstVersionWrote) {
  const auto read = DecodeProjection(FirstVersion());
  ASSERT_TRUE(read.ok()) << read.error().message;
  EXPECT_EQ(read->device, "cpu");
  EXPECT_EQ(read->coordinates, (std::vector<float>{3, 4}));
  EXPECT_FALSE(read->quality);
  EXPECT_FALSE(read->stages);
  EXPECT_TRUE(std::isnan(read->alignment_residual));
}

TEST(ProjectionCodecTest, ReadsBackQualityStagesAndParameters) {
  const auto read = DecodeProjection(EncodeProjection(Judged()));
  ASSERT_TRUE(read.ok()) << read.error().message;
  EXPECT_EQ(read->parameters, "tsne dims=2 tag=a b");
  EXPECT_EQ(read->engine, "particle mesh");
  EXPECT_EQ(read->neighbors, "exact");
  EXPECT_EQ(read->alignment_residual, 0.125);
  EXPECT_EQ(read->stages->descent, 4);
  EXPECT_TRUE(read->quality->kl_is_exact);
  EXPECT_EQ(read->quality->trustworthiness, 0.9);
  EXPECT_EQ(read->quality->recall_10, 0.75);
  EXPECT_EQ(read->quality->queries, 2000);
  EXPECT_EQ(read->quality->span, 80);
  EXPECT_EQ(read->start_fallback, "principal components");
  EXPECT_EQ(read->coordinates, Example().coordinates);
}

TEST(ProjectionCodecTest, ReadsWhatTheSecondVersionWrote) {
  StoredProjection projection = Judged();
  projection.start_fallback.clear();
  std::string bytes = EncodeProjection(projection);
  const size_t tail = projection.coordinates.size() * sizeof(float) + sizeof(uint32_t);
  bytes.erase(bytes.size() - tail - sizeof(uint32_t), sizeof(uint32_t));  // the text's length
  bytes.resize(bytes.size() - sizeof(uint32_t));
  const uint32_t version = 2;
  std::memcpy(bytes.data() + 4, &version, sizeof version);
  const uint32_t checksum = MaskedCrc32c(bytes);
  bytes.append(reinterpret_cast<const char*>(&checksum), sizeof checksum);
  const auto read = DecodeProjection(bytes);
  ASSERT_TRUE(read.ok()) << read.error().message;
  EXPECT_EQ(read->quality->span, 80);
  EXPECT_EQ(read->coordinates, projection.coordinates);
}

// With a checksum that fits: the lengths inside are what is tried.
TEST(ProjectionCodecTest, RefusesEveryCutThatIsSealedAnew) {
  for (std::string whole : {EncodeProjection(Judged()), FirstVersion()}) {
    whole.resize(whole.size() - sizeof(uint32_t));
    for (size_t length = 0; length < whole.size(); ++length) {
      std::string cut = whole.substr(0, length);
      const uint32_t checksum = MaskedCrc32c(cut);
      cut.append(reinterpret_cast<const char*>(&checksum), sizeof checksum);
      EXPECT_FALSE(DecodeProjection(cut).ok()) << length;
    }
  }
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
  const std::string bytes = EncodeProjection(Judged());
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
  EXPECT_EQ(ProjectionKey(a, 100, 0), ProjectionKey(b, 100, 0));
  EXPECT_NE(ProjectionKey(a, 100, 0), ProjectionKey(a, 101, 0));
  a.method = b.method = ProjectionMethod::kTsne;
  EXPECT_NE(ProjectionKey(a, 100, 0), ProjectionKey(b, 100, 0));
  EXPECT_EQ(
      ProjectionKey(a, 100, 0),
      "tsne dims=2 step=500 logged=100 seed=1 perplexity=30 iterations=750 tag=embeddings/item");
}

TEST(ProjectionKeyTest, NamesWhatAUmapIsMadeOf) {
  ProjectionRequest a;
  a.tag = "embeddings/item";
  a.step = 500;
  a.method = ProjectionMethod::kUmap;
  a.iterations = 200;
  EXPECT_EQ(ProjectionKey(a, 100, 0),
            "umap dims=2 step=500 logged=100 seed=1 neighbors=15 min_dist=0.1 epochs=200 "
            "tag=embeddings/item");
  ProjectionRequest b = a;
  b.perplexity = 5;  // means nothing to UMAP
  EXPECT_EQ(ProjectionKey(a, 100, 0), ProjectionKey(b, 100, 0));
  b.min_dist = 0.5;
  EXPECT_NE(ProjectionKey(a, 100, 0), ProjectionKey(b, 100, 0));
}

}  // namespace
}  // namespace spirogram::web

#include "projector/findings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "tests/projector/embedding_cases.h"

namespace spirogram::projector {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

EmbeddingStatistics StatisticsOf(const Matrix& matrix, const MatrixView* first = nullptr) {
  ThreadPool pool(2);
  NeighborOptions options;
  options.neighbors = static_cast<int>(std::min<int64_t>(10, matrix.points - 1));
  const auto graph = NearestNeighbors(matrix.view(), options, &pool, {}, {});
  EXPECT_TRUE(graph.ok());
  auto statistics = ComputeStatistics(matrix.view(), *graph, first, {}, &pool, {});
  EXPECT_TRUE(statistics.ok());
  return std::move(*statistics);
}

std::vector<EmbeddingFinding> FindingsOf(const Matrix& matrix,
                                         std::span<const MetadataColumn> columns = {}) {
  return FindEmbeddingFaults(StatisticsOf(matrix), columns, {});
}

std::vector<EmbeddingFault> FaultsOf(const Matrix& matrix) {
  std::vector<EmbeddingFault> faults;
  for (const EmbeddingFinding& finding : FindingsOf(matrix)) faults.push_back(finding.fault);
  return faults;
}

TEST(EmbeddingFindingsTest, AreNoneForHealthyEmbeddings) {
  EXPECT_THAT(FaultsOf(Isotropic()), IsEmpty());
  EXPECT_THAT(FaultsOf(PowerLaw()), IsEmpty());
  EXPECT_THAT(FaultsOf(Clouds(10, 0.5F, 20)), IsEmpty());
}

TEST(EmbeddingFindingsTest, AreNoneForHealthyEmbeddingsOfOtherShapes) {
  for (const auto& [points, dims] : {std::pair<int64_t, int64_t>{2000, 8},
                                     {1500, 2},
                                     {800, 1},
                                     {100, 300},
                                     {25, 16},
                                     {3000, 256}}) {
    for (uint64_t seed = 1; seed <= 3; ++seed) {
      EXPECT_THAT(FaultsOf(Gaussian(points, dims, seed)), IsEmpty()) << points << " x " << dims;
    }
  }
}

TEST(EmbeddingFindingsTest, AreAHintAtMostForLognormalNorms) {
  const auto findings = FindingsOf(LognormalNorms());
  ASSERT_EQ(findings.size(), 1U);
  EXPECT_EQ(findings[0].fault, EmbeddingFault::kNormSkew);
  EXPECT_EQ(findings[0].severity, FaultSeverity::kHint);
}

TEST(EmbeddingFindingsTest, NameACompleteCollapseAndNothingOfItsNoise) {
  const auto findings = FindingsOf(PointWithNoise());
  ASSERT_EQ(findings.size(), 1U);
  EXPECT_EQ(findings[0].fault, EmbeddingFault::kCompleteCollapse);
  EXPECT_EQ(findings[0].severity, FaultSeverity::kCritical);
  EXPECT_EQ(findings[0].affected, kCaseRows);
  EXPECT_LT(findings[0].evidence[0].value, findings[0].evidence[0].threshold);
}

// As a table of measurements is: all positive, large and small things alike in shape.
TEST(EmbeddingFindingsTest, NameAConeAndNoCollapseWhereLengthsDiffer) {
  Matrix matrix = Gaussian(600, 12, 31);
  const Matrix sizes = Gaussian(matrix.points, 1, 32);
  for (int64_t i = 0; i < matrix.points; ++i) {
    const float size = std::exp(0.5F * sizes.values[static_cast<size_t>(i)]);
    for (int64_t k = 0; k < matrix.dims; ++k) {
      matrix.at(i, k) = size * (static_cast<float>(k + 1) + 0.1F * matrix.at(i, k));
    }
  }
  const EmbeddingStatistics statistics = StatisticsOf(matrix);
  EXPECT_LT(statistics.directions.channel_std, 0.05);
  EXPECT_GT(statistics.directions.mean_cosine, 0.99);
  EXPECT_GT(statistics.directions.spread_ratio, 0.4);
  EXPECT_THAT(FaultsOf(matrix), ElementsAre(EmbeddingFault::kCone));
}

TEST(EmbeddingFindingsTest, NameACollapseToOneRowAndItsCopies) {
  Matrix matrix = Zeros(100, 8);
  for (const float value : {0.0F, 0.3F}) {
    for (float& entry : matrix.values) entry = value;
    EXPECT_THAT(FaultsOf(matrix),
                ElementsAre(EmbeddingFault::kCompleteCollapse, EmbeddingFault::kDuplicates));
  }
}

TEST(EmbeddingFindingsTest, NameACone) {
  const auto findings = FindingsOf(Cone());
  ASSERT_EQ(findings.size(), 1U);
  EXPECT_EQ(findings[0].fault, EmbeddingFault::kCone);
  EXPECT_THAT(findings[0].summary, HasSubstr("Subtract the mean"));
}

TEST(EmbeddingFindingsTest, NameTightClustersAndWhatExplainsThem) {
  const Matrix matrix = Clouds(5, 0.02F, 30);
  std::vector<int32_t> country(kCaseRows), age(kCaseRows), id(kCaseRows), constant(kCaseRows, 0);
  std::vector<std::string> ids;
  Random random(1);
  for (int32_t i = 0; i < kCaseRows; ++i) {
    // Of a hundred rows three live elsewhere than their cluster.
    country[static_cast<size_t>(i)] = i / 5 % 100 < 3 ? (i + 1) % 5 : i % 5;
    age[static_cast<size_t>(i)] = static_cast<int32_t>(random.NextBits() % 3);
    id[static_cast<size_t>(i)] = i;
    ids.push_back(std::to_string(i));
  }
  const std::vector<MetadataColumn> columns{
      {"age", age, {"young", "middle", "old"}},
      {"id", id, ids},
      {"planet", constant, {"earth"}},
      {"country", country, {"AT", "BE", "CH", "DE", "ES"}},
      {"short", std::span(age).first(7), {"a", "b", "c"}},
  };
  const auto findings = FindingsOf(matrix, columns);
  ASSERT_EQ(findings.size(), 1U);
  const EmbeddingFinding& finding = findings[0];
  EXPECT_EQ(finding.fault, EmbeddingFault::kTightClusters);
  EXPECT_EQ(finding.severity, FaultSeverity::kCritical);
  EXPECT_EQ(finding.title, "The rows form 5 tight clusters");
  EXPECT_THAT(finding.summary, HasSubstr("97 % of the rows share the column \"country\""));
  ASSERT_EQ(finding.columns.size(), 4U);  // the short one is left out
  EXPECT_EQ(finding.columns[0].column, "country");
  EXPECT_NEAR(finding.columns[0].purity, 0.97, 1e-9);
  EXPECT_NEAR(finding.columns[0].baseline, 0.2, 1e-3);
  ASSERT_EQ(finding.clusters.size(), 5U);
  for (const ClusterFinding& cluster : finding.clusters) {
    EXPECT_EQ(cluster.size, 1000);
    EXPECT_EQ(cluster.rows.size(), 20U);
    EXPECT_NEAR(cluster.commonest_share, 0.97, 1e-9);
    const auto code = static_cast<size_t>(cluster.rows[19] % 5);
    EXPECT_EQ(cluster.commonest, columns[3].values[code]);
  }
}

TEST(EmbeddingFindingsTest, NameFiftyTightClusters) {
  const auto findings = FindingsOf(Clouds(50, 0.05F, 40));
  ASSERT_EQ(findings.size(), 1U);
  EXPECT_EQ(findings[0].title, "The rows form 50 tight clusters");
}

// Whichever their number.
TEST(EmbeddingFindingsTest, CountTightClusters) {
  for (const int clusters : {2, 4, 6, 7, 12, 23, 40, 60, 100, 250}) {
    const auto findings = FindingsOf(Clouds(clusters, 0.05F, 50));
    ASSERT_EQ(findings.size(), 1U) << clusters;
    EXPECT_EQ(findings[0].title, "The rows form " + std::to_string(clusters) + " tight clusters");
  }
}

// Groups so small that the nearest row is of the same group and the second mostly is not: such rows
// lie on no surface.
TEST(EmbeddingFindingsTest, TakeSmallGroupsForNoSurface) {
  EXPECT_THAT(FaultsOf(Clouds(2500, 0.05F, 60)), IsEmpty());
  EXPECT_THAT(FaultsOf(Clouds(1800, 0.05F, 61)), IsEmpty());
}

TEST(EmbeddingFindingsTest, CountTheDimsOfACurvedSurface) {
  Matrix matrix = Zeros(2000, 64);
  const Matrix waves = Gaussian(2, 32, 62);
  Random random(63);
  for (int64_t i = 0; i < matrix.points; ++i) {
    const double at[] = {8 * random.NextUniform(), 8 * random.NextUniform()};
    for (int64_t k = 0; k < 32; ++k) {
      const auto wave = static_cast<size_t>(k);
      const double angle = at[0] * waves.values[wave] + at[1] * waves.values[32 + wave];
      matrix.at(i, k) = static_cast<float>(std::cos(angle));
      matrix.at(i, 32 + k) = static_cast<float>(std::sin(angle));
    }
  }
  const auto findings = FindingsOf(matrix);
  ASSERT_EQ(findings.size(), 1U);
  EXPECT_EQ(findings[0].title, "Of 64 dims about 2 are used");
}

TEST(EmbeddingFindingsTest, TakeMetadataWithUnknownCodes) {
  const std::vector<int32_t> none(kCaseRows, -1);
  std::vector<int32_t> half(kCaseRows, 7);  // beyond the values
  for (size_t i = 0; i < half.size(); i += 2) half[i] = static_cast<int32_t>(i % 5 == 0);
  const std::vector<MetadataColumn> columns{{"none", none, {"a"}}, {"half", half, {"no", "yes"}}};
  const auto findings = FindingsOf(Clouds(5, 0.02F, 30), columns);
  ASSERT_EQ(findings.size(), 1U);
  ASSERT_EQ(findings[0].columns.size(), 1U);
  EXPECT_EQ(findings[0].columns[0].purity, 1);
}

TEST(EmbeddingFindingsTest, NameADimensionalCollapseAndItsDeadDims) {
  Matrix matrix = RankThree();
  for (int64_t i = 0; i < matrix.points; ++i) matrix.at(i, 9) = 4;
  const auto findings = FindingsOf(matrix);
  ASSERT_EQ(findings.size(), 1U);
  EXPECT_EQ(findings[0].fault, EmbeddingFault::kDimensionalCollapse);
  EXPECT_THAT(findings[0].title, HasSubstr("Of 64 dims about 3 are used"));
  EXPECT_THAT(findings[0].dims, ElementsAre(9));
}

TEST(EmbeddingFindingsTest, NameHubsOnlyBeyondThoseOfAGaussian) {
  EmbeddingStatistics statistics = StatisticsOf(Gaussian(500, 40, 2));
  const auto has_hubs = [&] {
    for (const auto& finding : FindEmbeddingFaults(statistics, {}, {})) {
      if (finding.fault == EmbeddingFault::kHubs) return !finding.rows.empty();
    }
    return false;
  };
  statistics.hubs.antihub_share = 0.4;
  statistics.hubs.skew = 1.9 * statistics.hubs.gaussian_skew;
  EXPECT_FALSE(has_hubs());
  statistics.hubs.skew = 2.1 * statistics.hubs.gaussian_skew;
  EXPECT_TRUE(has_hubs());
  statistics.hubs.antihub_share = 0.2;
  EXPECT_FALSE(has_hubs());
}

TEST(EmbeddingFindingsTest, NameARealHub) {
  // A dense core that every row of a wide shell has for its neighbours.
  Matrix matrix = Gaussian(3000, 48, 3);
  for (int64_t i = 0; i < 3000; ++i) {
    double square = 0;
    for (int64_t k = 0; k < 48; ++k) square += double{matrix.at(i, k)} * matrix.at(i, k);
    const auto scale = static_cast<float>((i < 12 ? 0.01 : 1) / std::sqrt(square));
    for (int64_t k = 0; k < 48; ++k) matrix.at(i, k) *= scale;
  }
  const auto findings = FindingsOf(matrix);
  ASSERT_FALSE(findings.empty());
  EXPECT_EQ(findings[0].fault, EmbeddingFault::kHubs);
  EXPECT_LT(findings[0].rows[0], 12);
  // What can be selected is what is counted: the hubs, not the rows that have none of them.
  EXPECT_EQ(findings[0].affected, std::ssize(findings[0].rows));
}

TEST(EmbeddingFindingsTest, NameCopies) {
  const auto findings = FindingsOf(WithCopies());
  ASSERT_EQ(findings.size(), 1U);
  EXPECT_EQ(findings[0].fault, EmbeddingFault::kDuplicates);
  EXPECT_EQ(findings[0].affected, 1520);
  EXPECT_EQ(findings[0].rows.size(), kRowsNamedMax);
}

TEST(EmbeddingFindingsTest, NameRowsThatNeverMoved) {
  const Matrix first = Gaussian(1000, 16, 4);
  Matrix now = Gaussian(1000, 16, 5);
  std::copy_n(first.values.begin(), 160 * 16, now.values.begin());
  const MatrixView view = first.view();
  const auto findings = FindEmbeddingFaults(StatisticsOf(now, &view), {}, {});
  ASSERT_EQ(findings.size(), 1U);
  EXPECT_EQ(findings[0].fault, EmbeddingFault::kUntrainedRows);
  EXPECT_EQ(findings[0].affected, 160);
  EXPECT_EQ(findings[0].rows.size(), 160U);
}

TEST(EmbeddingFindingsTest, AreNoneForTooFewRows) {
  EXPECT_THAT(FaultsOf(Zeros(19, 8)), IsEmpty());
}

// A training whose embedding gets better until step 400 and worse from then on.
std::vector<Checkpoint> History(double loss_at_end) {
  std::vector<Checkpoint> history;
  for (int64_t step = 0; step <= 1000; step += 100) {
    const double late = std::max<double>(0, static_cast<double>(step) - 400) / 600;
    history.push_back({step, 50 - 30 * late, 0.6, 0.05,
                       2 + (loss_at_end - 2) * static_cast<double>(step) / 1000});
  }
  return history;
}

std::vector<EmbeddingFinding> TrendOf(std::span<const Checkpoint> history) {
  static const EmbeddingStatistics healthy = StatisticsOf(Gaussian(400, 16, 6));
  return FindEmbeddingFaults(healthy, {}, history);
}

TEST(EmbeddingFindingsTest, NameADeclineThatTheLossDoesNotShow) {
  const auto findings = TrendOf(History(0.5));
  ASSERT_EQ(findings.size(), 1U);
  EXPECT_EQ(findings[0].fault, EmbeddingFault::kDecline);
  EXPECT_EQ(findings[0].severity, FaultSeverity::kWarning);
  EXPECT_EQ(findings[0].onset_step, 800);  // 50 -> 35 at step 700 is 30 %, not more
  ASSERT_EQ(findings[0].evidence.size(), 1U);
  EXPECT_NEAR(findings[0].evidence[0].value, 0.6, 1e-9);
}

TEST(EmbeddingFindingsTest, TakeADeclineForAHintWhereTheLossIsNotKnown) {
  auto history = History(0.5);
  for (Checkpoint& checkpoint : history) {
    checkpoint.loss = std::numeric_limits<double>::quiet_NaN();
  }
  const auto findings = TrendOf(history);
  ASSERT_EQ(findings.size(), 1U);
  EXPECT_EQ(findings[0].severity, FaultSeverity::kHint);
  EXPECT_THAT(findings[0].summary, HasSubstr("loss is not known"));
}

TEST(EmbeddingFindingsTest, LeaveADeclineToOthersWhereTheLossRisesToo) {
  EXPECT_THAT(TrendOf(History(3)), IsEmpty());
}

TEST(EmbeddingFindingsTest, NameARiseOfTheMeanCosine) {
  std::vector<Checkpoint> history{
      {0, 40, 0.6, 0.30, 2}, {10, 40, 0.6, 0.1, 2}, {20, 40, 0.6, 0.2, 2}, {30, 40, 0.6, 0.31, 2}};
  const auto findings = TrendOf(history);
  ASSERT_EQ(findings.size(), 1U);
  EXPECT_EQ(findings[0].onset_step, 30);
  history.push_back({40, 40, 0.6, 0.25, 2});  // it recovers
  EXPECT_THAT(TrendOf(history), IsEmpty());
}

TEST(EmbeddingFindingsTest, NeedTwoCheckpointsForATrend) {
  EXPECT_THAT(TrendOf({}), IsEmpty());
  EXPECT_THAT(TrendOf(std::vector<Checkpoint>{{0, 1, 0, 1, 0}}), IsEmpty());
}

}  // namespace
}  // namespace spirogram::projector

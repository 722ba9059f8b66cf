#include <gmock/gmock.h>

#include <cmath>
#include <string>
#include <vector>

#include "app/run_follower.h"
#include "tests/projector/embedding_cases.h"
#include "tests/store/store_fixture.h"

namespace spirogram::app {
namespace {

using projector::Matrix;
using ::testing::ElementsAre;
using testing::EventBuilder;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// The first 300 rows are enough to log and to judge.
std::vector<float> Some(const Matrix& matrix) {
  return {matrix.values.begin(), matrix.values.begin() + 300 * matrix.dims};
}

// All rows are one, but for a thousandth.
std::vector<float> Collapsed() {
  std::vector<float> values = Some(projector::Isotropic());
  for (float& value : values) value = 1 + value / 1000;
  return values;
}

class EmbeddingCollapseTest : public store::StoreFixture {
 protected:
  void Log(const std::string& tag, Step step, const std::vector<float>& values) {
    EventBuilder file(1000 + static_cast<double>(step));
    const int64_t dims = projector::kCaseDims;
    file.Floats(tag, step, "spirogram_embedding", {std::ssize(values) / dims, dims}, values, "");
    file.AppendTo(EventFile("run"));
    Load();
  }
  store::Diagnosis Newly() {
    RunFollower follower(FindRun("run").id);
    EXPECT_TRUE(follower.Update(*store_).ok());
    return follower.Conclude();
  }
};

TEST_F(EmbeddingCollapseTest, TellsSinceWhenAllRowsAreNearlyOne) {
  Log("embeddings/user", 0, Some(projector::Isotropic()));
  RunFollower follower(FindRun("run").id);
  ASSERT_TRUE(follower.Update(*store_).ok());
  EXPECT_THAT(follower.Conclude().findings, IsEmpty());
  Log("embeddings/user", 100, Collapsed());
  Log("embeddings/user", 200, Collapsed());
  ASSERT_TRUE(follower.Update(*store_).ok());
  const store::Diagnosis diagnosis = follower.Conclude();
  ASSERT_EQ(diagnosis.findings.size(), 1U);
  const store::Finding& finding = diagnosis.findings[0];
  EXPECT_EQ(finding.rule, "embedding_collapse");
  EXPECT_EQ(finding.entity, "embeddings/user");
  EXPECT_EQ(finding.severity, store::Severity::kCritical);
  EXPECT_EQ(finding.onset_step, 100);
  EXPECT_EQ(finding.title, "The rows of embeddings/user have collapsed to nearly one");
  ASSERT_EQ(finding.evidence.size(), 1U);
  EXPECT_THAT(finding.evidence[0].step, ElementsAre(0, 100, 200));
  EXPECT_EQ(diagnosis, Newly());
}

TEST_F(EmbeddingCollapseTest, IsOverOnceTheRowsDiffer) {
  Log("embeddings/user", 100, Collapsed());
  Log("embeddings/user", 200, Some(projector::PowerLaw()));
  EXPECT_THAT(Newly().findings, IsEmpty());
}

TEST_F(EmbeddingCollapseTest, WarnsOfTightClustersInATableAndTellsThemOfSamples) {
  const std::vector<float> clouds = Some(projector::Clouds(5, 0.01F, 3));
  Log("item_embedding", 10, clouds);
  Log("features/last_layer", 10, clouds);
  const store::Diagnosis diagnosis = Newly();
  ASSERT_EQ(diagnosis.findings.size(), 2U);
  EXPECT_EQ(diagnosis.findings[0].title, "The rows of item_embedding form 5 tight clusters");
  EXPECT_EQ(diagnosis.findings[0].severity, store::Severity::kWarning);
  EXPECT_EQ(diagnosis.findings[1].entity, "features/last_layer");
  EXPECT_EQ(diagnosis.findings[1].severity, store::Severity::kInfo);
}

TEST_F(EmbeddingCollapseTest, TellsThatFewDirectionsAreUsed) {
  Log("embeddings/user", 10, Some(projector::RankThree()));
  const store::Diagnosis diagnosis = Newly();
  ASSERT_EQ(diagnosis.findings.size(), 1U);
  EXPECT_EQ(diagnosis.findings[0].severity, store::Severity::kInfo);
  EXPECT_THAT(diagnosis.findings[0].title, HasSubstr("Of 64 dims of embeddings/user about "));
}

// One large value that all rows share is no collapse: the others tell them apart.
TEST_F(EmbeddingCollapseTest, IsSilentAboutRowsInACone) {
  std::vector<float> values = Some(projector::Isotropic());
  for (size_t i = 0; i < values.size(); i += projector::kCaseDims) values[i] = 40;
  Log("embeddings/user", 10, values);
  EXPECT_THAT(Newly().findings, IsEmpty());
}

TEST_F(EmbeddingCollapseTest, IsSilentAboutATableThatHasNotBeenTrainedYet) {
  Log("embeddings/user", 0, std::vector<float>(300 * projector::kCaseDims, 0.0F));
  EXPECT_THAT(Newly().findings, IsEmpty());
}

TEST_F(EmbeddingCollapseTest, SaysWhyItCannotJudge) {
  Log("embeddings/tiny", 10, std::vector<float>(3 * projector::kCaseDims, 1.0F));
  std::vector<float> lost = Some(projector::Isotropic());
  for (size_t i = 0; i < lost.size(); ++i) {
    if (i % 2 == 0) lost[i] = std::nanf("");
  }
  Log("embeddings/lost", 10, lost);
  std::vector<std::string> reasons;
  for (const store::Check& check : Newly().checks) {
    if (check.rule != "embedding_collapse") continue;
    EXPECT_EQ(check.state, store::Check::State::kNotChecked);
    reasons.push_back(check.reason);
  }
  EXPECT_THAT(reasons, ElementsAre(HasSubstr("is NaN"), HasSubstr("got 3 rows of 64 dims")));
}

}  // namespace
}  // namespace spirogram::app

// PCA of components that a client has chosen.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/web/projection_run_fixture.h"
#include "web/json.h"
#include "web/projection_run.h"

namespace spirogram::web {
namespace {

using ::testing::HasSubstr;

class ComponentsTest : public ProjectionRunTest {
 protected:
  ProjectionRequest Pca(std::vector<int> components) const {
    ProjectionRequest request = Tsne();
    request.method = ProjectionMethod::kPca;
    request.components = std::move(components);
    return request;
  }
  static std::string Parsed(const std::string& fields) {
    const auto request =
        ParseProjectionRequest(R"({"run":1,"tag":"clusters","method":"pca",)" + fields + "}");
    return request.ok() ? "" : request.error().message;
  }
};

TEST_F(ComponentsTest, AreTheAxesInTheirOrder) {
  const auto first = Run(Pca({}));
  const auto other = Run(Pca({3, 0}));
  EXPECT_EQ(first.projection.component_shares.size(), size_t{kDims});
  EXPECT_EQ(other.projection.component_shares, first.projection.component_shares);
  const auto& shares = other.projection.component_shares;
  EXPECT_EQ(other.projection.variance_share, (std::vector<double>{shares[3], shares[0]}));
  for (size_t row = 0; row < kRows; ++row) {
    EXPECT_EQ((*other.coordinates)[2 * row + 1], (*first.coordinates)[2 * row]);
    EXPECT_NE((*other.coordinates)[2 * row], (*first.coordinates)[2 * row + 1]);
  }
}

TEST_F(ComponentsTest, TellMapsApartAndAreKept) {
  Run(Pca({}));
  Run(Pca({3, 0}));
  MakeJobs();
  EXPECT_FALSE(jobs_->Start(Pca({}))->is_new);
  const auto stored = jobs_->Start(Pca({3, 0}));
  EXPECT_FALSE(stored->is_new);
  EXPECT_EQ(stored->projection.variance_share.size(), 2U);
  EXPECT_EQ(stored->projection.component_shares.size(), size_t{kDims});
  EXPECT_TRUE(jobs_->Start(Pca({0, 3}))->is_new);
}

TEST_F(ComponentsTest, AreSaidAsPeopleCount) {
  EXPECT_THAT(ProjectionJson(Run(Pca({3, 0})).projection), HasSubstr(R"("components":[4,1])"));
  EXPECT_THAT(ProjectionJson(Run(Pca({})).projection), HasSubstr(R"("components":[1,2])"));
  EXPECT_THAT(ProjectionJson(Run(Tsne(20)).projection), HasSubstr(R"("components":null)"));
}

TEST_F(ComponentsTest, ThatAreTheFirstAreTheSameMap) {
  const auto request =
      ParseProjectionRequest(R"({"run":1,"tag":"clusters","method":"pca","components":[1,2]})");
  ASSERT_TRUE(request.ok());
  EXPECT_TRUE(request->components.empty());
}

TEST_F(ComponentsTest, AreRefusedWhereTheyDoNotFit) {
  EXPECT_EQ(Parsed(R"("components":[10,1])"), "");
  EXPECT_EQ(Parsed(R"("components":null)"), "");
  EXPECT_THAT(Parsed(R"("components":3)"), HasSubstr("field components: got 3, want an array"));
  EXPECT_THAT(Parsed(R"("components":[0,1])"), HasSubstr("field components: got 0"));
  EXPECT_THAT(Parsed(R"("components":[11,1])"), HasSubstr("field components: got 11"));
  EXPECT_THAT(Parsed(R"("components":[2,2])"), HasSubstr("want each component once"));
  EXPECT_THAT(Parsed(R"("components":[1])"),
              HasSubstr("field components: got 1, want one for each of 2 dims"));
  EXPECT_THAT(Parsed(R"("components":[1,2],"dims":3)"), HasSubstr("want one for each of 3 dims"));
  EXPECT_THAT(jobs_->Start(Pca({8, 0})).error().message,
              HasSubstr("field components: got 9, want at most 8, the dims of the embedding"));
}

}  // namespace
}  // namespace spirogram::web

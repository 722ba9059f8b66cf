#include "diagnosis/generative.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "diagnosis/diagnosis.h"
#include "diagnosis/tag_words.h"
#include "tests/diagnosis/layer_windows.h"
#include "tests/diagnosis/verdict.h"

namespace spirogram::diagnosis {
namespace {

using store::Check;
using store::Finding;
using store::Severity;
using ::testing::HasSubstr;
using testing::Points;

// A point every ten steps, scattered by a fifth.
std::vector<double> Series(size_t points, const std::function<double(double)>& level) {
  std::mt19937_64 random(11);
  std::normal_distribution<double> normal(0, 0.2);
  std::vector<double> values;
  for (size_t i = 0; i < points; ++i) {
    const double scatter = i == 0 ? 0 : normal(random);
    values.push_back(level(static_cast<double>(i)) * std::exp(scatter));
  }
  return values;
}

double Reconstruction(double i) {
  return 205 + 345 * std::exp(-i / 8);
}

std::optional<Finding> CollapseOf(const std::vector<double>& divergence,
                                  const std::string& tag = "train/kl_loss") {
  RunDiagnosis diagnosis;
  diagnosis.Add(tag, Points(0, divergence, 10));
  diagnosis.Add("train/recon_loss", Points(0, Series(divergence.size(), Reconstruction), 10));
  return testing::FindingOf(diagnosis.Conclude(), "posterior_collapse");
}

std::optional<Finding> WinOf(const std::vector<double>& discriminator,
                             const std::vector<double>& generator) {
  RunDiagnosis diagnosis;
  diagnosis.Add("Loss/D", Points(0, discriminator, 5));
  diagnosis.Add("Loss/G", Points(0, generator, 5));
  return testing::FindingOf(diagnosis.Conclude(), "discriminator_wins");
}

TEST(TagWordsTest, KnowThePartsOfGenerativeModelsByTheirNames) {
  for (const char* tag : {"kl_loss", "train/kld", "kl_divergence", "loss/KL"}) {
    EXPECT_TRUE(IsDivergence(tag)) << tag;
  }
  for (const char* tag : {"approx_kl", "policy/kl", "kl_weight", "val/kl_loss", "loss"}) {
    EXPECT_FALSE(IsDivergence(tag)) << tag;
  }
  for (const char* tag : {"Loss/D", "d_loss", "loss_D", "discriminator_loss", "train/disc_loss"}) {
    EXPECT_TRUE(IsDiscriminatorLoss(tag)) << tag;
    EXPECT_FALSE(IsGeneratorLoss(tag)) << tag;
  }
  for (const char* tag : {"Loss/G", "g_loss", "lossG", "generator_loss"}) {
    EXPECT_TRUE(IsGeneratorLoss(tag)) << tag;
  }
  for (const char* tag : {"D(x)", "D(G(z))", "d_loss_real", "loss", "grad_d", "depth_loss"}) {
    EXPECT_FALSE(IsDiscriminatorLoss(tag)) << tag;
  }
  EXPECT_TRUE(IsReconstruction("train/recon_loss"));
  EXPECT_TRUE(IsReconstruction("reconstruction"));
  EXPECT_TRUE(IsReconstruction("rec_loss"));
  EXPECT_FALSE(IsReconstruction("record_time"));
  EXPECT_FALSE(IsReconstruction("metrics/rec"));
}

TEST(PosteriorCollapseTest, TellsOfADivergenceBelowThatOfAnUntrainedEncoder) {
  const auto collapse = [](double i) { return 0.002 + 0.036 * std::exp(-i / 6); };
  const auto finding = CollapseOf(Series(113, collapse));
  ASSERT_TRUE(finding.has_value());
  EXPECT_EQ(finding->severity, Severity::kWarning);
  EXPECT_EQ(finding->entity, "train/kl_loss");
  EXPECT_GE(finding->onset_step, 100);
  EXPECT_GE(finding->detected_step, 390);
  EXPECT_LT(finding->detected_step, 800);
  EXPECT_THAT(finding->title, HasSubstr("below what it had before any training, 0.038"));
  EXPECT_THAT(finding->cause, HasSubstr("train/recon_loss"));
  EXPECT_TRUE(CollapseOf(Series(113, collapse), "kl_divergence").has_value());
}

TEST(PosteriorCollapseTest, IsSilentOnEncodersThatLearn) {
  const auto usual = [](double i) { return 14.2 - 14.15 * std::exp(-i / 15); };
  const auto annealed = [](double i) { return i == 0 ? 0.06 : 14 + 20 * std::exp(-i / 20); };
  const auto strong = [](double i) { return 0.045 + 3.5 * (1 - std::exp(-i / 5)); };
  for (const auto& level :
       {std::function<double(double)>(usual), std::function<double(double)>(annealed),
        std::function<double(double)>(strong)}) {
    for (size_t points = 1; points < 120; points += 7) {
      EXPECT_FALSE(CollapseOf(Series(points, level)).has_value()) << level(9) << " " << points;
    }
  }
}

// As of a prior that is learned too, of inputs of 0 to 255, or of a world model beside its rewards.
TEST(PosteriorCollapseTest, IsSilentWhereTheDivergenceBeganHigh) {
  const auto falls = [](double i) { return 20 + 1'000 * std::exp(-i / 9); };
  EXPECT_FALSE(CollapseOf(Series(113, falls)).has_value());
  RunDiagnosis diagnosis;
  const auto collapse = [](double i) { return 0.002 + 0.036 * std::exp(-i / 6); };
  diagnosis.Add("kl_loss", Points(0, Series(113, collapse), 10));
  diagnosis.Add("recon_loss", Points(0, Series(113, Reconstruction), 10));
  diagnosis.Add("train/episode_return", Points(0, {1, 2}, 10));
  EXPECT_EQ(testing::CheckOf(diagnosis.Conclude(), "posterior_collapse").state,
            Check::State::kNotChecked);
}

// A student that comes to agree with its teacher: no reconstruction, and as it should be.
TEST(PosteriorCollapseTest, IsNotCheckedWhereNothingIsReconstructed) {
  RunDiagnosis diagnosis;
  diagnosis.Add("kl_loss", Points(0, Series(113, [](double i) { return std::exp(-i / 6); }), 10));
  EXPECT_EQ(testing::CheckOf(diagnosis.Conclude(), "posterior_collapse").state,
            Check::State::kNotChecked);
}

TEST(PosteriorCollapseTest, IsOverOnceTheCodeIsUsed) {
  std::vector<double> divergence(60, 0.002);
  divergence[0] = 0.04;
  EXPECT_TRUE(CollapseOf(divergence).has_value());
  divergence.push_back(0.9);
  EXPECT_TRUE(CollapseOf(divergence).has_value()) << "one point";
  divergence.insert(divergence.end(), 15, 0.9);
  EXPECT_FALSE(CollapseOf(divergence).has_value());
}

TEST(DiscriminatorWinsTest, TellsOfALossNextToZeroWhileTheGeneratorsGrows) {
  const auto won = [](double i) { return i < 4 ? 0.535 * std::exp(-2 * i) : 2e-4; };
  const auto lost = [](double i) { return 1.05 + 8 * (1 - std::exp(-i / 10)); };
  const auto finding = WinOf(Series(240, won), Series(240, lost));
  ASSERT_TRUE(finding.has_value());
  EXPECT_EQ(finding->severity, Severity::kWarning);
  EXPECT_EQ(finding->entity, "Loss/D");
  EXPECT_EQ(finding->onset_step, 20);
  EXPECT_EQ(finding->detected_step, 39 * 5);
  EXPECT_THAT(finding->title, HasSubstr("Loss/D is next to 0"));
  EXPECT_EQ(finding->evidence.size(), 2u);
}

TEST(DiscriminatorWinsTest, IsSilentOnLossesThatWobble) {
  const auto balanced = [](double i) { return 1.36 + 0.1 * std::sin(i / 9); };
  const auto generator = [](double i) { return 0.65 + 0.2 * std::sin(i / 13); };
  EXPECT_FALSE(WinOf(Series(500, balanced), Series(500, generator)).has_value());
  // Ahead for a while, as it often is at first.
  const auto ahead = [](double i) { return i > 0 && i < 15 ? 0.01 : 1.2; };
  const auto behind = [](double i) { return i < 15 ? 4 : 0.9; };
  EXPECT_FALSE(WinOf(Series(500, ahead), Series(500, behind)).has_value());
  // A critic's, of which the sign means nothing.
  const auto critic = Series(500, [](double) { return 0.5; });
  std::vector<double> wasserstein = critic;
  for (size_t i = 40; i < wasserstein.size(); ++i) wasserstein[i] = -0.01;
  EXPECT_FALSE(WinOf(wasserstein, Series(500, [](double i) { return 0.1 + i; })).has_value());
}

}  // namespace
}  // namespace spirogram::diagnosis

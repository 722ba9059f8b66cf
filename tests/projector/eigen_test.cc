#include "projector/eigen.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

#include "projector/random.h"

namespace spirogram::projector {
namespace {

// -1, 2, -1 on a line: its eigenvalues are 2 - 2 cos(pi k / (n + 1)).
std::vector<double> SecondDifference(int64_t n) {
  std::vector<double> matrix(static_cast<size_t>(n * n), 0.0);
  for (int64_t i = 0; i < n; ++i) {
    matrix[static_cast<size_t>(i * n + i)] = 2;
    if (i + 1 == n) continue;
    matrix[static_cast<size_t>(i * n + i + 1)] = -1;
    matrix[static_cast<size_t>((i + 1) * n + i)] = -1;
  }
  return matrix;
}

double SecondDifferenceEigenvalue(int64_t n, int64_t rank) {
  const double angle =
      std::numbers::pi * static_cast<double>(n - rank) / static_cast<double>(n + 1);
  return 2 - 2 * std::cos(angle);
}

// H D H with the reflection H = I - 2 v v', v a random unit vector: its spectrum is that of D.
std::vector<double> WithSpectrum(const std::vector<double>& values, uint64_t seed) {
  const auto n = values.size();
  Random random(seed);
  std::vector<double> v(n);
  double square = 0;
  for (double& entry : v) {
    entry = random.NextNormal();
    square += entry * entry;
  }
  const auto reflection = [&](size_t i, size_t j) {
    return (i == j ? 1.0 : 0.0) - 2 * v[i] * v[j] / square;
  };
  std::vector<double> matrix(n * n, 0.0);
  for (size_t i = 0; i < n; ++i) {
    for (size_t j = i; j < n; ++j) {
      double sum = 0;
      for (size_t k = 0; k < n; ++k) sum += reflection(i, k) * values[k] * reflection(k, j);
      matrix[i * n + j] = matrix[j * n + i] = sum;
    }
  }
  return matrix;
}

// The largest |A v - value v| and the largest |v_i v_j - delta_ij|.
double LargestDefect(const std::vector<double>& matrix, int64_t n, const Eigenpairs& pairs) {
  double defect = 0;
  const auto k = static_cast<int64_t>(pairs.values.size());
  for (int64_t a = 0; a < k; ++a) {
    const double* v = pairs.vectors.data() + a * n;
    for (int64_t i = 0; i < n; ++i) {
      double sum = -pairs.values[static_cast<size_t>(a)] * v[i];
      for (int64_t j = 0; j < n; ++j) sum += matrix[static_cast<size_t>(i * n + j)] * v[j];
      defect = std::max(defect, std::abs(sum));
    }
    for (int64_t b = 0; b < k; ++b) {
      double product = a == b ? -1 : 0;
      for (int64_t i = 0; i < n; ++i)
        product += v[i] * pairs.vectors[static_cast<size_t>(b * n + i)];
      defect = std::max(defect, std::abs(product));
    }
  }
  return defect;
}

TEST(JacobiTest, FindsTheSpectrumOfTheSecondDifference) {
  const auto matrix = SecondDifference(40);
  const Eigenpairs pairs = JacobiEigenpairs(matrix, 40);
  for (int64_t rank = 0; rank < 40; ++rank) {
    EXPECT_NEAR(pairs.values[static_cast<size_t>(rank)], SecondDifferenceEigenvalue(40, rank),
                1e-12);
  }
  EXPECT_LT(LargestDefect(matrix, 40, pairs), 1e-12);
}

TEST(JacobiTest, LeavesADiagonalMatrixAsItIs) {
  const Eigenpairs pairs = JacobiEigenpairs({1, 0, 0, 3}, 2);
  EXPECT_EQ(pairs.values, (std::vector<double>{3, 1}));
  EXPECT_EQ(pairs.vectors, (std::vector<double>{0, 1, 1, 0}));
}

TEST(JacobiTest, TakesAOneByOneMatrix) {
  EXPECT_EQ(JacobiEigenpairs({5}, 1).values, std::vector<double>{5});
}

TEST(JacobiTest, EndsWhenStopIsRequested) {
  std::stop_source source;
  source.request_stop();
  const Eigenpairs pairs = JacobiEigenpairs({2, 1, 1, 2}, 2, source.get_token());
  EXPECT_EQ(pairs.values, (std::vector<double>{2, 2}));  // the diagonal: nothing was rotated
}

class KrylovTest : public ::testing::Test {
 protected:
  ThreadPool pool_{2};
};

TEST_F(KrylovTest, FindsTheTopOfTheSecondDifferenceWhoseValuesLieClose) {
  constexpr int64_t kSide = 400;
  const auto matrix = SecondDifference(kSide);
  const Eigenpairs pairs = LargestEigenpairs(matrix, kSide, 3, 1, &pool_, {});
  for (int64_t rank = 0; rank < 3; ++rank) {
    EXPECT_NEAR(pairs.values[static_cast<size_t>(rank)], SecondDifferenceEigenvalue(kSide, rank),
                1e-10);
  }
  EXPECT_LT(LargestDefect(matrix, kSide, pairs), 1e-8);
}

TEST_F(KrylovTest, FindsAFallingSpectrum) {
  std::vector<double> values(300);
  for (size_t i = 0; i < values.size(); ++i) values[i] = 1 / (1.0 + static_cast<double>(i));
  const auto matrix = WithSpectrum(values, 7);
  const Eigenpairs pairs = LargestEigenpairs(matrix, 300, 10, 1, &pool_, {});
  for (size_t i = 0; i < 10; ++i) EXPECT_NEAR(pairs.values[i], values[i], 1e-10);
  EXPECT_LT(LargestDefect(matrix, 300, pairs), 1e-9);
}

TEST_F(KrylovTest, FindsEqualEigenvaluesAsOftenAsTheyOccur) {
  std::vector<double> values(200, 0.5);
  values[0] = values[1] = values[2] = 2;
  const auto matrix = WithSpectrum(values, 8);
  const Eigenpairs pairs = LargestEigenpairs(matrix, 200, 4, 1, &pool_, {});
  EXPECT_NEAR(pairs.values[2], 2, 1e-12);
  EXPECT_NEAR(pairs.values[3], 0.5, 1e-12);
  EXPECT_LT(LargestDefect(matrix, 200, pairs), 1e-10);
}

TEST_F(KrylovTest, FindsTheRestOfARankOneMatrixToBeZero) {
  std::vector<double> values(200, 0.0);
  values[0] = 3;
  const Eigenpairs pairs = LargestEigenpairs(WithSpectrum(values, 9), 200, 3, 1, &pool_, {});
  EXPECT_NEAR(pairs.values[0], 3, 1e-12);
  EXPECT_NEAR(pairs.values[1], 0, 1e-12);
}

TEST_F(KrylovTest, FindsMostOfAFlatSpectrum) {
  std::vector<double> values(200);
  for (size_t i = 0; i < values.size(); ++i) values[i] = 2 - static_cast<double>(i) / 200;
  const auto matrix = WithSpectrum(values, 10);
  for (const int64_t k : {int64_t{14}, int64_t{60}, int64_t{100}, int64_t{190}, int64_t{200}}) {
    const Eigenpairs pairs = LargestEigenpairs(matrix, 200, k, 1, &pool_, {});
    for (size_t i = 0; i < static_cast<size_t>(k); ++i) {
      EXPECT_NEAR(pairs.values[i], values[i], 1e-10) << "pair " << i << " of " << k;
    }
    EXPECT_LT(LargestDefect(matrix, 200, pairs), 1e-9) << k;
  }
}

TEST_F(KrylovTest, TakesAZeroMatrix) {
  const std::vector<double> zeros(200 * 200, 0.0);
  EXPECT_EQ(LargestEigenpairs(zeros, 200, 2, 1, &pool_, {}).values, (std::vector<double>{0, 0}));
}

}  // namespace
}  // namespace spirogram::projector

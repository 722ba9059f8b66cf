#include "projector/graph_spectrum.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "base/check.h"
#include "base/vector_clones.h"
#include "projector/eigen.h"
#include "projector/random.h"

namespace spirogram::projector {
namespace {

constexpr int64_t kWidth = 8;         // vectors of the block: more than k, so that those converge
constexpr int64_t kBlockRows = 2048;  // of products and sums; fixed, or threads would choose sums
constexpr int64_t kDensePointsMax = 96;  // up to here all eigenvalues are found at once
constexpr int kDegree = 24;              // of the filter
constexpr int kCyclesMax = 60;
constexpr double kResidualMax = 0.01;     // of an eigenvalue
constexpr double kSmallestShare = 1e-14;  // of a direction that is there, of the largest

using Square = std::array<double, kWidth * kWidth>;

// N x kWidth, row-major: a vector of the block is a column.
using Block = std::vector<double>;

// next = scale * (A block - centre * block) - back * next, where A = D^-1/2 W D^-1/2 and roots
// holds D^-1/2.
struct Product {
  const SymmetricEdges* graph;
  const double* roots;
  const double* block;
  double scale, centre, back;
  double* next;
};

SPIROGRAM_VECTOR_CLONES
void MultiplyRows(const Product& product, int64_t begin, int64_t end) {
  const auto& [graph_at, roots, block, scale, centre, back, next] = product;
  const SymmetricEdges& graph = *graph_at;
  for (int64_t row = begin; row < end; ++row) {
    double sums[kWidth] = {};
    const auto first = static_cast<size_t>(graph.row_starts[static_cast<size_t>(row)]);
    const auto last = static_cast<size_t>(graph.row_starts[static_cast<size_t>(row) + 1]);
    for (size_t at = first; at < last; ++at) {
      const int64_t column = graph.columns[at];
      const double weight = double{graph.values[at]} * roots[column];
      for (int64_t k = 0; k < kWidth; ++k) sums[k] += weight * block[column * kWidth + k];
    }
    for (int64_t k = 0; k < kWidth; ++k) {
      const int64_t at = row * kWidth + k;
      next[at] = scale * (roots[row] * sums[k] - centre * block[at]) - back * next[at];
    }
  }
}

// sum += a' b over rows [begin, end).
SPIROGRAM_VECTOR_CLONES
void AddProducts(const double* a, const double* b, int64_t begin, int64_t end, double* sum) {
  for (int64_t row = begin; row < end; ++row) {
    for (int64_t i = 0; i < kWidth; ++i) {
      for (int64_t j = 0; j < kWidth; ++j) {
        sum[i * kWidth + j] += a[row * kWidth + i] * b[row * kWidth + j];
      }
    }
  }
}

class SubspaceIteration {
 public:
  SubspaceIteration(const SymmetricEdges& graph, ThreadPool* pool, const std::stop_token& stop)
      : graph_(graph),
        pool_(pool),
        stop_(stop),
        roots_(static_cast<size_t>(graph.points)),
        trivial_(roots_.size()) {
    double total = 0;
    for (int64_t row = 0; row < graph.points; ++row) {
      double degree = 0;
      for (const float value : graph.RowValues(row)) degree += value;
      CHECK(degree > 0);
      roots_[static_cast<size_t>(row)] = 1 / std::sqrt(degree);
      trivial_[static_cast<size_t>(row)] = std::sqrt(degree);
      total += degree;
    }
    for (double& entry : trivial_) entry /= std::sqrt(total);
  }

  Result<GraphSpectrum> Run(int k, uint64_t seed) {
    Random random(seed);
    block_.resize(roots_.size() * kWidth);
    for (double& entry : block_) entry = random.NextNormal();
    other_.assign(block_.size(), 0.0);
    images_.assign(block_.size(), 0.0);
    GraphSpectrum spectrum;
    for (int cycle = 0; cycle < kCyclesMax && !spectrum.has_converged; ++cycle) {
      if (cycle > 0) Filter(ritz_[kWidth - 1]);
      LeaveOutTrivial();
      Orthonormalise();
      Orthonormalise();  // once loses what cancels
      Rotate();
      if (stop_.stop_requested()) return Cancelled("graph spectrum: stop requested");
      spectrum.has_converged = IsGood(k);
    }
    Write(k, &spectrum);
    return spectrum;
  }

 private:
  void ForRows(const std::function<void(int64_t, int64_t)>& body) {
    (void)pool_->ForBlocks(graph_.points, kBlockRows, stop_, body);
  }

  void Multiply(const Block& block, double scale, double centre, double back, Block* next) {
    const Product product{&graph_, roots_.data(), block.data(), scale, centre, back, next->data()};
    ForRows([&](int64_t begin, int64_t end) { MultiplyRows(product, begin, end); });
  }

  // a' b, summed in the order of the rows' blocks whoever computes them.
  Square Products(const Block& a, const Block& b) {
    const int64_t blocks = (graph_.points + kBlockRows - 1) / kBlockRows;
    std::vector<Square> parts(static_cast<size_t>(blocks));
    ForRows([&](int64_t begin, int64_t end) {
      Square& part = parts[static_cast<size_t>(begin / kBlockRows)];
      part.fill(0);
      AddProducts(a.data(), b.data(), begin, end, part.data());
    });
    Square sum{};
    for (const Square& part : parts) {
      for (size_t at = 0; at < sum.size(); ++at) sum[at] += part[at];
    }
    return sum;
  }

  // block = block * turn, row by row.
  void Turn(const Square& turn, Block* block) {
    ForRows([&](int64_t begin, int64_t end) {
      for (int64_t row = begin; row < end; ++row) {
        double* entries = block->data() + row * kWidth;
        double turned[kWidth] = {};
        for (int64_t i = 0; i < kWidth; ++i) {
          for (int64_t j = 0; j < kWidth; ++j) {
            turned[j] += entries[i] * turn[static_cast<size_t>(i * kWidth + j)];
          }
        }
        std::copy(turned, turned + kWidth, entries);
      }
    });
  }

  // Damps what lies in [-1, cut] and raises what lies above, up to 1, where the trivial one is.
  void Filter(double cut) {
    cut = std::clamp(cut, -0.9, 1 - 1e-9);
    const double half = (cut + 1) / 2;
    const double centre = (cut - 1) / 2;
    Multiply(block_, 1 / half, centre, 0, &other_);
    for (int degree = 2; degree <= kDegree; ++degree) {
      Multiply(other_, 2 / half, centre, 1, &block_);
      std::swap(block_, other_);
    }
    std::swap(block_, other_);
  }

  void LeaveOutTrivial() {
    std::array<double, kWidth> shares{};
    for (size_t row = 0; row < trivial_.size(); ++row) {
      for (size_t k = 0; k < kWidth; ++k) shares[k] += trivial_[row] * block_[row * kWidth + k];
    }
    for (size_t row = 0; row < trivial_.size(); ++row) {
      for (size_t k = 0; k < kWidth; ++k) block_[row * kWidth + k] -= trivial_[row] * shares[k];
    }
  }

  // Turns the block so that its columns are of length 1 and at right angles: by the eigenvectors of
  // their products, scaled to length 1 first so that a large one does not hide a small.
  void Orthonormalise() {
    Square products = Products(block_, block_);
    std::array<double, kWidth> lengths{};
    for (size_t k = 0; k < kWidth; ++k) {
      lengths[k] = std::sqrt(std::max(products[k * kWidth + k], 1e-300));
    }
    for (size_t i = 0; i < kWidth; ++i) {
      for (size_t j = 0; j < kWidth; ++j) products[i * kWidth + j] /= lengths[i] * lengths[j];
    }
    const Eigenpairs pairs = JacobiEigenpairs({products.begin(), products.end()}, kWidth);
    Square turn{};
    for (size_t j = 0; j < kWidth; ++j) {
      const double value = std::max(pairs.values[j], kSmallestShare * pairs.values[0]);
      for (size_t i = 0; i < kWidth; ++i) {
        turn[i * kWidth + j] = pairs.vectors[j * kWidth + i] / (lengths[i] * std::sqrt(value));
      }
    }
    Turn(turn, &block_);
  }

  // Rayleigh-Ritz: the best eigenvectors that the block holds, the largest of A first.
  void Rotate() {
    Multiply(block_, 1, 0, 0, &images_);
    Square projected = Products(block_, images_);
    for (size_t i = 0; i < kWidth; ++i) {
      for (size_t j = 0; j < i; ++j) {
        const double mean = (projected[i * kWidth + j] + projected[j * kWidth + i]) / 2;
        projected[i * kWidth + j] = projected[j * kWidth + i] = mean;
      }
    }
    const Eigenpairs pairs = JacobiEigenpairs({projected.begin(), projected.end()}, kWidth);
    Square turn{};
    for (size_t j = 0; j < kWidth; ++j) {
      ritz_[j] = pairs.values[j];
      for (size_t i = 0; i < kWidth; ++i) turn[i * kWidth + j] = pairs.vectors[j * kWidth + i];
    }
    Turn(turn, &block_);
    Turn(turn, &images_);
  }

  bool IsGood(int k) const {
    for (size_t column = 0; column < static_cast<size_t>(k); ++column) {
      double square = 0;
      for (size_t at = column; at < block_.size(); at += kWidth) {
        const double rest = images_[at] - ritz_[column] * block_[at];
        square += rest * rest;
      }
      // Two parts of a graph that hardly hang together have an eigenvalue of almost 0.
      const double allowed = std::max(kResidualMax * (1 - ritz_[column]), 1e-9);
      if (!(std::sqrt(square) <= allowed)) return false;
    }
    return true;
  }

  void Write(int k, GraphSpectrum* spectrum) const {
    for (int column = 0; column < k; ++column) {
      const double value = 1 - ritz_[static_cast<size_t>(column)];
      spectrum->values.push_back(std::max(value, 0.0));
    }
    for (size_t row = 0; row < roots_.size(); ++row) {
      for (size_t column = 0; column < static_cast<size_t>(k); ++column) {
        spectrum->vectors.push_back(block_[row * kWidth + column]);
      }
    }
  }

  const SymmetricEdges& graph_;
  ThreadPool* const pool_;
  const std::stop_token& stop_;
  std::vector<double> roots_;    // D^-1/2
  std::vector<double> trivial_;  // the vector of the eigenvalue 0, of length 1
  Block block_;
  Block other_;
  Block images_;                       // A block_
  std::array<double, kWidth> ritz_{};  // eigenvalues of A, falling
};

// Of few points, by all eigenvectors of A.
GraphSpectrum DenseSpectrum(const SymmetricEdges& graph, int k) {
  const auto n = static_cast<size_t>(graph.points);
  std::vector<double> degrees(n, 0.0);
  for (size_t row = 0; row < n; ++row) {
    for (const float value : graph.RowValues(static_cast<int64_t>(row))) degrees[row] += value;
  }
  std::vector<double> matrix(n * n, 0.0);
  for (size_t row = 0; row < n; ++row) {
    const auto columns = graph.RowColumns(static_cast<int64_t>(row));
    const auto values = graph.RowValues(static_cast<int64_t>(row));
    for (size_t at = 0; at < columns.size(); ++at) {
      const auto column = static_cast<size_t>(columns[at]);
      matrix[row * n + column] = values[at] / std::sqrt(degrees[row] * degrees[column]);
    }
  }
  const Eigenpairs pairs = JacobiEigenpairs(std::move(matrix), graph.points);
  GraphSpectrum spectrum;
  spectrum.has_converged = true;
  for (size_t i = 1; i <= static_cast<size_t>(k); ++i) {
    spectrum.values.push_back(std::max(1 - pairs.values[i], 0.0));
  }
  for (size_t row = 0; row < n; ++row) {
    for (size_t i = 1; i <= static_cast<size_t>(k); ++i) {
      spectrum.vectors.push_back(pairs.vectors[i * n + row]);
    }
  }
  return spectrum;
}

void MakeLargestPositive(int k, std::vector<double>* vectors) {
  for (size_t column = 0; column < static_cast<size_t>(k); ++column) {
    double largest = 0;
    for (size_t at = column; at < vectors->size(); at += static_cast<size_t>(k)) {
      if (std::abs((*vectors)[at]) > std::abs(largest)) largest = (*vectors)[at];
    }
    if (largest >= 0) continue;
    for (size_t at = column; at < vectors->size(); at += static_cast<size_t>(k)) {
      (*vectors)[at] = -(*vectors)[at];
    }
  }
}

}  // namespace

Result<GraphSpectrum> LowestGraphVectors(const SymmetricEdges& graph, int k, uint64_t seed,
                                         ThreadPool* pool, const std::stop_token& stop) {
  CHECK(1 <= k && k <= kGraphVectorsMax && k < graph.points);
  GraphSpectrum spectrum;
  if (graph.points <= kDensePointsMax) {
    spectrum = DenseSpectrum(graph, k);
  } else {
    ASSIGN_OR_RETURN(spectrum, SubspaceIteration(graph, pool, stop).Run(k, seed));
  }
  MakeLargestPositive(k, &spectrum.vectors);
  return spectrum;
}

int64_t GraphSpectrumBytes(int64_t points) {
  return points * static_cast<int64_t>(sizeof(double)) * (3 * kWidth + 2 + kGraphVectorsMax);
}

}  // namespace spirogram::projector

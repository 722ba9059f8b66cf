#include "projector/equal_rows.h"

#include <algorithm>
#include <bit>
#include <numeric>
#include <span>

namespace spirogram::projector {
namespace {

constexpr int64_t kBlockRows = 256;

uint64_t HashRow(std::span<const float> row) {
  uint64_t hash = 0x9E3779B97F4A7C15;
  for (const float value : row) {
    hash ^= std::bit_cast<uint32_t>(value + 0.0F);  // -0 becomes 0
    hash *= 0xFF51AFD7ED558CCD;
    hash ^= hash >> 32;
  }
  return hash;
}

class Grouping {
 public:
  Grouping(const MatrixView& matrix, const std::vector<uint64_t>& hashes)
      : matrix_(matrix), order_(hashes.size()) {
    std::iota(order_.begin(), order_.end(), 0);
    std::sort(order_.begin(), order_.end(), [&](int32_t a, int32_t b) {
      const uint64_t x = hashes[static_cast<size_t>(a)];
      const uint64_t y = hashes[static_cast<size_t>(b)];
      return x != y ? x < y : a < b;
    });
    groups_.first.resize(hashes.size());
    groups_.earlier.resize(hashes.size());
    for (size_t begin = 0; begin < order_.size();) {
      size_t end = begin + 1;
      while (end < order_.size() && hashes[static_cast<size_t>(order_[end])] ==
                                        hashes[static_cast<size_t>(order_[begin])]) {
        ++end;
      }
      GroupRun({order_.data() + begin, end - begin});
      begin = end;
    }
  }

  EqualRows Take() { return std::move(groups_); }

 private:
  // Rows with one hash, ascending: nearly always one group, but hashes may collide.
  void GroupRun(std::span<const int32_t> rows) {
    std::vector<std::pair<int32_t, int32_t>> groups;  // first row, size
    for (const int32_t row : rows) {
      auto group = std::find_if(groups.begin(), groups.end(),
                                [&](const auto& g) { return IsEqual(g.first, row); });
      if (group == groups.end()) group = groups.insert(groups.end(), {row, 0});
      groups_.first[static_cast<size_t>(row)] = group->first;
      groups_.earlier[static_cast<size_t>(row)] = group->second++;
    }
  }

  bool IsEqual(int32_t a, int32_t b) const {
    const auto row = [this](int64_t i) {
      return matrix_.values.subspan(static_cast<size_t>(i * matrix_.dims),
                                    static_cast<size_t>(matrix_.dims));
    };
    return std::ranges::equal(row(a), row(b));
  }

  MatrixView matrix_;
  std::vector<int32_t> order_;
  EqualRows groups_;
};

}  // namespace

std::optional<EqualRows> FindEqualRows(const MatrixView& matrix, ThreadPool* pool,
                                       const std::stop_token& stop) {
  std::vector<uint64_t> hashes(static_cast<size_t>(matrix.points));
  const bool is_done =
      pool->ForBlocks(matrix.points, kBlockRows, stop, [&](int64_t begin, int64_t end) {
        for (int64_t i = begin; i < end; ++i) {
          hashes[static_cast<size_t>(i)] = HashRow(matrix.values.subspan(
              static_cast<size_t>(i * matrix.dims), static_cast<size_t>(matrix.dims)));
        }
      });
  if (!is_done) return std::nullopt;
  return Grouping(matrix, hashes).Take();
}

}  // namespace spirogram::projector

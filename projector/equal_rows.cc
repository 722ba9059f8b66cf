#include "projector/equal_rows.h"

#include <algorithm>
#include <bit>
#include <numeric>
#include <span>
#include <utility>

#include "projector/random.h"

namespace spirogram::projector {
namespace {

constexpr int64_t kBlockRows = 256;
constexpr size_t kBuckets = 1024;
constexpr uint64_t kBucketHashes = ~uint64_t{0} / kBuckets + 1;

uint64_t HashRow(std::span<const float> row) {
  uint64_t hash = 0x9E3779B97F4A7C15;
  for (const float value : row) {
    hash ^= std::bit_cast<uint32_t>(value + 0.0F);  // -0 becomes 0
    hash *= 0xFF51AFD7ED558CCD;
    hash ^= hash >> 32;
  }
  return hash;
}

// Rows with equal hashes are brought together in buckets, which are small enough to sort one by
// one.
class Grouping {
 public:
  Grouping(const MatrixView& matrix, const std::vector<uint64_t>& hashes)
      : matrix_(matrix), hashes_(hashes), starts_(kBuckets + 1, 0), order_(hashes.size()) {
    groups_.first.resize(hashes.size());
    groups_.earlier.resize(hashes.size());
    for (const uint64_t hash : hashes) ++starts_[hash / kBucketHashes + 1];
    std::partial_sum(starts_.begin(), starts_.end(), starts_.begin());
    std::vector<size_t> next = starts_;
    for (size_t i = 0; i < hashes.size(); ++i) {
      order_[next[hashes[i] / kBucketHashes]++] = static_cast<int32_t>(i);
    }
  }

  bool Run(ThreadPool* pool, const std::stop_token& stop) {
    return pool->ForBlocks(kBuckets, 1, stop, [this](int64_t bucket, int64_t) {
      const auto at = static_cast<size_t>(bucket);
      GroupBucket(std::span(order_).subspan(starts_[at], starts_[at + 1] - starts_[at]));
    });
  }

  EqualRows Take() { return std::move(groups_); }

 private:
  void GroupBucket(std::span<int32_t> rows) {
    const auto hash = [this](int32_t row) { return hashes_[static_cast<size_t>(row)]; };
    std::sort(rows.begin(), rows.end(),
              [&](int32_t a, int32_t b) { return hash(a) != hash(b) ? hash(a) < hash(b) : a < b; });
    for (size_t begin = 0; begin < rows.size();) {
      size_t end = begin + 1;
      while (end < rows.size() && hash(rows[end]) == hash(rows[begin])) ++end;
      GroupRun(rows.subspan(begin, end - begin));
      begin = end;
    }
  }

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
  const std::vector<uint64_t>& hashes_;
  std::vector<size_t> starts_;  // of the buckets in order_
  std::vector<int32_t> order_;  // rows by bucket
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
  Grouping grouping(matrix, hashes);
  if (!grouping.Run(pool, stop)) return std::nullopt;
  return grouping.Take();
}

std::vector<int32_t> ComparedRows(const EqualRows& equal, int neighbors) {
  std::vector<int32_t> rows;
  for (size_t i = 0; i < equal.earlier.size(); ++i) {
    if (equal.earlier[i] <= neighbors) rows.push_back(static_cast<int32_t>(i));
  }
  Random random(1);
  for (size_t i = rows.size(); i > 1; --i) {
    std::swap(rows[i - 1], rows[static_cast<size_t>(random.NextBits() % i)]);
  }
  return rows;
}

}  // namespace spirogram::projector

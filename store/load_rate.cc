#include "store/load_rate.h"

namespace spirogram::store {
namespace {

constexpr int64_t kWindowNs = 5'000'000'000;
constexpr int64_t kShortestNs = 200'000'000;  // a rate over less is chance
constexpr int64_t kSpacingNs = 50'000'000;

}  // namespace

void LoadRate::Note(int64_t now_ns, uint64_t bytes_read) {
  if (!samples_.empty() && bytes_read < samples_.back().bytes_read) samples_.clear();
  // The newest sample moves on until it is far enough from the one before.
  if (samples_.size() >= 2 && now_ns - samples_[samples_.size() - 2].at_ns < kSpacingNs) {
    samples_.pop_back();
  }
  samples_.push_back({now_ns, bytes_read});
  while (samples_.size() > 2 && now_ns - samples_.front().at_ns > kWindowNs) samples_.pop_front();
}

std::optional<double> LoadRate::SecondsLeft(uint64_t bytes_found) const {
  if (samples_.empty()) return std::nullopt;
  const Sample& first = samples_.front();
  const Sample& last = samples_.back();
  if (last.bytes_read >= bytes_found) return 0;
  const int64_t elapsed_ns = last.at_ns - first.at_ns;
  if (elapsed_ns < kShortestNs || last.bytes_read == first.bytes_read) return std::nullopt;
  const double rate =
      static_cast<double>(last.bytes_read - first.bytes_read) / static_cast<double>(elapsed_ns);
  return static_cast<double>(bytes_found - last.bytes_read) / rate * 1e-9;
}

}  // namespace spirogram::store

#include "projector/tsne_descent.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <limits>
#include <utility>

#include "base/str.h"

namespace spirogram::projector {
namespace {

// A measurement costs about as much as two iterations on a CPU.
constexpr int kKlInterval = 50;
constexpr int kNever = std::numeric_limits<int>::max();

class Descent {
 public:
  Descent(int64_t points, const TsneOptions& options, TsneEngine* engine)
      : points_(points), options_(options), engine_(engine) {
    result_.coordinates.resize(static_cast<size_t>(points * options.dims));
    result_.kl_divergence = std::numeric_limits<double>::quiet_NaN();
    result_.device = engine->device();
  }

  Result<TsneResult> Run(const std::function<void(const TsneProgress&)>& progress,
                         const std::stop_token& stop) {
    const auto start = std::chrono::steady_clock::now();
    bool is_last = false;
    for (int done = 1; !is_last; ++done) {
      RETURN_IF_ERROR(engine_->Step(StepAt(done - 1, Goal(), points_, options_), stop));
      int goal = Goal();
      is_last = done >= goal;
      if (is_last || done % kKlInterval == 0) {
        const double before = result_.kl_divergence;
        RETURN_IF_ERROR(Measure(done, stop));
        if (!is_last && IsPlateau(done, before)) {
          // What is left is the late exaggeration alone.
          settled_at_ = done;
          goal = Goal();
          is_last = done >= goal;
        }
      }
      const bool is_reported = progress && (is_last || done % options_.report_interval == 0);
      if (is_last || is_reported) {
        RETURN_IF_ERROR(engine_->ReadCoordinates(result_.coordinates));
      }
      if (is_reported) {
        progress({done, goal, result_.kl_divergence, result_.coordinates});
      }
      result_.iterations = done;
    }
    const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - start;
    result_.descent_seconds = elapsed.count();
    result_.grid_spacing = engine_->spacing();
    result_.has_settled = settled_at_ < kNever;
    return std::move(result_);
  }

 private:
  int Goal() const {
    const int wanted = options_.goal == nullptr ? options_.iterations
                                                : options_.goal->load(std::memory_order_relaxed);
    if (settled_at_ == kNever) return wanted;
    return std::min(wanted, settled_at_ + options_.late_exaggeration_iterations);
  }

  Status Measure(int iteration, const std::stop_token& stop) {
    ASSIGN_OR_RETURN(const double divergence, engine_->KlDivergence(stop));
    // Of a map that is as good as its rows, rounding may leave less than nothing. Not of NaN.
    result_.kl_divergence = divergence < 0 ? 0 : divergence;
    if (std::isfinite(result_.kl_divergence)) return {};
    return Internal(StrCat("t-SNE: the map diverged before iteration ", iteration));
  }

  // The first two measurements after the early exaggeration still see its end; in the late one the
  // KL divergence rises.
  bool IsPlateau(int iteration, double before) const {
    if (options_.kl_tolerance <= 0 || settled_at_ < kNever) return false;
    if (iteration > Goal() - options_.late_exaggeration_iterations) return false;
    if (iteration < options_.early_exaggeration_iterations + 2 * kKlInterval) return false;
    return before - result_.kl_divergence < options_.kl_tolerance * result_.kl_divergence;
  }

  int64_t points_;
  const TsneOptions& options_;
  TsneEngine* engine_;
  TsneResult result_;
  int settled_at_ = kNever;  // the iteration after which the KL divergence no longer fell
};

}  // namespace

Result<TsneResult> Descend(int64_t points, const TsneOptions& options, TsneEngine* engine,
                           const std::function<void(const TsneProgress&)>& progress,
                           const std::stop_token& stop) {
  return Descent(points, options, engine).Run(progress, stop);
}

}  // namespace spirogram::projector

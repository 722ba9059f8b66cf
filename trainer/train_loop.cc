#include "trainer/train_loop.h"

#include <algorithm>
#include <cmath>
#include <memory>

#include "base/clock.h"
#include "base/str.h"
#include "trainer/instrumentation.h"
#include "trainer/learning_rates.h"
#include "trainer/phase_recorder.h"

namespace spirogram::trainer {
namespace {

constexpr double kProgressSeconds = 0.25;

// Rates and progress, by the monotonic clock.
class Stopwatch {
 public:
  Stopwatch(const Clock& clock, const TrainOptions& options, Step steps)
      : clock_(clock), options_(options), steps_(steps), start_ns_(clock.MonotonicNs()) {}

  double Seconds() const { return static_cast<double>(clock_.MonotonicNs() - start_ns_) * 1e-9; }
  bool IsOver(Step step) const {
    return options_.seconds > 0 && step >= options_.steps_min && Seconds() >= options_.seconds;
  }

  // Samples per second since the last call.
  double TakeThroughput(Step step) {
    const double now = Seconds();
    const double rate = static_cast<double>((step - throughput_step_) * options_.batch) /
                        std::max(now - throughput_seconds_, 1e-9);
    throughput_step_ = step;
    throughput_seconds_ = now;
    return rate;
  }

  void Report(Step step, double loss, bool is_last, const TrainObserver& observer) {
    const double now = Seconds();
    if (!observer.progress || (!is_last && now - reported_seconds_ < kProgressSeconds)) return;
    Progress progress{.step = step, .steps = steps_, .loss = loss, .seconds = now};
    progress.samples_per_second = static_cast<double>((step - reported_step_) * options_.batch) /
                                  std::max(now - reported_seconds_, 1e-9);
    progress.seconds_left = SecondsLeft(step, now);
    reported_step_ = step;
    reported_seconds_ = now;
    observer.progress(progress);
  }

 private:
  double SecondsLeft(Step step, double now) const {
    const auto until = [&](Step end) {
      return step > 0 ? now / static_cast<double>(step) * static_cast<double>(end - step) : 0;
    };
    double left = INFINITY;
    if (options_.seconds > 0) {
      left = std::max({options_.seconds - now, until(options_.steps_min), 0.0});
    }
    if (steps_ > 0 && step > 0) left = std::min(left, until(steps_));
    return left;
  }

  const Clock& clock_;
  const TrainOptions& options_;
  const Step steps_;
  const int64_t start_ns_;
  Step throughput_step_ = 0;
  double throughput_seconds_ = 0;
  Step reported_step_ = 0;
  double reported_seconds_ = 0;
};

void Drift(const std::vector<BiasDrift>& drifts, Backend& backend, Model& model, Step step) {
  for (const BiasDrift& drift : drifts) {
    if (step < drift.first_step) continue;
    for (DenseLayer* layer : model.layers()) {
      if (layer->name() != drift.group) continue;
      const auto change = static_cast<float>(-drift.per_step);
      backend.AddConstant(change, layer->bias.value.All());
      backend.AddConstant(change, layer->bias.update.All());
    }
  }
}

void UpdateParameters(Optimizer& optimizer, Model& model, const LearningRates& rates, Step step) {
  optimizer.BeginStep();
  for (DenseLayer* layer : model.layers()) optimizer.Update(*layer, rates.Of(layer->name(), step));
  for (EmbeddingTable* table : model.tables()) {
    optimizer.Update(*table, rates.Of(table->name(), step));
  }
  for (EmbeddingTable* table : model.wide_tables()) {
    optimizer.Update(*table, rates.Of(table->name(), step));
  }
}

void LogScores(logger::Logger& logger, const BatchScores::Means& scores, const LearningRates& rates,
               Step step) {
  logger.Scalar("loss/train", step, scores.loss);
  logger.Scalar("accuracy/train", step, scores.accuracy);
  logger.Scalar("learning_rate", step, rates.Base(step));
  for (const std::string& group : rates.scaled_groups()) {
    logger.Scalar(StrCat("learning_rate/", group), step, rates.Of(group, step));
  }
}

Task::Metrics Validate(Task& task, logger::Logger& logger, Step step) {
  Task::Metrics metrics = task.Validate();
  for (const auto& [tag, value] : metrics) logger.Scalar(tag, step, value);
  return metrics;
}

bool IsDue(Step step, int interval) {
  return interval > 0 && step % interval == 0;
}

}  // namespace

Status CheckTrainOptions(const TrainOptions& o, size_t train_samples) {
  if (o.steps <= 0 && !(o.epochs > 0) && !(o.seconds > 0)) {
    return InvalidArgument("no end is given: one of steps, epochs and seconds must be above 0");
  }
  if (o.batch <= 0 || static_cast<size_t>(o.batch) > train_samples) {
    return InvalidArgument(
        StrCat("batch: got ", o.batch, ", want 1 to the number of samples, ", train_samples));
  }
  if (!(o.learning_rate > 0) || !std::isfinite(o.learning_rate)) {
    return InvalidArgument(StrCat("learning_rate: got ", o.learning_rate, ", want more than 0"));
  }
  return {};
}

Step StepsOf(const TrainOptions& options, size_t train_samples) {
  const size_t whole_batches = train_samples / static_cast<size_t>(options.batch);
  const auto steps_per_epoch = static_cast<double>(whole_batches);
  // Far more steps than any run takes, and exact as a double.
  constexpr double kStepsMax = 1e15;
  const double by_epochs =
      options.epochs > 0 ? std::min(std::ceil(options.epochs * steps_per_epoch), kStepsMax) : 0;
  if (options.steps <= 0) return static_cast<Step>(by_epochs);
  if (by_epochs <= 0) return options.steps;
  return std::min<Step>(options.steps, static_cast<Step>(by_epochs));
}

Result<TrainSummary> Train(const TrainOptions& options, Task& task, OpenedBackend& device,
                           logger::Logger& logger, const TrainObserver& observer,
                           const std::stop_token& stop) {
  Backend& backend = *device.backend;
  const Step steps = StepsOf(options, task.train_samples());
  const LearningRates rates(options, steps);
  Optimizer optimizer(backend, options.optimizer);
  Instrumentation instrumentation(backend, logger, task, options);
  PhaseRecorder recorder(RealClock(), logger);
  StepObserver& phases = observer.steps != nullptr ? *observer.steps : recorder;
  RETURN_IF_ERROR(backend.Check());

  TrainSummary summary;
  summary.device = backend.Name();
  instrumentation.Start();
  Stopwatch watch(RealClock(), options, steps);
  Step step = 0;
  const auto is_over = [&] { return (steps > 0 && step >= steps) || watch.IsOver(step); };
  while (!is_over() && !stop.stop_requested()) {
    phases.BeginStep(++step);
    {
      ScopedPhase phase(phases, logger::Phase::kInputWait);
      task.LoadBatch();
    }
    {
      ScopedPhase phase(phases, logger::Phase::kForward);
      task.Forward();
    }
    {
      ScopedPhase phase(phases, logger::Phase::kBackward);
      task.Backward();
    }
    {
      ScopedPhase phase(phases, logger::Phase::kOptimizer);
      UpdateParameters(optimizer, task.model(), rates, step);
      Drift(options.bias_drifts, backend, task.model(), step);
    }
    {
      ScopedPhase phase(phases, logger::Phase::kLogging);
      const BatchScores::Means scores = task.Scores();
      summary.loss = scores.loss;
      if (IsDue(step, options.log.loss)) LogScores(logger, scores, rates, step);
      if (IsDue(step, options.log.layers)) {
        logger.Scalar("throughput/samples_per_second", step, watch.TakeThroughput(step));
      }
      instrumentation.AfterStep(step);
    }
    RETURN_IF_ERROR(backend.Check());
    phases.EndStep();  // behind the device's last work of the step: a profiler may stop here
    if (IsDue(step, options.log.validation)) summary.metrics = Validate(task, logger, step);
    watch.Report(step, summary.loss, step == steps, observer);
  }
  summary.is_cancelled = !is_over();
  instrumentation.Finish(step);
  if (!IsDue(step, options.log.validation)) summary.metrics = Validate(task, logger, step);
  RETURN_IF_ERROR(backend.Check());
  if (step != steps) watch.Report(step, summary.loss, /*is_last=*/true, observer);
  summary.steps = step;
  summary.seconds = watch.Seconds();
  return summary;
}

std::vector<std::pair<std::string, logger::HparamValue>> CommonHparams(
    const TrainOptions& options) {
  return {
      {"batch", static_cast<double>(options.batch)},
      {"learning_rate", options.learning_rate},
      {"learning_rate_decay", std::string(options.decay == RateDecay::kCosine ? "cosine" : "none")},
      {"optimizer", std::string(OptimizerName(options.optimizer))},
      {"seed", static_cast<double>(options.seed)}};
}

}  // namespace spirogram::trainer

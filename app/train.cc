#include "app/train.h"

#include <unistd.h>

#include <cerrno>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <functional>
#include <memory>
#include <utility>

#include "app/claim_run_name.h"
#include "app/exit_code.h"
#include "app/gpu_profile.h"
#include "app/progress_line.h"
#include "app/signals.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/str.h"
#include "logger/remote/run_name.h"
#include "logger/remote/upload.h"
#include "trainer/train.h"

namespace spirogram::app {
namespace {

void Apply(const TrainOptions& options, trainer::TrainOptions* train) {
  if (options.epochs > 0) train->epochs = options.epochs;
  if (options.epochs > 0 && options.steps == 0) train->steps = 0;
  if (options.steps > 0) {
    train->steps = options.steps;
    // More steps may be asked for than the default epochs have.
    if (options.epochs == 0) train->epochs = 0;
  }
  if (options.batch > 0) train->batch = options.batch;
  if (options.learning_rate > 0) train->learning_rate = options.learning_rate;
  train->optimizer =
      options.optimizer == "sgd" ? trainer::OptimizerKind::kSgd : trainer::OptimizerKind::kAdam;
  train->seed = options.seed;
  train->threads = options.threads;
  train->device = options.device == "cpu"    ? trainer::Device::kCpu
                  : options.device == "cuda" ? trainer::Device::kCuda
                                             : trainer::Device::kAuto;
}

void PrintSummary(const std::string& run, const trainer::TrainSummary& summary) {
  std::printf("%s: %lld %s in %s on %s", run.c_str(), static_cast<long long>(summary.steps),
              summary.steps == 1 ? "step" : "steps", FormatSeconds(summary.seconds).c_str(),
              summary.device.c_str());
  for (const auto& [tag, value] : summary.metrics) {
    std::printf(", %s %.4f", tag.c_str(), std::isnan(value) ? NAN : value);  // no "-nan"
  }
  std::printf("%s\n", summary.is_cancelled ? " (stopped)" : "");
}

// Without a logdir nothing here says which names are taken.
std::string NewRunName(const std::string& model) {
  return StrCat(model, "-", static_cast<int64_t>(RealClock().Now()), "-", getpid());
}

// The logger would train on and drop everything: a command is better refused.
Status CheckWritable(const std::string& folder) {
  RETURN_IF_ERROR(MakeFolders(folder));
  if (access(folder.c_str(), W_OK | X_OK) != 0) return ErrnoError("write to " + folder, errno);
  return {};
}

struct Destination {
  std::string run;
  logger::LoggerOptions logger;
};

Result<Destination> ChooseDestination(const TrainOptions& options, const std::string& model) {
  const bool is_remote = !options.url.empty();
  const std::string logdir = options.logdir.empty() && !is_remote ? "runs" : options.logdir;
  Destination to;
  to.run = options.run.empty() ? NewRunName(model) : options.run;
  RETURN_IF_ERROR(logger::CheckRunName(to.run));
  if (is_remote) RETURN_IF_ERROR(logger::CheckUploadTarget(options.url, to.run));
  if (options.run.empty() && !logdir.empty()) {
    ASSIGN_OR_RETURN(to.run, ClaimRunName(logdir, model));
  }
  if (!logdir.empty()) {
    to.logger.run_dir = (std::filesystem::path(logdir) / to.run).string();
    RETURN_IF_ERROR(CheckWritable(to.logger.run_dir));
  }
  to.logger.system_interval_ms = static_cast<int>(1000 * options.system_interval);
  to.logger.url = options.url;
  to.logger.run = to.run;
  return to;
}

using TrainFunction = std::function<Result<trainer::TrainSummary>(
    logger::Logger&, const trainer::TrainObserver&, std::stop_token)>;

// `checked` says what is wrong with the options or the data: then no run is begun.
int Train(const TrainOptions& options, const std::string& model, const Status& checked,
          const TrainFunction& train) {
  if (!checked.ok()) return ReportError(checked.error());
  const SignalStop signals;
  const Result<Destination> to = ChooseDestination(options, model);
  if (!to.ok()) return ReportError(to.error());
  const std::string& run = to->run;
  const auto logger = logger::Logger::Open(to->logger);
  ProgressLine line(run);
  const std::unique_ptr<trainer::StepObserver> steps =
      MakeStepObserver(!options.no_profile, *logger);
  const auto summary =
      train(*logger, {[&](const trainer::Progress& progress) { line.Show(progress); }, steps.get()},
            signals.token());
  line.End();
  if (!summary.ok()) return ReportError(summary.error());
  PrintSummary(run, *summary);
  return summary->is_cancelled ? signals.exit_code() : kExitOk;
}

}  // namespace

int TrainMnist(const TrainOptions& options) {
  trainer::MnistOptions mnist;
  mnist.data_dir = options.data_dir;
  Apply(options, &mnist.train);
  const Result<trainer::Mnist> data = trainer::PrepareMnist(mnist);
  const Status checked = data.ok() ? Status() : Status(data.error());
  return Train(options, "mnist", checked, [&](auto& logger, const auto& observer, auto stop) {
    return trainer::TrainMnist(mnist, *data, logger, observer, std::move(stop));
  });
}

int TrainRecsys(const TrainOptions& options) {
  trainer::RecsysOptions recsys;
  Apply(options, &recsys.train);
  recsys.data.seed = options.seed;
  recsys.faults.item_embedding_learning_rate_scale = options.item_embedding_learning_rate_scale;
  if (options.kill_relus) recsys.faults.dying_relu_step = kDyingReluStep;
  const Result<trainer::ClickLog> log = trainer::PrepareRecsys(recsys);
  const Status checked = log.ok() ? Status() : Status(log.error());
  return Train(options, "recsys", checked, [&](auto& logger, const auto& observer, auto stop) {
    return trainer::TrainRecsys(recsys, *log, logger, observer, std::move(stop));
  });
}

}  // namespace spirogram::app

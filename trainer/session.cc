#include "trainer/session.h"

#include "base/str.h"

namespace spirogram::trainer {
namespace {

logger::EndStatus EndOf(const Result<TrainSummary>& summary) {
  if (!summary.ok()) return logger::EndStatus::kFailure;
  return summary->is_cancelled ? logger::EndStatus::kInterrupted : logger::EndStatus::kSuccess;
}

}  // namespace

Result<TrainSummary> RunSession(logger::Logger& logger, const Hparams& hparams,
                                const std::function<Result<TrainSummary>()>& run) {
  logger.Hparams(hparams);
  Result<TrainSummary> summary = run();
  logger.End(EndOf(summary));
  logger.Flush();
  return summary;
}

Result<OpenedBackend> OpenForTraining(const TrainOptions& options, logger::Logger& logger,
                                      const TrainObserver& observer) {
  ASSIGN_OR_RETURN(OpenedBackend device, OpenBackend(options.device, options.threads));
  if (observer.steps == nullptr) {
    logger.ProfileNote(StrCat("no GPU slices: ",
                              device.is_cuda ? "no GPU profiler is attached" : device.cpu_reason));
  }
  return device;
}

Status CheckUnits(const std::vector<int>& units) {
  constexpr int kUnitsMax = 65'536;
  for (const int count : units) {
    if (count < 1 || count > kUnitsMax) {
      return InvalidArgument(StrCat("width of a layer: got ", count, ", want 1 to ", kUnitsMax));
    }
  }
  return {};
}

std::string JoinUnits(const std::vector<int>& units) {
  std::string joined;
  for (const int count : units) joined += StrCat(joined.empty() ? "" : ",", count);
  return joined;
}

}  // namespace spirogram::trainer

#include "app/demo.h"

#include <cstdio>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <system_error>
#include <thread>
#include <vector>

#include "app/diagnose.h"
#include "app/exit_code.h"
#include "app/gpu_profile.h"
#include "app/progress_line.h"
#include "app/signals.h"
#include "app/train.h"
#include "base/file.h"
#include "base/str.h"
#include "store/data_dir.h"
#include "trainer/train.h"

namespace spirogram::app {
namespace {

using std::filesystem::path;

// On a slow machine the runs take longer than was asked: until the later of the two faults shows.
constexpr int64_t kStepsMin = 2 * kDyingReluStep;
// On a fast one they are over sooner: after three times as many the healthy run has learned its log
// by heart, which is a finding.
constexpr int64_t kStepsMax = 6000;
// Far too low: the rows get gradients as always and hardly move.
constexpr double kItemEmbeddingRateScale = 1e-4;
// A file in the demo's folder that says what lies beside it: the names of the runs that were
// trained, or kUnfinished. Without it the folder is not a demo's, and nothing in it is touched.
constexpr int kSystemIntervalMs = 5000;
constexpr char kMark[] = "spirogram_demo";
constexpr char kUnfinished[] = "unfinished\n";

struct DemoRun {
  std::string name;
  std::function<Result<trainer::TrainSummary>(logger::Logger&, const trainer::TrainObserver&,
                                              std::stop_token)>
      train;
  Status status;
};

trainer::RecsysOptions Recsys(double seconds) {
  trainer::RecsysOptions options;
  options.train.steps = kStepsMax;
  options.train.seconds = seconds;
  options.train.steps_min = kStepsMin;
  options.train.log.embeddings = 400;
  options.train.log.validation = 200;
  return options;
}

std::vector<DemoRun> MakeRuns(const DemoOptions& options) {
  trainer::RecsysOptions faulty = Recsys(options.seconds);
  faulty.faults.item_embedding_learning_rate_scale = kItemEmbeddingRateScale;
  faulty.faults.dying_relu_step = kDyingReluStep;
  std::vector<DemoRun> runs;
  runs.push_back(
      {"recsys/healthy",
       [recsys = Recsys(options.seconds)](auto& logger, const auto& observer, auto stop) {
         return trainer::TrainRecsys(recsys, logger, observer, stop);
       },
       {}});
  runs.push_back({"recsys/two_faults",
                  [faulty](auto& logger, const auto& observer, auto stop) {
                    return trainer::TrainRecsys(faulty, logger, observer, stop);
                  },
                  {}});
  if (!options.mnist_dir.empty()) {
    trainer::MnistOptions mnist;
    mnist.data_dir = options.mnist_dir;
    runs.push_back({"mnist",
                    [mnist](auto& logger, const auto& observer, auto stop) {
                      return trainer::TrainMnist(mnist, logger, observer, stop);
                    },
                    {}});
  }
  return runs;
}

// Trains the runs side by side, one thread each; the first one's progress is shown.
Status TrainAll(std::vector<DemoRun>* runs, const std::string& logdir,
                const std::stop_token& stop) {
  ProgressLine line(runs->front().name);
  std::vector<std::thread> threads;
  for (DemoRun& run : *runs) {
    const bool is_shown = &run == &runs->front();
    threads.emplace_back([&run, &line, &logdir, is_shown, stop] {
      const auto logger = logger::Logger::Open(
          {.run_dir = (path(logdir) / run.name).string(), .system_interval_ms = kSystemIntervalMs});
      // One run may hold CUPTI; the others record the host's phases.
      const auto steps = MakeStepObserver(is_shown, *logger);
      trainer::TrainObserver observer{{}, steps.get()};
      if (is_shown) observer.progress = [&line](const trainer::Progress& p) { line.Show(p); };
      const auto summary = run.train(*logger, observer, stop);
      if (!summary.ok()) run.status = summary.error();
    });
  }
  for (std::thread& thread : threads) thread.join();
  line.End();
  for (const DemoRun& run : *runs) RETURN_IF_ERROR(run.status);
  return {};
}

std::string Names(const std::vector<DemoRun>& runs) {
  std::string names;
  for (const DemoRun& run : runs) names += run.name + "\n";
  return names;
}

// Removes logs and database of an earlier demo. kUnavailable while another process has them open.
Status RemoveEarlier(const path& dir) {
  const std::string data = (dir / "data").string();
  ASSIGN_OR_RETURN(const store::DataDir locked, store::DataDir::Open(data));
  // The mark first: what is left by a demo killed in between must not pass for trained.
  RETURN_IF_ERROR(WriteFileAtomically((dir / kMark).string(), kUnfinished));
  for (const std::string& part : {(dir / "logs").string(), data}) {
    std::error_code error;
    std::filesystem::remove_all(part, error);
    if (error) return ErrnoError(StrCat("remove ", part), error.value());
  }
  return {};
}

// Makes the folder ready for the runs. True when they must be trained: then logs and database of an
// earlier demo are gone, since a second training of the same name would be a run with two
// beginnings.
Result<bool> PrepareFolder(const DemoOptions& options, const std::vector<DemoRun>& runs) {
  const path dir = options.dir;
  const std::string mark = (dir / kMark).string();
  const auto trained = ReadFile(mark, 4096);
  if (trained.ok() && *trained == Names(runs) && !options.fresh) return false;
  for (const char* part : {"logs", "data"}) {
    std::error_code error;
    if (!trained.ok() && std::filesystem::exists(dir / part, error)) {
      return InvalidArgument(
          StrCat((dir / part).string(), " is not a demo's: name another folder by --dir"));
    }
  }
  if (trained.ok()) RETURN_IF_ERROR(RemoveEarlier(dir));
  // The mark first: a demo killed in between must find its own folder again.
  RETURN_IF_ERROR(MakeFolders(options.dir));
  RETURN_IF_ERROR(WriteFileAtomically(mark, kUnfinished));
  RETURN_IF_ERROR(MakeFolders((dir / "logs").string()));
  return true;
}

Status TrainIfNeeded(const DemoOptions& options, bool is_needed, std::vector<DemoRun>* runs,
                     const std::stop_token& stop) {
  const std::string logdir = (path(options.dir) / "logs").string();
  if (!is_needed) {
    std::fprintf(stderr, "the runs in %s are trained; --fresh trains them again\n", logdir.c_str());
    return {};
  }
  std::fprintf(stderr, "training %zu runs for about %s\n", runs->size(),
               FormatSeconds(options.seconds).c_str());
  RETURN_IF_ERROR(TrainAll(runs, logdir, stop));
  if (stop.stop_requested()) return Cancelled("stopped before the runs were trained");
  return WriteFileAtomically((path(options.dir) / kMark).string(), Names(*runs));
}

// Loads and diagnoses what was trained, so that a later server has it all at its first request.
Status LoadAndReport(store::Store& store) {
  RETURN_IF_ERROR(store.LoadOnce());
  ASSIGN_OR_RETURN(const std::vector<DiagnosedRun> runs, DiagnoseAllRuns(store));
  for (const DiagnosedRun& run : runs) {
    RETURN_IF_ERROR(store.WriteDiagnosis(run.run.id, run.diagnosis));
    PrintDiagnosedRun(run);
  }
  store.Close();
  return {};
}

// The store is open all the while: a second demo would remove what this one trains.
Status TrainAndLoad(const DemoOptions& options, const ServeOptions& serve, bool needs_training,
                    std::vector<DemoRun>* runs, const std::stop_token& stop) {
  ASSIGN_OR_RETURN(const std::unique_ptr<store::Store> store,
                   store::Store::Open({.logdir = serve.logdir, .data_dir = serve.data_dir}));
  RETURN_IF_ERROR(TrainIfNeeded(options, needs_training, runs, stop));
  return LoadAndReport(*store);
}

// Of training that a signal stopped, the exit code says so.
int ReportEnd(const Error& error, const SignalStop& signals) {
  const int code = ReportError(error);
  return error.code == ErrorCode::kCancelled ? signals.exit_code() : code;
}

}  // namespace

int Demo(const DemoOptions& options) {
  const SignalStop signals;
  const std::string logdir = (path(options.dir) / "logs").string();
  ServeOptions serve;
  serve.logdir = logdir;
  serve.data_dir = (path(options.dir) / "data").string();
  serve.host = options.host;
  serve.port = options.port;
  std::vector<DemoRun> runs = MakeRuns(options);
  const Result<bool> needs_training = PrepareFolder(options, runs);
  if (!needs_training.ok()) return ReportError(needs_training.error());
  if (options.no_serve) {
    const Status status = TrainAndLoad(options, serve, *needs_training, &runs, signals.token());
    if (!status.ok()) return ReportEnd(status.error(), signals);
    std::printf("ready; serve it with: spirogram serve --logdir %s --data-dir %s\n", logdir.c_str(),
                serve.data_dir.c_str());
    return kExitOk;
  }
  // Serving comes first: the curves grow while the models train.
  const auto app = App::Start(serve);
  if (!app.ok()) return ReportError(app.error());
  std::printf("%s\n", (*app)->url().c_str());
  std::fflush(stdout);
  if (const Status status = TrainIfNeeded(options, *needs_training, &runs, signals.token());
      !status.ok()) {
    return ReportEnd(status.error(), signals);
  }
  std::fprintf(stderr, "trained; %s answers until Ctrl-C\n", (*app)->url().c_str());
  signals.Wait();
  return kExitOk;
}

}  // namespace spirogram::app

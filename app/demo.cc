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
#include "trainer/train.h"

namespace spirogram::app {
namespace {

using std::filesystem::path;

// Far too low: the rows get gradients as always and hardly move.
constexpr double kItemEmbeddingRateScale = 1e-4;
// Written when all runs have ended, so that the next demo serves them at once.
constexpr char kDoneMark[] = "trained";

struct DemoRun {
  std::string name;
  std::function<Result<trainer::TrainSummary>(logger::Logger&, const trainer::TrainObserver&,
                                              std::stop_token)>
      train;
  Status status;
};

trainer::RecsysOptions Recsys(double seconds) {
  trainer::RecsysOptions options;
  options.train.steps = 0;
  options.train.seconds = seconds;
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
Status TrainAll(std::vector<DemoRun>* runs, const std::string& logdir, std::stop_token stop) {
  ProgressLine line(runs->front().name);
  std::vector<std::thread> threads;
  for (DemoRun& run : *runs) {
    const bool is_shown = &run == &runs->front();
    threads.emplace_back([&run, &line, &logdir, is_shown, stop] {
      const auto logger = logger::Logger::Open({.run_dir = (path(logdir) / run.name).string()});
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

Status TrainUnlessDone(const DemoOptions& options, const std::string& logdir,
                       std::stop_token stop) {
  std::vector<DemoRun> runs = MakeRuns(options);
  const std::string mark = (path(options.dir) / kDoneMark).string();
  std::string names;
  for (const DemoRun& run : runs) names += run.name + "\n";
  if (const auto done = ReadFile(mark, 4096); done.ok() && *done == names) {
    std::fprintf(stderr, "the runs in %s are trained; --fresh trains them again\n", logdir.c_str());
    return {};
  }
  std::fprintf(stderr, "training %zu runs for about %s\n", runs.size(),
               FormatSeconds(options.seconds).c_str());
  RETURN_IF_ERROR(TrainAll(&runs, logdir, stop));
  if (stop.stop_requested()) return Cancelled("stopped before the runs were trained");
  return WriteFileAtomically(mark, names);
}

// An unfinished or unwanted earlier demo would show as runs of the same name with two beginnings.
Status PrepareFolder(const DemoOptions& options, const std::string& logdir) {
  std::error_code error;
  const bool is_done = std::filesystem::exists(path(options.dir) / kDoneMark, error);
  if (options.fresh || !is_done) {
    for (const char* part : {"logs", "data", kDoneMark}) {
      std::filesystem::remove_all(path(options.dir) / part, error);
      if (error) return ErrnoError(StrCat("remove ", options.dir, "/", part), error.value());
    }
  }
  return MakeFolders(logdir);
}

// Loads and diagnoses what was trained, so that a later server has it all at its first request.
Status LoadAndReport(const ServeOptions& serve) {
  ASSIGN_OR_RETURN(const std::unique_ptr<store::Store> store,
                   store::Store::Open({.logdir = serve.logdir, .data_dir = serve.data_dir}));
  RETURN_IF_ERROR(store->LoadOnce());
  ASSIGN_OR_RETURN(const std::vector<DiagnosedRun> runs, DiagnoseAllRuns(*store));
  for (const DiagnosedRun& run : runs) {
    RETURN_IF_ERROR(store->WriteDiagnosis(run.run.id, run.diagnosis));
    PrintDiagnosedRun(run);
  }
  store->Close();
  return {};
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
  if (const Status status = PrepareFolder(options, logdir); !status.ok()) {
    return ReportError(status.error());
  }
  if (options.no_serve) {
    Status status = TrainUnlessDone(options, logdir, signals.token());
    if (status.ok()) status = LoadAndReport(serve);
    if (!status.ok()) return ReportError(status.error());
    std::printf("ready; serve it with: spirogram serve --logdir %s --data-dir %s\n", logdir.c_str(),
                serve.data_dir.c_str());
    return kExitOk;
  }
  // Serving comes first: the curves grow while the models train.
  const auto app = App::Start(serve);
  if (!app.ok()) return ReportError(app.error());
  std::printf("%s\n", (*app)->url().c_str());
  std::fflush(stdout);
  if (const Status status = TrainUnlessDone(options, logdir, signals.token()); !status.ok()) {
    return ReportError(status.error());
  }
  std::fprintf(stderr, "trained; %s answers until Ctrl-C\n", (*app)->url().c_str());
  signals.Wait();
  return kExitOk;
}

}  // namespace spirogram::app

#include "app/serve.h"

#include <algorithm>
#include <cstdio>
#include <thread>
#include <utility>

#include "app/data_dir.h"
#include "app/exit_code.h"
#include "app/open_files.h"
#include "app/signals.h"
#include "app/version.h"
#include "base/str.h"
#include "gpu/library.h"
#include "projector/projector.h"
#include "web/security.h"
#include "web/server.h"

namespace spirogram::app {
namespace {

constexpr double kDayS = 86'400;

web::StatusInfo DescribeProgram(const ServeOptions& options) {
  web::StatusInfo info{.version = kVersion,
                       .logdir = options.logdir,
                       .gpu = {},
                       .gpu_reason = {},
                       .can_delete_files = options.allow_delete_files,
                       .keep_deleted_s = options.keep_deleted_days * kDayS};
  const auto& gpu = gpu::Library::Get();
  if (gpu.ok()) {
    info.gpu = gpu->device().name;
  } else {
    info.gpu_reason = gpu.error().message;
  }
  return info;
}

bool IsLoopback(const std::string& host) {
  return host == "localhost" || host == "::1" || host.starts_with("127.");
}

// Without accounts, whoever reaches the server may write: by default that is this machine alone.
bool TakesIngest(const ServeOptions& options) {
  return options.allow_ingest || (!options.bind_all && IsLoopback(options.host));
}

// The database and its readers, the log directory, what each loop waits by, and a few connections.
int OpenFilesWanted(const ServeOptions& options) {
  const int cores = static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
  const int loops = options.threads > 0 ? options.threads : cores;
  return 64 + 4 * loops;
}

Result<std::unique_ptr<store::IngestLog>> OpenIngestLog(const ServeOptions& options,
                                                        const std::string& data_dir) {
  store::IngestOptions ingest;
  ingest.dir = store::IngestDir(data_dir);
  ingest.bytes_max = static_cast<uint64_t>(options.ingest_max_gb * (1 << 30));
  return store::IngestLog::Open(ingest);
}

}  // namespace

Result<std::unique_ptr<App>> App::Start(const ServeOptions& options) {
  ASSIGN_OR_RETURN(web::PathPrefix prefix, web::PathPrefix::Parse(options.path_prefix));
  for (const std::string& host : options.allowed_hosts) {
    RETURN_IF_ERROR(web::CheckAllowedHost(host));
  }
  RETURN_IF_ERROR(AllowOpenFiles(OpenFilesWanted(options)));
  std::unique_ptr<App> app(new App);
  app->options_ = options;
  app->path_prefix_ = prefix.text();
  const std::string data_dir =
      options.data_dir.empty() ? DefaultDataDir(options.logdir) : options.data_dir;
  ASSIGN_OR_RETURN(
      app->store_,
      store::Store::Open({.logdir = options.logdir,
                          .data_dir = data_dir,
                          .poll_interval_ms = options.reload_interval_ms,
                          .reserve_bytes = static_cast<uint64_t>(options.reserve_mib) << 20,
                          .waits_for_logdir = true,
                          .allow_delete_files = options.allow_delete_files,
                          .converter = &app->traces_,
                          .keep_deleted_s = options.keep_deleted_days * kDayS}));
  if (TakesIngest(options)) {
    ASSIGN_OR_RETURN(app->ingest_, OpenIngestLog(options, data_dir));
  }
  app->diagnosis_ = std::make_unique<DiagnosisWorker>(*app->store_);
  web::ServerOptions server;
  server.host = options.bind_all ? "0.0.0.0" : options.host;
  server.port = static_cast<uint16_t>(options.port);
  server.allowed_hosts = options.allowed_hosts;
  server.path_prefix = std::move(prefix);
  server.io_threads = options.threads;
  web::ServerContext context;
  context.store = app->store_.get();
  context.projector = {projector::Pca, projector::Tsne, projector::Umap,
                       projector::TransformPoints};
  context.projector.yields = !options.no_yield;
  context.status = DescribeProgram(options);
  context.ingest = app->ingest_.get();
  ASSIGN_OR_RETURN(app->server_, web::Server::Start(server, context));
  app->store_->OnCommit([raw = app.get()](const store::Commit& commit) {
    raw->server_->OnCommit(commit);
    raw->diagnosis_->Notify(commit);
  });
  app->diagnosis_->Start();
  app->store_->StartTailing();
  return app;
}

App::~App() {
  if (server_) server_->Stop();
  if (diagnosis_) diagnosis_->Stop();
  if (store_) store_->Close();
}

std::string App::url() const {
  const std::string host = options_.bind_all ? "127.0.0.1" : options_.host;
  const bool is_ipv6 = host.find(':') != std::string::npos;
  return StrCat("http://", is_ipv6 ? "[" : "", host, is_ipv6 ? "]" : "", ":", server_->port(),
                path_prefix_, "/");
}

int Serve(const ServeOptions& options) {
  const SignalStop signals;
  const auto app = App::Start(options);
  if (!app.ok()) return ReportError(app.error());
  std::printf("%s\n", (*app)->url().c_str());
  std::fflush(stdout);
  signals.Wait();
  return kExitOk;
}

}  // namespace spirogram::app

// spirogram serve: tails a logdir, diagnoses it and serves the pages until SIGINT or SIGTERM.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "app/diagnosis_worker.h"
#include "base/result.h"
#include "store/ingest_log.h"
#include "store/store.h"
#include "transfer/trace_converter.h"

namespace spirogram::web {
class Server;
}

namespace spirogram::app {

struct ServeOptions {
  std::string logdir;
  std::string data_dir;  // empty: DefaultDataDir(logdir)
  std::string host = "127.0.0.1";
  bool bind_all = false;    // all interfaces; then allowed_hosts says by which names
  int port = 6006;          // 0: a free one
  std::string path_prefix;  // "/team": what a proxy puts before all paths
  std::vector<std::string> allowed_hosts;
  int threads = 0;        // 0: as many as the machine has cores
  bool no_yield = false;  // maps at normal priority
  int reload_interval_ms = 1000;
  // Takes in what programs send also when it listens beyond this machine: nothing asks who they
  // are.
  bool allow_ingest = false;
  double ingest_max_gb = 64;  // of all that was sent together
  bool allow_delete_files = false;
  double keep_deleted_days = 7;  // negative: for ever
  int reserve_mib = 64;          // of room that is given back when the disk is full
};

// The composed server: store, diagnosis and web, wired together. Stops in reverse on destruction.
class App {
 public:
  static Result<std::unique_ptr<App>> Start(const ServeOptions& options);
  ~App();

  // "http://127.0.0.1:6006/", with the prefix
  std::string url() const;

 private:
  App() = default;

  ServeOptions options_;
  std::string path_prefix_;  // as PathPrefix has it
  transfer::TraceConverter traces_;
  std::unique_ptr<store::Store> store_;
  std::unique_ptr<store::IngestLog> ingest_;  // null: nothing is taken in
  std::unique_ptr<DiagnosisWorker> diagnosis_;
  std::unique_ptr<web::Server> server_;
};

// Runs until a signal; returns the program's exit code. The first line on stdout is the page's URL,
// printed once the page answers.
int Serve(const ServeOptions& options);

}  // namespace spirogram::app

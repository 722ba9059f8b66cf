// Runs the diagnosis after commits, on a thread of its own, and keeps its result in the store.
#pragma once

#include <condition_variable>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <thread>

#include "app/run_follower.h"
#include "store/store.h"

namespace spirogram::app {

// Notify may be called from any thread, and before Start. The store outlives the worker.
class DiagnosisWorker {
 public:
  explicit DiagnosisWorker(store::Store& store);
  ~DiagnosisWorker();

  // Starts the thread, with every run that the store holds as its first work.
  void Start();
  // Finishes the run in hand and ends the thread. Idempotent.
  void Stop();

  // Marks the runs that a commit touched. Quick: the store calls it on its writer thread.
  void Notify(const store::Commit& commit);

 private:
  void Run();
  void Diagnose(store::RunId run);

  store::Store& store_;
  // What is known of a run, and what of it the store has. Used by the thread alone.
  struct Patient {
    RunFollower follower;
    std::optional<store::Diagnosis> written;
  };
  std::map<store::RunId, Patient> patients_;

  std::mutex mutex_;  // guards what follows
  std::condition_variable changed_;
  std::set<store::RunId> dirty_;
  bool is_stopping_ = false;
  std::thread thread_;
};

}  // namespace spirogram::app

// Runs the diagnosis after commits, on a thread of its own, and keeps its result in the store.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <thread>

#include "app/run_follower.h"
#include "store/store.h"

namespace spirogram::app {

// How long the diagnosis rests after work that took so much processor time: the training that it
// judges may run on the same cores, and is to have all but a half of a hundredth of one.
std::chrono::nanoseconds PauseAfter(std::chrono::nanoseconds work);

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

  // Of how many runs it holds in memory what it has read. Notified when that changes.
  const std::atomic<size_t>& runs_held() const { return runs_held_; }

 private:
  void Run();
  void Diagnose(store::RunId run);
  void ForgetDeletedRuns();
  void CountRuns();

  store::Store& store_;
  // What is known of a run, and what of it the store has. Used by the thread alone.
  struct Patient {
    RunFollower follower;
    std::optional<store::Diagnosis> written;
  };
  std::map<store::RunId, Patient> patients_;
  std::atomic<size_t> runs_held_ = 0;

  std::mutex mutex_;  // guards what follows
  std::condition_variable changed_;
  std::set<store::RunId> dirty_;
  bool may_be_deleted_ = false;  // some run
  bool is_stopping_ = false;
  std::thread thread_;
};

}  // namespace spirogram::app

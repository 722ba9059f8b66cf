#include "app/diagnosis_worker.h"

#include <pthread.h>
#include <time.h>

#include <algorithm>
#include <utility>

#include "base/log.h"
#include "base/str.h"

namespace spirogram::app {
namespace {

// Commits come every 100 ms while a run trains; findings need not.
constexpr std::chrono::nanoseconds kPauseMin = std::chrono::milliseconds(500);
// Nor do they come so late that somebody who watches would miss them.
constexpr std::chrono::nanoseconds kPauseMax = std::chrono::seconds(3);
constexpr int kPausesToWork = 200;

std::chrono::nanoseconds ThreadCpuTime() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
}

}  // namespace

std::chrono::nanoseconds PauseAfter(std::chrono::nanoseconds work) {
  return std::clamp(kPausesToWork * work, kPauseMin, kPauseMax);
}

DiagnosisWorker::DiagnosisWorker(store::Store& store) : store_(store) {}

DiagnosisWorker::~DiagnosisWorker() {
  Stop();
}

void DiagnosisWorker::Start() {
  if (const auto runs = store_.ReadRuns(); runs.ok()) {
    std::lock_guard lock(mutex_);
    for (const store::Run& run : *runs) dirty_.insert(run.id);
  }
  thread_ = std::thread([this] { Run(); });
}

void DiagnosisWorker::Stop() {
  {
    std::lock_guard lock(mutex_);
    is_stopping_ = true;
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void DiagnosisWorker::Notify(const store::Commit& commit) {
  {
    std::lock_guard lock(mutex_);
    // One that brings values as well tells of runs that are new: while thousands of them load, the
    // list of all is not read each time.
    may_be_deleted_ |= commit.runs_changed && commit.changes.empty();
    for (const store::Change& change : commit.changes) {
      const bool is_of_interest =
          change.kind == store::DataKind::kHistogram || change.kind == store::DataKind::kEmbedding;
      if (is_of_interest || diagnosis::RunDiagnosis::Reads(change.tag)) dirty_.insert(change.run);
    }
  }
  changed_.notify_all();
}

void DiagnosisWorker::Run() {
  pthread_setname_np(pthread_self(), "spirogram_diag");
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [this] { return is_stopping_ || !dirty_.empty() || may_be_deleted_; });
    const std::chrono::nanoseconds began = ThreadCpuTime();
    if (std::exchange(may_be_deleted_, false)) {
      lock.unlock();
      ForgetDeletedRuns();
      lock.lock();
    }
    for (const store::RunId run : std::exchange(dirty_, {})) {
      if (is_stopping_) return;
      lock.unlock();
      Diagnose(run);
      lock.lock();
    }
    changed_.wait_for(lock, PauseAfter(ThreadCpuTime() - began), [this] { return is_stopping_; });
    if (is_stopping_) return;
  }
}

// They may be thousands, each with the windows and curves that it was judged by. One that comes
// back is read from its start.
void DiagnosisWorker::ForgetDeletedRuns() {
  const auto runs = store_.ReadRuns();
  if (!runs.ok()) return;
  std::set<store::RunId> left;
  for (const store::Run& run : *runs) left.insert(run.id);
  std::erase_if(patients_, [&](const auto& patient) { return !left.contains(patient.first); });
  CountRuns();
}

void DiagnosisWorker::CountRuns() {
  runs_held_ = patients_.size();
  runs_held_.notify_all();
}

void DiagnosisWorker::Diagnose(store::RunId run) {
  // A purge took what was written: a run that is then read again is diagnosed from its start.
  const store::Diagnosis nothing;
  const auto kept = store_.ReadDiagnosis(run);
  Patient& patient = patients_.try_emplace(run, Patient{RunFollower(run), {}}).first->second;
  CountRuns();
  const bool was_purged =
      kept.ok() && *kept == nothing && patient.written && *patient.written != nothing;
  if (was_purged) patient = Patient{RunFollower(run), {}};
  Status status = patient.follower.Update(store_);
  store::Diagnosis conclusion = patient.follower.Conclude();
  if (status.ok() && conclusion == patient.written) return;
  if (status.ok()) status = store_.WriteDiagnosis(run, conclusion);
  if (status.ok()) {
    patient.written = std::move(conclusion);
  } else {
    LogWarning(StrCat("diagnosis of run ", run, ": ", status.error().ToString()));
  }
}

}  // namespace spirogram::app

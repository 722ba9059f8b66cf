// Projections as jobs: one runs, four wait, the same parameters share one job, results are kept in
// the store. What is computed at once (PCA, chosen axes) goes another lane than what descends, so
// that a page has its first picture while somebody's t-SNE runs or is paused. Each lane has a
// thread of its own; callers never wait for it. A job that is shared is shared whole: who pauses
// it, pauses it for all.
#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "store/store.h"
#include "web/projection.h"
#include "web/projection_codec.h"
#include "web/projection_message.h"
#include "web/projector_functions.h"

namespace spirogram::web {

// Thread-safe.
class ProjectionJobs {
 public:
  static constexpr size_t kQueuedMax = 4;     // in each lane
  static constexpr size_t kRecordsMax = 256;  // finished ones beyond it are forgotten, oldest first
  static constexpr size_t kCoordinatesMax = 8;  // finished ones that keep coordinates in memory
  static constexpr int64_t kProgressIntervalNs = 100'000'000;

  // Called from a lane's thread, or from a caller of what changes a job, without a lock: at most
  // ten times a second while a job runs, and once when it ends.
  using Listener = std::function<void(const ProjectionSnapshot&)>;

  ProjectionJobs(store::Store& store, ProjectorFunctions functions, const Clock& clock,
                 Listener listener);
  // Stops the running jobs and joins.
  ~ProjectionJobs();

  struct Started {
    Projection projection;
    bool is_new = false;  // false: a stored result or a job with the same parameters serves
  };
  // Reads the store. kNotFound (no such embedding), kInvalidArgument (parameters that do not fit
  // it), kExhausted (queue full).
  Result<Started> Start(const ProjectionRequest& wanted);
  // What Start would answer with, where it needed no new job: a stored map, or a job that is there.
  Result<std::optional<Projection>> FindMap(const ProjectionRequest& wanted);
  // Newest last.
  std::vector<Projection> List() const;
  Result<Projection> Get(int64_t id) const;
  // May read the store.
  Result<ProjectionSnapshot> ReadSnapshot(int64_t id) const;
  // Does nothing to a job that has ended. What a cancelled job had computed stays readable.
  Status Cancel(int64_t id);
  // A paused job that waits is passed over; one that runs stops after its next iterations and keeps
  // its place, memory and the thread until it is resumed or cancelled. kConflict when it has ended.
  Result<Projection> SetPaused(int64_t id, bool paused);
  // How far a t-SNE or UMAP goes; may be less than it has gone: then it ends. kConflict when its
  // map is there already, kInvalidArgument for PCA.
  Result<Projection> SetIterations(int64_t id, int iterations);

 private:
  enum class Lane { kAtOnce, kDescent };
  static Lane LaneOf(ProjectionMethod method);

  // The map that a job goes on from; null without one.
  struct StartMap {
    std::shared_ptr<const std::vector<float>> coordinates;
    uint32_t checksum = 0;
    int epochs = 0;  // that it has had
  };

  // What a placement rests on: a map, and the rows that it was drawn of.
  struct Ground {
    StartMap map;
    ProjectionRequest drawn_of;
    WallTime checkpoint = 0;
  };

  struct Job {
    Projection projection;
    std::string key;
    std::shared_ptr<const std::vector<float>> coordinates;
    std::stop_source stop;
    int64_t started_ns = 0;
    int64_t paused_ns = 0;    // how long it was paused while it ran
    int64_t reported_ns = 0;  // when its map was last shown
    WallTime checkpoint = 0;
    StartMap start;
    std::optional<Ground> ground;  // of a placement
    std::atomic<int> goal = 0;     // iterations, as the descent reads them
    int planned = 0;               // iterations that it had as it began to run; 0: it waits
    bool has_map = false;          // its iterations can change no more
    bool has_settled = false;      // ended by its KL tolerance: of the job's thread
    void Rekey();
    // Their memory; the checksums stay.
    void ReleaseMaps() {
      start.coordinates.reset();
      if (ground) ground->map.coordinates.reset();
    }
  };

  // All below REQUIRE mutex_ unless said otherwise.
  Job* Find(int64_t id) const;
  Job* FindReusable(store::RunId run, const std::string& key) const;
  Result<Job*> FindActive(int64_t id) const;
  Job& AddJob(const std::shared_ptr<Job>& job);
  std::shared_ptr<Job> TakeQueued(Lane lane);
  size_t CountQueued(Lane lane) const;
  void ForgetOld();

  // Without the lock.
  // Absent: it would take a new job, and none may start.
  Result<std::optional<Started>> Serve(const ProjectionRequest& wanted, bool may_start);
  // As it was asked for, not in the list yet.
  Result<std::shared_ptr<Job>> MakeJob(ProjectionRequest request) const;
  std::optional<StoredProjection> ReadStored(const Job& job) const;
  Result<store::EmbeddingInfo> FindEmbedding(ProjectionRequest* request) const;
  Status CheckNotDeleted(store::RunId id) const;
  // The map of another projection that has ended; `field` asked for it.
  Result<ProjectionSnapshot> ReadEnded(const char* field, int64_t id) const;
  static StartMap MapOf(const ProjectionSnapshot& snapshot);
  Result<StartMap> FindStart(const ProjectionRequest& request, int64_t points) const;
  // Fills in what a placement has of its ground: dims, perplexity, iterations.
  Result<Ground> FindGround(const store::EmbeddingInfo& info, ProjectionRequest* request) const;
  void Work(Lane lane, const std::stop_token& stop);
  void Compute(const std::shared_ptr<Job>& job);
  Result<StoredProjection> Project(const std::shared_ptr<Job>& job);
  // Takes rows out that hold NaN or an infinity; kInvalidArgument where those are most.
  Status LeaveOut(const std::shared_ptr<Job>& job, store::Embedding* embedding);
  Result<StoredProjection> Run(const std::shared_ptr<Job>& job, const ProjectionRequest& request,
                               const projector::MatrixView& matrix);
  Result<StoredProjection> RunMethod(const std::shared_ptr<Job>& job,
                                     const ProjectionRequest& request,
                                     const projector::MatrixView& matrix);
  Result<StoredProjection> RunTsne(const std::shared_ptr<Job>& job,
                                   const ProjectionRequest& request,
                                   const projector::MatrixView& matrix);
  Result<StoredProjection> RunUmap(const std::shared_ptr<Job>& job,
                                   const ProjectionRequest& request,
                                   const projector::MatrixView& matrix);
  Result<StoredProjection> Place(const std::shared_ptr<Job>& job, const ProjectionRequest& request,
                                 store::Embedding rows);
  projector::Courtesy CourtesyNow() const;
  void WaitWhilePaused(const std::shared_ptr<Job>& job);
  void Settle(const std::shared_ptr<Job>& job, const StoredProjection& stored);
  // Tells the listener how the job stands.
  void Show(const std::shared_ptr<Job>& job) const;
  // Shows the map as it is, ten times a second at most, and waits while the job is paused.
  void Report(const std::shared_ptr<Job>& job, int iteration, double kl_divergence,
              std::span<const float> coordinates);
  void ShowFrame(const std::shared_ptr<Job>& job, int iteration, double kl_divergence,
                 std::span<const float> coordinates);
  void Finish(const std::shared_ptr<Job>& job, Result<StoredProjection> result);
  // Without the time that it was paused. REQUIRES: mutex_
  double SecondsOf(const Job& job) const;

  store::Store& store_;
  const ProjectorFunctions functions_;
  const Clock& clock_;
  const Listener listener_;

  mutable std::mutex mutex_;  // guards all below; the store and the listener are called without it
  std::condition_variable_any queued_;
  std::condition_variable_any resumed_;
  std::deque<std::shared_ptr<Job>> queue_;
  std::list<std::shared_ptr<Job>> jobs_;  // oldest first
  int64_t last_id_ = 0;
  std::jthread at_once_;  // last: these start when all else is there, and are joined first
  std::jthread descent_;
};

}  // namespace spirogram::web

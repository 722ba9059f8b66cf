// The store: event files in, answers out. The only owner of the database.
//
// One writer thread (Store's own) reads event files, groups what it read and commits it together
// with the read offsets, so that a kill at any moment loses nothing and repeats nothing. Readers
// have connections of their own, read-only; every Read* method is thread-safe, blocks for the disk,
// and sees the last commit.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "store/answers.h"
#include "store/audio.h"
#include "store/custom_scalars.h"
#include "store/file_converter.h"
#include "store/finding.h"
#include "store/graph.h"
#include "store/hparams.h"
#include "store/mesh.h"
#include "store/pr_curve.h"
#include "store/projector_tensor.h"
#include "store/run_change.h"
#include "store/series_chunk.h"
#include "store/storage.h"
#include "store/tag_metadata.h"
#include "store/tensor_value.h"

namespace spirogram::store {

struct StoreOptions {
  std::string logdir;  // discovered recursively and tailed; only read, but for allow_delete_files
  std::string
      data_dir;     // holds spirogram.sqlite; created if missing; refused on a network file system
  int readers = 4;  // connections for Read* calls; further calls wait
  int commit_interval_ms = 100;
  int poll_interval_ms = 1000;   // where inotify does not work
  int retry_interval_ms = 2000;  // after a write that failed
  // Kept allocated in the data directory and given back when the disk is full (reserve_file.h).
  uint64_t reserve_bytes = 0;
  // A logdir that is not there may yet be made: nothing is read meanwhile. Else it is an error.
  bool waits_for_logdir = false;
  bool follow_symlinks = true;  // as TensorBoard; cycles are detected
  // Lets ChangeRuns unlink event files of runs that are purged.
  bool allow_delete_files = false;
  // Of files of other formats in the logdir; it outlives the store. Null: they are passed over.
  const FileConverter* converter = nullptr;
  // A deleted run's data is purged after so long; negative: never by itself.
  double keep_deleted_s = 7 * 86'400;
};

class Store {
 public:
  // Opens or creates the database and migrates an older schema. Errors: kNotFound (logdir missing
  // and not waited for), kPermission (not readable, not writable), kUnavailable (another server
  // holds the data directory), kInvalidArgument (network file system, newer schema), kCorruption
  // (database damaged).
  static Result<std::unique_ptr<Store>> Open(const StoreOptions& options);
  // Opens what is there, also beside the server that holds the data directory, to Read* alone:
  // tailing is not to be started, loading and writing are kPermission. Changes nothing.
  static Result<std::unique_ptr<Store>> OpenReadOnly(const std::string& data_dir);

  virtual ~Store() = default;

  // Starts the thread that discovers, reads and commits. Call once.
  virtual void StartTailing() = 0;
  // Reads everything that lies in the logdir now and commits it; for programs that run and exit.
  // REQUIRES: StartTailing() was not called.
  virtual Status LoadOnce() = 0;
  // Stops tailing, commits what was read and checkpoints. Idempotent; the destructor calls it.
  virtual void Close() = 0;

  // `listener` is called on the writer thread after each commit; it must be quick and not call
  // back. Register before StartTailing().
  virtual void OnCommit(std::function<void(const Commit&)> listener) = 0;

  virtual LoadProgress GetProgress() const = 0;
  // Whether the data directory can be written. Thread-safe; never blocks for the disk.
  virtual StorageState GetStorageState() const = 0;
  // Takes time with the number of stored values: for a page that is looked at now and then.
  virtual Result<StorageUse> ReadStorageUse() = 0;

  // Those that are not deleted, newest start first. Notes are cut (run_labels.h), here and below.
  virtual Result<std::vector<Run>> ReadRuns() = 0;
  // Those of them that are among `runs`: one that is deleted or not known is left out.
  virtual Result<std::vector<Run>> ReadRunsAmong(std::span<const RunId> runs) = 0;
  // The run of that name, which is its path below the logdir, where one is there and not deleted.
  virtual Result<std::optional<RunId>> FindRun(std::string_view name) = 0;
  // Newest deletion first.
  virtual Result<std::vector<Run>> ReadDeletedRuns() = 0;
  // Of all runs, by id. Reads the size of every row: for a person who looks, not for each refresh.
  virtual Result<std::vector<RunSize>> ReadRunSizes() = 0;
  // Deleted ones too.
  virtual Result<Run> ReadRun(RunId run) = 0;
  // Renames, tags, archives, deletes, restores or purges runs: all of them, or none on an Error:
  // kNotFound, kInvalidArgument (an edit breaks a bound), kConflict (another revision; not the
  // state that the action needs), kPermission (files may not be deleted). Handed to the writer
  // thread, returns after the commit with the runs as they then are, in the order of
  // `change.runs`. A purge goes on after that; its end is a commit with runs_changed.
  virtual Result<std::vector<Run>> ChangeRuns(const RunChange& change) = 0;
  // All tags of the runs, or of every run when `runs` is empty; by name, then by run.
  virtual Result<std::vector<Tag>> ReadTags(std::span<const RunId> runs) = 0;
  // The tag of that name that the run's event files hold, if they do.
  virtual Result<std::optional<Tag>> FindTag(RunId run, std::string_view name) = 0;
  virtual Result<std::vector<Warning>> ReadWarnings(RunId run) = 0;

  // kNotFound when the run or the tag does not exist or is of another kind; for every Read below.
  virtual Result<ScalarRows> ReadScalars(const ScalarQuery& query) = 0;
  // The last point of each series, in their order, all at one commit; nothing where there is none.
  virtual Result<std::vector<std::optional<ScalarPoint>>> ReadLastPoints(
      std::span<const SeriesName> series) = 0;
  // At most `steps_max` histograms, evenly spread, first and last kept. Here and below: those of
  // steps from `from` on.
  virtual Result<std::vector<Histogram>> ReadHistograms(RunId run, const std::string& tag,
                                                        int steps_max, Step from = INT64_MIN) = 0;
  virtual Result<std::vector<ValueInfo>> ListTexts(RunId run, const std::string& tag,
                                                   Step from = INT64_MIN) = 0;
  // Those up to step `to`: of all steps they may take any memory (ListTexts says how much).
  virtual Result<std::vector<Text>> ReadTexts(RunId run, const std::string& tag,
                                              Step from = INT64_MIN, Step to = INT64_MAX) = 0;
  virtual Result<std::vector<ImageInfo>> ReadImages(RunId run, const std::string& tag,
                                                    Step from = INT64_MIN) = 0;
  // The encoded image, as it was logged. `repeat` as ReadImages says it, here and below.
  virtual Result<std::string> ReadImageBytes(RunId run, const std::string& tag, Step step,
                                             int index, int repeat = kNewestRepeat) = 0;
  virtual Result<std::vector<RunHparams>> ReadHparams() = 0;
  virtual Result<std::vector<EmbeddingInfo>> ReadEmbeddings(RunId run, const std::string& tag) = 0;
  virtual Result<Embedding> ReadEmbedding(RunId run, const std::string& tag, Step step) = 0;
  // Empty columns when none was logged.
  virtual Result<EmbeddingMetadata> ReadEmbeddingMetadata(RunId run, const std::string& tag) = 0;
  // Windows that end after `after_step`, in order.
  virtual Result<std::vector<EntityStats>> ReadEntityStats(RunId run, const std::string& tag,
                                                           Step after_step) = 0;
  // All slices of the run with from <= step <= to.
  virtual Result<ProfileSlices> ReadProfile(RunId run, Step from, Step to) = 0;
  // The phases of these steps in at most `rows_max` rows, each but the last of equally many steps
  // or, where they are many, of equally many ranges of steps (store/phase_sums.h). kExhausted above
  // 1,000 names of phases. And of all steps, what ran on the GPU, a row per name and kind. Both are
  // quick however many slices a run has: sums are kept (store/profile_sums.h, store/phase_sums.h).
  virtual Result<PhaseTimes> ReadPhaseTimes(RunId run, Step from, Step to, int rows_max) = 0;
  virtual Result<std::vector<KernelTotal>> ReadKernelTotals(RunId run) = 0;
  virtual Result<std::vector<ProfileNote>> ReadProfileNotes(RunId run) = 0;

  // Of a tag of any kind.
  virtual Result<TagMetadata> ReadTagMetadata(RunId run, const std::string& tag) = 0;
  // The most samples (images, clips, meshes) that a step of the tag has; 1 for kinds without.
  virtual Result<int> ReadSamplesMax(RunId run, const std::string& tag) = 0;
  // By step, then by index.
  virtual Result<std::vector<AudioClip>> ReadAudio(RunId run, const std::string& tag,
                                                   Step from = INT64_MIN) = 0;
  // The encoded clip, as it was logged.
  virtual Result<std::string> ReadAudioBytes(RunId run, const std::string& tag, Step step,
                                             int index, int repeat = kNewestRepeat) = 0;
  virtual Result<std::vector<ValueInfo>> ListPrCurves(RunId run, const std::string& tag,
                                                      Step from = INT64_MIN) = 0;
  // Those up to step `to`, as ReadTexts has them.
  virtual Result<std::vector<PrCurve>> ReadPrCurves(RunId run, const std::string& tag,
                                                    Step from = INT64_MIN, Step to = INT64_MAX) = 0;
  // By the mesh's name or by one of its tags (mesh.h).
  virtual Result<MeshSeries> ReadMeshes(RunId run, const std::string& name,
                                        Step from = INT64_MIN) = 0;
  virtual Result<Mesh> ReadMesh(RunId run, const std::string& name, Step step, int index) = 0;
  // The newest; kNotFound when the run logged none.
  virtual Result<CustomScalarLayout> ReadCustomScalarLayout(RunId run) = 0;
  // All tags of kind kGraph, by tag; empty when there are none.
  virtual Result<std::vector<GraphInfo>> ReadGraphs(RunId run) = 0;
  // The message or JSON, as it was logged.
  virtual Result<std::string> ReadGraphBytes(RunId run, const std::string& tag) = 0;
  // Of tags of kind kOther.
  virtual Result<std::vector<TensorInfo>> ReadTensors(RunId run, const std::string& tag,
                                                      Step from = INT64_MIN) = 0;
  virtual Result<TensorValue> ReadTensor(RunId run, const std::string& tag, Step step,
                                         int repeat = kNewestRepeat) = 0;
  // Of all runs; of a run that stated something twice, what it stated last.
  virtual Result<HparamsData> ReadHparamsData() = 0;
  // What the run's projector_config.pbtxt names, in its order.
  virtual Result<std::vector<ProjectorTensor>> ReadProjectorTensors(RunId run) = 0;
  // The file's bytes: metadata TSV, bookmarks JSON or sprite image.
  virtual Result<std::string> ReadProjectorAsset(RunId run, const std::string& tensor_name,
                                                 ProjectorAsset asset) = 0;
  // Every point of a scalar, part by part (series_chunk.h).
  virtual Result<PointsChunk> ReadPoints(const PointsQuery& query) = 0;
  // Every value of any other kind as event files hold it, part by part.
  virtual Result<LoggedValuesChunk> ReadLoggedValues(const LoggedValuesQuery& query) = 0;

  // Replaces the run's diagnosis. Thread-safe: handed to the writer thread, returns after the
  // commit.
  virtual Status WriteDiagnosis(RunId run, const Diagnosis& diagnosis) = 0;
  // Of one run.
  virtual Result<Diagnosis> ReadDiagnosis(RunId run) = 0;

  // Results of projections, so that a map is computed once: opaque bytes under a key.
  virtual Status WriteProjection(RunId run, const std::string& key, const std::string& bytes) = 0;
  // kNotFound when there is none.
  virtual Result<std::string> ReadProjection(RunId run, const std::string& key) = 0;
};

}  // namespace spirogram::store

// What the store answers: plain structs of columns. They know nothing of SQL, of event files or of
// the protobufs that the data came in; diagnosis/ and web/ work on these alone.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/types.h"
#include "store/run_labels.h"
#include "store/run_status.h"

namespace spirogram::store {

using RunId = int64_t;

// What a tag holds. One tag of one run has one kind for its life: the first event decides. The
// numbers stand in the database: append only.
enum class DataKind {
  kScalar,
  kHistogram,
  kText,
  kImage,
  kHparams,
  kEmbedding,
  kEntityStats,  // per unit of a layer or per row of an embedding table, see EntityStats
  kProfile,
  kOther,  // a plugin that this version does not know: kept as bytes, see TensorValue
  kAudio,
  kPrCurve,
  kMesh,  // one of the up to three tags of a mesh
  kCustomScalars,
  kGraph,  // a graph or run metadata, see GraphInfo
};

// "scalar", "histogram", ...: the names that the API uses.
const char* DataKindName(DataKind kind);

struct Run {
  RunId id = 0;
  std::string name;  // path below the logdir with '/' between parts; "." is the logdir itself.
                     // Its identity: what users call it is in `labels`
  WallTime start_time = 0;  // of the run's first event
  WallTime last_wall_time = 0;
  Step last_step = 0;
  int64_t points = 0;       // scalar points kept
  uint64_t bytes_read = 0;  // of its event files
  RunStatus status = RunStatus::kStopped;
  std::string status_reason = {};
  RunEvidence evidence = {};
  uint64_t bytes_on_disk = 0;  // of its event files, as last seen
  RunLabels labels = {};
};

struct Tag {
  RunId run = 0;
  std::string name;
  DataKind kind = DataKind::kOther;
  std::string plugin;  // TensorBoard's plugin name, e.g. "scalars"
  std::string display_name;
  std::string description;
  int64_t count = 0;  // events kept
  Step first_step = 0;
  Step last_step = 0;
};

// A part of an event file that could not be read, kept so that the user sees what was lost.
struct Warning {
  RunId run = 0;
  std::string file;  // below the logdir
  uint64_t offset = 0;
  uint64_t bytes_lost = 0;
  std::string message;
};

// A series in at most as many rows as asked for. A row stands for `count` consecutive points; with
// count 1 it is the point itself. The first and the last point are always rows of their own. A
// row's min, max and mean are over its finite values, NaN where it has none.
struct ScalarRows {
  std::vector<Step> step;  // of the row's last point
  std::vector<WallTime> wall_time;
  std::vector<double> mean;  // the value itself where count is 1, NaN and infinities included
  std::vector<double> min;
  std::vector<double> max;
  std::vector<uint32_t> count;
  std::vector<uint32_t> nonfinite;  // how many of the row's points are NaN or infinite
  int64_t points = 0;               // points in the asked range: sum of count

  size_t size() const { return step.size(); }
};

struct ScalarQuery {
  RunId run = 0;
  std::string tag;
  Step from = INT64_MIN;  // inclusive
  Step to = INT64_MAX;    // inclusive
  int rows_max = 1000;    // at least 3
};

struct SeriesName {
  RunId run = 0;
  std::string tag;
};

struct ScalarPoint {
  Step step = 0;
  WallTime wall_time = 0;
  double value = 0;
};

// Bucket i is [edges[i], edges[i+1]) with counts[i] values; the last is closed.
// edges.size() == counts.size() + 1, or both empty.
struct Histogram {
  Step step = 0;
  WallTime wall_time = 0;
  std::vector<double> edges;
  std::vector<double> counts;
};

struct Text {
  Step step = 0;
  WallTime wall_time = 0;
  std::vector<std::string> values;  // row-major; valid UTF-8
  std::vector<int64_t> shape;       // empty for a single text
};

// A text or PR curve in a list: what it holds is asked for by its step.
struct ValueInfo {
  Step step = 0;
  WallTime wall_time = 0;
  uint64_t bytes = 0;
};

// A program may log a step twice: which of the values of one step is meant, in the order in which
// they were logged, 0 for the first.
inline constexpr int kNewestRepeat = -1;

struct ImageInfo {
  Step step = 0;
  WallTime wall_time = 0;
  int index = 0;   // among the images of the value
  int repeat = 0;  // of the step's values
  int width = 0;
  int height = 0;
  uint64_t bytes = 0;
};

// A hyperparameter: exactly one of the three, told by `type`.
struct HparamValue {
  enum class Type { kNumber, kString, kBool } type = Type::kNumber;
  double number = 0;
  std::string text;
  bool boolean = false;
};

using Hparams = std::vector<std::pair<std::string, HparamValue>>;  // sorted by name

struct RunHparams {
  RunId run = 0;
  Hparams hparams;
};

struct EmbeddingInfo {
  Step step = 0;
  WallTime wall_time = 0;
  int64_t rows = 0;  // N
  int64_t dims = 0;  // D
};

// Row-major N x D.
struct Embedding {
  EmbeddingInfo info;
  std::vector<float> values;
};

// Metadata of an embedding's rows, the same for every step: columns of N texts each.
struct EmbeddingMetadata {
  std::vector<std::string> columns;
  std::vector<std::vector<std::string>> values;  // values[column][row]; valid UTF-8
};

// Statistics of each unit of a layer, or each row of an embedding table, over a window of steps.
//
// kUnit columns: "active_count" (samples for which the unit's activation was not 0),
//   "abs_activation" (sum of |activation|), "abs_gradient" (sum over the window's steps of the L1
//   norm of the gradient of the unit's incoming weights and bias).
// kRow columns: "touches" (times the row was in a batch), "gradient_square" (sum of squared
// gradient),
//   "update_norm" (sum over the window's steps of the L2 norm of the row's change),
//   "row_norm" (L2 norm at the end of the window).
struct EntityStats {
  enum class Entity { kUnit, kRow };

  Step step = 0;        // the last step of the window
  Step first_step = 0;  // the first step of the window
  WallTime wall_time = 0;
  Entity entity = Entity::kUnit;
  int64_t entities = 0;  // U units or N rows
  double samples = 0;    // training samples that passed in the window
  std::vector<std::string> columns;
  std::vector<std::vector<float>> values;  // values[column][entity]
  // What the program declares of the layer: "activation" = "relu", "frozen" = "true",
  // "padding_row" = "0". By name.
  std::vector<std::pair<std::string, std::string>> attributes;
};

// Slices of a profile, column by column; all columns have size() entries.
struct ProfileSlices {
  enum class Kind : uint8_t { kPhase, kKernel, kCopy, kMemset, kCall };

  std::vector<std::string> names;  // slice i is called names[name[i]]
  std::vector<Kind> kind;
  std::vector<uint32_t> name;
  std::vector<int64_t> start_ns;  // since the epoch, CLOCK_REALTIME
  std::vector<int64_t> duration_ns;
  std::vector<Step> step;
  std::vector<uint32_t> correlation_id;  // of a call and of what it launched; 0: none
  std::vector<uint32_t> stream;          // 0 for phases; of a call, its thread

  size_t size() const { return start_ns.size(); }
  bool operator==(const ProfileSlices&) const = default;
};

// How long the phases of a profile took, in rows of neighbouring steps. A moment within several
// phases counts for the one that began last, so that they add up to the time that passed.
struct PhaseTimes {
  std::vector<std::string> names;
  std::vector<Step> last_step;                // of each row
  std::vector<uint32_t> steps;                // of each row, those with at least one phase
  std::vector<std::vector<uint64_t>> own_ns;  // [name][row], over all steps of the row
};

// What ran on a GPU under one name.
struct KernelTotal {
  std::string name;
  ProfileSlices::Kind kind = ProfileSlices::Kind::kKernel;  // or a copy or a memory set
  int64_t count = 0;
  double total_ns = 0;
  int64_t max_ns = 0;
};

// Why a run's profile has no GPU slices, or what was lost: printed as it is.
struct ProfileNote {
  WallTime wall_time = 0;
  std::string message;
};

// How far the loading of the logdir is. bytes_found grows while folders are still being discovered.
struct LoadProgress {
  uint64_t bytes_found = 0;
  uint64_t bytes_read = 0;
  int64_t runs_found = 0;
  int64_t files_found = 0;
  bool is_logdir_there = true;      // else it has gone, or is yet to be made
  bool is_first_pass_done = false;  // everything that lay there at the start has been read once
  std::optional<double> seconds_left =
      std::nullopt;  // of reading what is found; not known at first
  // Of values that are still answered from their event files (store/borrowed.h): copying
  // them comes after reading, so it is not known before.
  uint64_t bytes_to_copy = 0;
};

// What one commit made visible, for those who follow live.
struct Change {
  RunId run = 0;
  std::string tag;
  DataKind kind = DataKind::kOther;
  Step first_step = 0;  // lowest step among the new events
  Step last_step = 0;
};

struct Commit {
  uint64_t sequence = 0;      // 1, 2, 3, ... since the store was opened
  bool runs_changed = false;  // a run or a tag appeared or went
  bool findings_changed = false;
  std::vector<Change> changes;
};

}  // namespace spirogram::store

#include <algorithm>
#include <filesystem>
#include <functional>
#include <map>
#include <system_error>
#include <utility>

#include "base/str.h"
#include "store/blob_codec.h"
#include "store/borrowed.h"
#include "store/data_dir.h"
#include "store/event_file.h"
#include "store/finding_codec.h"
#include "store/graph_value.h"
#include "store/ingest_log.h"
#include "store/logdir.h"
#include "store/maintenance.h"
#include "store/phase_sums.h"
#include "store/profile_codec.h"
#include "store/profile_sums.h"
#include "store/pyramid.h"
#include "store/records.h"
#include "store/sqlite/database.h"
#include "store/sqlite/schema.h"
#include "store/sqlite/statement.h"
#include "store/sqlite/transaction.h"
#include "store/value_encoder.h"

namespace spirogram::store {
namespace {

constexpr size_t kProblemsMax = 1000;

// Checks one run at a time, each in a snapshot of its own, so that the log of a server beside it
// can be emptied in between.
class Checker {
 public:
  // `logdir` is null where event files are not looked at.
  Checker(Database& database, const Logdir* logdir, std::function<void(uint64_t)> progress)
      : database_(database), logdir_(logdir), progress_(std::move(progress)) {}

  Result<CheckReport> Run() {
    progress_(0);
    RETURN_IF_ERROR(Tell(CheckPages(), "database"));
    ASSIGN_OR_RETURN(const auto runs, SelectRuns());
    for (const auto& [id, name] : runs) {
      ASSIGN_OR_RETURN(const Transaction snapshot,
                       Transaction::Begin(database_, Transaction::Kind::kRead));
      run_ = id;
      run_name_ = name;
      RETURN_IF_ERROR(Tell(CheckRun(), "the rest of it cannot be read"));
      ++report_.runs;
    }
    return std::move(report_);
  }

 private:
  void AddProblem(std::string tag, std::string what) {
    if (report_.problems.size() >= kProblemsMax) return;
    const bool is_last = report_.problems.size() + 1 == kProblemsMax;
    report_.problems.push_back(
        {run_name_, std::move(tag), is_last ? "further problems are not listed" : std::move(what)});
  }
  // A page that SQLite cannot read is a problem of what it holds: other runs are checked all the
  // same.
  Status Tell(const Status& status, std::string_view what) {
    if (status.ok() || status.error().code != ErrorCode::kCorruption) return status;
    AddProblem("", StrCat(what, ": ", status.error().message));
    return {};
  }
  void Expect(const Status& status, const std::string& tag, const std::string& where) {
    if (!status.ok()) AddProblem(tag, StrCat(where, ": ", status.error().message));
  }
  void Count(std::string_view bytes) {
    ++report_.values;
    report_.bytes += bytes.size();
    progress_(report_.bytes);
  }

  // Runs `sql` with the run as ?1 and hands each row to `take`.
  template <typename Take>
  Status ForEach(const char* sql, const Take& take) {
    ASSIGN_OR_RETURN(Statement select, database_.Prepare(sql));
    select.Bind(run_);
    while (true) {
      ASSIGN_OR_RETURN(const bool has_row, select.Step());
      if (!has_row) return {};
      take(select);
    }
  }

  // SQLite's own check of pages, keys and indices.
  Status CheckPages() {
    ASSIGN_OR_RETURN(Statement check, database_.Prepare("PRAGMA integrity_check"));
    while (true) {
      ASSIGN_OR_RETURN(const bool has_row, check.Step());
      if (!has_row) return {};
      if (check.Text(0) != "ok") AddProblem("", StrCat("database: ", check.Text(0)));
    }
  }

  Result<std::vector<std::pair<RunId, std::string>>> SelectRuns() {
    ASSIGN_OR_RETURN(Statement select,
                     database_.Prepare("SELECT run_id, name FROM runs ORDER BY name"));
    std::vector<std::pair<RunId, std::string>> runs;
    while (true) {
      ASSIGN_OR_RETURN(const bool has_row, select.Step());
      if (!has_row) return runs;
      runs.emplace_back(select.Int(0), select.Text(1));
    }
  }

  Status CheckRun() {
    RETURN_IF_ERROR(SelectTags());
    counts_.clear();
    RETURN_IF_ERROR(CheckBlocks());
    RETURN_IF_ERROR(CheckRecords());
    RETURN_IF_ERROR(CheckProfiles());
    RETURN_IF_ERROR(CheckOthers());
    RETURN_IF_ERROR(CheckCounts());
    RETURN_IF_ERROR(NoteBorrowed());
    return logdir_ == nullptr ? Status() : CheckFiles();
  }

  Status SelectTags() {
    tags_.clear();
    stated_.clear();
    return ForEach(
        "SELECT tag_id, name, kind, plugin, display_name, description, content, first_step, count "
        "FROM tags WHERE run_id = ?1",
        [&](Statement& row) {
          TagMeta& tag = tags_[row.Int(0)];
          tag = {.id = row.Int(0),
                 .name = std::string(row.Text(1)),
                 .kind = static_cast<DataKind>(row.Int(2)),
                 .plugin = std::string(row.Text(3)),
                 .display_name = std::string(row.Text(4)),
                 .description = std::string(row.Text(5)),
                 .content = std::string(row.Bytes(6)),
                 .first_step = row.Int(7)};
          stated_[tag.id] = row.Int(8);
        });
  }
  // Whether a row is the first of its value, or the only one. A graph has one, which may be marked
  // as that of a meta graph.
  bool IsFirstRow(int64_t tag_id, int64_t item) const {
    const auto tag = tags_.find(tag_id);
    const bool is_graph = tag != tags_.end() && tag->second.kind == DataKind::kGraph;
    return item <= 0 || (is_graph && item == kMetaGraphItem);
  }
  // The tag's name, or its number where there is none: a problem of its own.
  std::string NameOf(int64_t tag_id) {
    const auto tag = tags_.find(tag_id);
    if (tag != tags_.end()) return tag->second.name;
    AddProblem(StrCat("#", tag_id), "values of a tag that does not exist");
    return StrCat("#", tag_id);
  }

  // Blocks and their data: both there, decoded, and the summary as the points are.
  Status CheckBlocks() {
    int64_t tag_id = 0;
    int64_t session_id = 0;
    int64_t next_point = 0;
    points_ = 0;
    RETURN_IF_ERROR(ForEach(
        "SELECT b.tag_id, b.session_id, b.first_point, b.count, b.nonfinite, b.min_step, "
        "b.max_step, b.last_wall_time, b.min_value, b.max_value, b.sum, b.is_sorted, d.data, "
        "d.pyramid FROM scalar_blocks b LEFT JOIN scalar_data d USING (run_id, tag_id, session_id, "
        "first_point) WHERE b.run_id = ?1 ORDER BY b.tag_id, b.session_id, b.first_point",
        [&](Statement& row) {
          const Summary stated{.count = static_cast<uint32_t>(row.Int(3)),
                               .nonfinite = static_cast<uint32_t>(row.Int(4)),
                               .min_step = row.Int(5),
                               .max_step = row.Int(6),
                               .last_wall_time = row.Real(7),
                               .min = row.Real(8),
                               .max = row.Real(9),
                               .sum = row.Real(10),
                               .is_sorted = row.Int(11) != 0};
          const std::string tag = NameOf(row.Int(0));
          const std::string where = StrCat("block ", row.Int(2), " of session ", row.Int(1));
          const bool is_new = tag_id != row.Int(0) || session_id != row.Int(1);
          if (row.Int(2) != (is_new ? 0 : next_point)) {
            AddProblem(tag, StrCat(where, ": got first point ", row.Int(2), ", want ",
                                   is_new ? 0 : next_point));
          }
          tag_id = row.Int(0);
          session_id = row.Int(1);
          next_point = row.Int(2) + row.Int(3);
          counts_[tag_id] += row.Int(3);
          points_ += row.Int(3);
          if (row.IsNull(12)) return AddProblem(tag, where + " lacks its data");
          Count(row.Bytes(12));
          Count(row.Bytes(13));
          Expect(CheckBlock(row.Bytes(12), row.Bytes(13), stated), tag, where);
        }));
    report_.points += points_;
    return ForEach(
        "SELECT d.tag_id, d.session_id, d.first_point FROM scalar_data d LEFT JOIN scalar_blocks b "
        "USING (run_id, tag_id, session_id, first_point) WHERE d.run_id = ?1 AND b.count IS NULL",
        [&](Statement& row) {
          AddProblem(NameOf(row.Int(0)), StrCat("data ", row.Int(2), " of session ", row.Int(1),
                                                " belongs to no block"));
        });
  }

  Status CheckRecords() {
    return ForEach(
        "SELECT tag_id, session_id, position, item, step, width, height, bytes, data FROM records "
        "WHERE run_id = ?1 ORDER BY tag_id, session_id, position, item",
        [&](Statement& row) {
          const std::string tag = NameOf(row.Int(0));
          if (IsFirstRow(row.Int(0), row.Int(3))) ++counts_[row.Int(0)];
          Count(row.Bytes(8));
          const Status status = CheckRecord(row);
          if (status.ok()) return;
          const std::string what =
              StrCat("value at step ", row.Int(4), ": ", status.error().message);
          if (!row.Bytes(8).empty() || !NoteLost(row, tag, what)) AddProblem(tag, what);
        });
  }

  // False where it is no borrowed value that went with its file.
  bool NoteLost(Statement& row, const std::string& tag, const std::string& what) {
    const auto place = SelectBorrowedPlace(database_, RefOf(row));
    if (!place.ok()) return false;
    const auto is_same = [&](const LostValues& l) {
      return l.run == run_name_ && l.file == place->file;
    };
    auto lost = std::find_if(report_.lost.rbegin(), report_.lost.rend(), is_same);
    if (lost == report_.lost.rend()) {
      report_.lost.push_back({run_name_, place->file, 0, place->offset, place->offset, what});
      lost = report_.lost.rbegin();
    }
    ++lost->values;
    lost->begin = std::min(lost->begin, place->offset);
    lost->end = std::max(lost->end, place->offset + place->bytes);
    if (report_.lost_problems.size() >= kProblemsMax) return true;
    report_.lost_problems.push_back({run_name_, tag, what});
    return true;
  }

  RecordRef RefOf(Statement& row) const {
    return {.run = run_,
            .tag_id = row.Int(0),
            .session_id = row.Int(1),
            .position = row.Int(2),
            .item = static_cast<int>(row.Int(3))};
  }

  Status CheckRecord(Statement& row) {
    const RecordRef record = RefOf(row);
    ASSIGN_OR_RETURN(std::string content, ContentOf(database_, record, row.Bytes(8)));
    const bool is_borrowed = row.Bytes(8).empty();
    if (!is_borrowed && static_cast<int64_t>(content.size()) != row.Int(7)) {
      return Corruption(StrCat("got ", content.size(), " bytes, want ", row.Int(7)));
    }
    const auto tag = tags_.find(row.Int(0));
    if (tag == tags_.end()) return {};                    // told already
    if (tag->second.kind == DataKind::kGraph) return {};  // bytes of a form that is not ours
    // What can be written as an event can be read as what it is.
    StoredItem item{row.Int(5), row.Int(6), std::move(content), {}, record.item == kNoItem};
    return ToStatus(EncodeRecordValue(tag->second, {std::move(item)}));
  }

  template <typename T>
  static Status ToStatus(const Result<T>& result) {
    return result.ok() ? Status() : Status(result.error());
  }

  Status CheckProfiles() {
    RETURN_IF_ERROR(ForEach(
        "SELECT c.position, c.count, c.data, s.phases, s.kernels FROM profile_chunks c LEFT JOIN "
        "profile_sums s USING (run_id, session_id, position) WHERE c.run_id = ?1",
        [&](Statement& row) {
          Count(row.Bytes(2));
          ProfileSlices slices;
          const std::string where = StrCat("profile chunk ", row.Int(0));
          const Status status = DecodeProfileChunk(row.Bytes(2), &slices);
          Expect(status, "", where);
          if (!status.ok()) return;
          if (static_cast<int64_t>(slices.size()) != row.Int(1)) {
            AddProblem("", StrCat(where, ": got ", slices.size(), " slices, want ", row.Int(1)));
          }
          ProfileSums sums;
          if (!row.IsNull(3)) {
            sums.phases = row.Bytes(3);
            Count(*sums.phases);
          }
          if (!row.IsNull(4)) {
            sums.kernels = row.Bytes(4);
            Count(*sums.kernels);
          }
          Expect(CheckProfileSums(slices, sums), "", where);
        }));
    RETURN_IF_ERROR(
        ForEach("SELECT position, p.level, p.data, c.data FROM phase_sums p JOIN profile_chunks c "
                "USING (run_id, session_id, position) WHERE p.run_id = ?1",
                [&](Statement& row) {
                  Count(row.Bytes(2));
                  ProfileSlices slices;
                  if (!DecodeProfileChunk(row.Bytes(3), &slices).ok()) return;  // told already
                  Expect(CheckPhaseSums(row.Bytes(2), row.Int(1), PhasesOf(slices)), "",
                         StrCat("profile chunk ", row.Int(0)));
                }));
    return ForEach(
        "SELECT position FROM (SELECT run_id, session_id, position FROM profile_sums UNION "
        "SELECT run_id, session_id, position FROM phase_sums) s LEFT JOIN profile_chunks c "
        "USING (run_id, session_id, position) WHERE s.run_id = ?1 AND c.run_id IS NULL",
        [&](Statement& row) {
          AddProblem("", StrCat("profile sums ", row.Int(0), ": there is no such chunk"));
        });
  }

  Status CheckOthers() {
    RETURN_IF_ERROR(
        ForEach("SELECT sequence, data FROM findings WHERE run_id = ?1", [&](Statement& row) {
          Count(row.Bytes(1));
          Expect(ToStatus(DecodeFinding(row.Bytes(1))), "", StrCat("finding ", row.Int(0)));
        }));
    return ForEach("SELECT key, data FROM projections WHERE run_id = ?1", [&](Statement& row) {
      Count(row.Bytes(1));
      Expect(ToStatus(UnpackBlob(row.Bytes(1))), "", StrCat("projection ", row.Text(0)));
    });
  }

  Status CheckCounts() {
    for (const auto& [id, tag] : tags_) {
      if (tag.kind == DataKind::kHparams || tag.kind == DataKind::kProfile) continue;
      if (stated_[id] == counts_[id]) continue;
      AddProblem(tag.name, StrCat("states ", stated_[id], " events, holds ", counts_[id]));
    }
    return ForEach("SELECT points FROM runs WHERE run_id = ?1", [&](Statement& row) {
      if (row.Int(0) == points_) return;
      AddProblem("", StrCat("states ", row.Int(0), " points, holds ", points_));
    });
  }

  Status NoteBorrowed() {
    return ForEach("SELECT count(*) FROM borrowed_values WHERE run_id = ?1", [&](Statement& row) {
      if (row.Int(0) == 0) return;
      AddNote(
          StrCat(row.Int(0), " values stand in their event files alone: the server copies them"));
    });
  }

  // A file that has gone or was written anew is history, not damage.
  Status CheckFiles() {
    return ForEach(
        "SELECT r.path, f.name, f.read_offset, f.fingerprint FROM event_files f "
        "JOIN runs r USING (run_id) WHERE f.run_id = ?1",
        [&](Statement& row) {
          const std::string name(row.Bytes(1));
          const FilePosition read{static_cast<uint64_t>(row.Int(2)),
                                  static_cast<uint32_t>(row.Int(3))};
          const Result<bool> is_same =
              HoldsWhatWasRead(logdir_->PathOf(std::string(row.Bytes(0)), name), read);
          if (!is_same.ok()) {
            AddNote(StrCat(ToValidUtf8(name), ": ", is_same.error().message));
          } else if (!*is_same) {
            AddNote(StrCat(ToValidUtf8(name), " no longer begins with the ", read.offset,
                           " bytes that were read: the server will read it from its start"));
          }
        });
  }
  void AddNote(std::string what) {
    if (report_.notes.size() < kProblemsMax)
      report_.notes.push_back({run_name_, "", std::move(what)});
  }

  Database& database_;
  const Logdir* logdir_;
  const std::function<void(uint64_t)> progress_;
  CheckReport report_;
  // Of the run that is looked at.
  RunId run_ = 0;
  std::string run_name_;
  std::map<int64_t, TagMeta> tags_;    // by id
  std::map<int64_t, int64_t> stated_;  // events by tag, as the tags say
  std::map<int64_t, int64_t> counts_;  // events by tag, as they were found
  int64_t points_ = 0;
};

}  // namespace

Result<CheckReport> CheckData(const CheckOptions& options) {
  ASSIGN_OR_RETURN(const std::string path, DataDir::FindDatabase(options.data_dir));
  ASSIGN_OR_RETURN(Database database, Database::Open(path, Database::Mode::kReader));
  RETURN_IF_ERROR(CheckSchema(database));
  std::error_code error;
  const uint64_t size = std::filesystem::file_size(path, error);
  const auto progress = [&](uint64_t done) {
    if (options.progress) options.progress(done, size);
  };
  if (options.logdir.empty()) return Checker(database, nullptr, progress).Run();
  ASSIGN_OR_RETURN(Logdir logdir, Logdir::Open(options.logdir, options.data_dir, true));
  logdir.set_ingest_dir(IngestDir(options.data_dir));
  logdir.set_converter(nullptr, DataDir::ConvertedDir(options.data_dir));
  return Checker(database, &logdir, progress).Run();
}

}  // namespace spirogram::store

#include "transfer/import.h"

#include <sys/stat.h>
#include <unistd.h>

#include <deque>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <system_error>
#include <utility>
#include <vector>

#include "base/str.h"
#include "transfer/event_records.h"
#include "transfer/output_file.h"
#include "transfer/row_layout.h"
#include "transfer/row_reader.h"
#include "transfer/run_folder.h"
#include "transfer/trace_converter.h"
#include "transfer/trace_file.h"
#include "transfer/trace_reader.h"

namespace spirogram::transfer {
namespace {

constexpr size_t kRunsMax = 10'000;
constexpr int64_t kRowsPerProgress = 4096;
constexpr size_t kBufferBytesMax = size_t{1} << 20;    // of a run
constexpr size_t kBuffersBytesMax = size_t{64} << 20;  // of all

// One run's event file in the making.
struct RunOutput {
  OutputFile file;
  EventRecords records;
  std::string buffer;
};

class Importer {
 public:
  explicit Importer(const ImportOptions& options) : options_(options) {}
  // The newest first: a folder that was made for one run may hold those of later ones.
  ~Importer() {
    while (!outputs_.empty()) outputs_.pop_back();
  }

  Status ReadFile(const std::string& path) {
    ASSIGN_OR_RETURN(const bool is_trace, IsTrace(path));
    if (is_trace) return AddTrace(path);
    ASSIGN_OR_RETURN(const std::unique_ptr<RowReader> rows, RowReader::Open(path));
    file_run_ = RunNameOf(path);
    RowLayout layout({.step_column = options_.step_column,
                      .time_column = options_.time_column,
                      .tag = file_run_,
                      .wall_time = ModificationTime(path),
                      .file = path,
                      .guards_names = rows->guards_names()});
    Row row;
    while (true) {
      ASSIGN_OR_RETURN(const bool has_row, rows->Next(&row));
      if (!has_row) break;
      if (++summary_.rows % kRowsPerProgress == 0 && options_.progress) {
        options_.progress(summary_.rows);
      }
      RETURN_IF_ERROR(layout.Read(row, [&](const ImportedPoint& point) {
        const Status status = Add(point);
        if (status.ok()) return Status();
        return Status(Error{status.error().code,
                            StrCat(path, ", line ", row.line, ": ", status.error().message)});
      }));
    }
    summary_.ignored_columns.insert(layout.ignored().begin(), layout.ignored().end());
    return {};
  }

  Result<ImportSummary> Finish() {
    if (outputs_.empty()) {
      std::string columns;
      for (const std::string& column : summary_.ignored_columns) {
        if (columns.size() > kExcerptBytesMax) break;
        columns += StrCat(columns.empty() ? ", only texts in " : ", ", Quoted(column));
      }
      return InvalidArgument(StrCat("the files hold no numbers to import", columns));
    }
    std::vector<OutputFile*> files;
    for (RunOutput& output : outputs_) {
      RETURN_IF_ERROR(Flush(&output));
      files.push_back(&output.file);
    }
    RETURN_IF_ERROR(OutputFile::CommitAll(files));
    for (const auto& [run, output] : of_run_) summary_.runs.insert(run);
    return summary_;
  }

 private:
  static WallTime ModificationTime(const std::string& path) {
    struct stat info {};
    if (stat(path.c_str(), &info) != 0) return 0;
    return static_cast<double>(info.st_mtim.tv_sec) +
           1e-9 * static_cast<double>(info.st_mtim.tv_nsec);
  }

  // A file's name without its endings: those of archives and of profilers too.
  static std::string RunNameOf(const std::string& path) {
    std::filesystem::path name = std::filesystem::path(path).filename();
    if (name.extension() == ".gz") name = name.stem();
    name = name.stem();
    for (const char* ending : {".trace", ".pt"}) {
      if (name.extension() == ending) name = name.stem();
    }
    return ToValidUtf8(name.string());
  }

  Status AddTrace(const std::string& path) {
    RETURN_IF_ERROR(CheckIsNotShown(path));
    const auto progress = [&](int64_t events, uint64_t) -> Status {
      if (options_.progress) options_.progress(summary_.events + events);
      return {};
    };
    ASSIGN_OR_RETURN(const TraceContent trace, ReadTrace(path, progress));
    summary_.events += trace.events;
    summary_.slices += trace.slices.size();
    for (const auto& [category, count] : trace.slices.left_out()) {
      summary_.left_out[category] += count;
    }
    file_run_ = RunNameOf(path);
    ImportedPoint point;
    point.wall_time = trace.slices.StartOr(ModificationTime(path));
    ASSIGN_OR_RETURN(RunOutput* const output, OutputOf(point));
    RETURN_IF_ERROR(Flush(output));
    if (!trace.damage.empty()) {
      const std::string warning = DescribeDamage(trace);
      summary_.warnings.push_back(StrCat(path, ": ", warning));
      std::string record;
      EventRecords::AppendWarning(point.wall_time, warning, &record);
      RETURN_IF_ERROR(output->file.Append(record));
    }
    return trace.slices.WriteRecords(
        point.wall_time, [&](std::string_view records) { return output->file.Append(records); });
  }

  // What a server reads by itself would show twice.
  Status CheckIsNotShown(const std::string& path) const {
    if (TraceConverter().NameOf(std::filesystem::path(path).filename().string()).empty()) return {};
    const std::string run = options_.run.empty() ? RunNameOf(path) : options_.run;
    ASSIGN_OR_RETURN(const std::string name, RunFolder(run));
    std::error_code error;  // of folders that are not there, which are not the same
    const auto folder = std::filesystem::path(options_.logdir) / name;
    const bool is_same =
        std::filesystem::equivalent(folder, std::filesystem::absolute(path).parent_path(), error);
    if (!is_same) return {};
    return InvalidArgument(StrCat(path, " lies in the folder of run ", Quoted(run), " of ",
                                  options_.logdir, ": a server reads it by itself"));
  }

  Status Add(const ImportedPoint& point) {
    ASSIGN_OR_RETURN(RunOutput* const output, OutputOf(point));
    const size_t before = output->buffer.size();
    output->records.AppendScalar(ToValidUtf8(point.tag), {}, point.step, point.wall_time,
                                 point.value, &output->buffer);
    buffered_bytes_ += output->buffer.size() - before;
    ++summary_.points;
    if (output->buffer.size() >= kBufferBytesMax) return Flush(output);
    if (buffered_bytes_ < kBuffersBytesMax) return {};
    for (RunOutput& other : outputs_) RETURN_IF_ERROR(Flush(&other));
    return {};
  }

  Status Flush(RunOutput* output) {
    RETURN_IF_ERROR(output->file.Append(output->buffer));
    buffered_bytes_ -= output->buffer.size();
    output->buffer.clear();
    return {};
  }

  std::string RunOf(const ImportedPoint& point) const {
    if (point.run.empty()) return options_.run.empty() ? file_run_ : options_.run;
    return options_.run.empty() ? std::string(point.run) : StrCat(options_.run, "/", point.run);
  }

  Result<RunOutput*> OutputOf(const ImportedPoint& point) {
    const std::string run = RunOf(point);
    if (const auto found = of_run_.find(run); found != of_run_.end()) return found->second;
    if (outputs_.size() == kRunsMax) {
      return Exhausted(StrCat("more than ", kRunsMax, " runs in one import"));
    }
    ASSIGN_OR_RETURN(const std::string name, RunFolder(run));
    const std::filesystem::path folder = std::filesystem::path(options_.logdir) / name;
    if (!options_.append && HoldsEvents(folder)) {
      return InvalidArgument(StrCat("run ", Quoted(run), " is there already in ", options_.logdir,
                                    ": name another by --run, or add to it by --append"));
    }
    ASSIGN_OR_RETURN(OutputFile output, OutputFile::Create(NewEventFile(folder, point.wall_time)));
    RunOutput& made = outputs_.emplace_back(RunOutput{std::move(output), {}, {}});
    of_run_.emplace(run, &made);
    EventRecords::AppendFileVersion(point.wall_time, &made.buffer);
    buffered_bytes_ += made.buffer.size();
    return &made;
  }

  // A name that no file has: importing twice must not take the place of the first.
  static std::string NewEventFile(const std::filesystem::path& folder, WallTime wall_time) {
    for (int number = 0;; ++number) {
      const std::filesystem::path path =
          folder / StrCat("events.out.tfevents.", SecondsInName(wall_time), ".import.", getpid(),
                          ".", number, ".v2");
      std::error_code error;
      if (!std::filesystem::exists(path, error)) return path.string();
    }
  }

  static bool HoldsEvents(const std::filesystem::path& folder) {
    std::error_code error;
    for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
      // Of a run below, the name is that of a folder.
      const bool is_file = !entry.is_directory(error);
      if (is_file && entry.path().filename().string().find("tfevents") != std::string::npos) {
        return true;
      }
    }
    return false;
  }

  const ImportOptions& options_;
  std::string file_run_;  // of rows for which nothing names one
  std::deque<RunOutput> outputs_;
  std::map<std::string, RunOutput*> of_run_;
  size_t buffered_bytes_ = 0;
  ImportSummary summary_;
};

}  // namespace

Result<ImportSummary> ImportFiles(const ImportOptions& options) {
  Importer importer(options);
  for (const std::string& file : options.files) RETURN_IF_ERROR(importer.ReadFile(file));
  return importer.Finish();
}

}  // namespace spirogram::transfer

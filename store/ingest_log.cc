#include "store/ingest_log.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <list>
#include <mutex>
#include <optional>
#include <set>
#include <unordered_map>
#include <utility>

#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "base/str.h"
#include "store/ingest_file.h"
#include "store/ingest_names.h"
#include "store/logdir.h"
#include "store/scalar_batch.h"

namespace spirogram::store {
namespace {

bool Exists(const std::string& path) {
  return access(path.c_str(), F_OK) == 0;
}

class IngestLogImpl final : public IngestLog {
 public:
  explicit IngestLogImpl(const IngestOptions& options) : options_(options) {}

  Status CountFiles() {
    std::lock_guard lock(mutex_);
    return Count();
  }

  Result<IngestAnswer> AppendRecords(const std::string& run, const std::string& writer,
                                     uint64_t offset, std::string_view records) override {
    if (records.empty()) return InvalidArgument("the batch is empty");
    const Target target{run, writer, IngestKind::kRecords};
    RETURN_IF_ERROR(CheckNames(target));
    // What is refused leaves no file behind, and so no run.
    if (!Exists(PathOf(target))) {
      if (offset > 0) return NothingBefore("offset", offset);
      RETURN_IF_ERROR(IngestFile::CheckFirstRecords(records));
    }
    return Append(target, records.size(),
                  [&](IngestFile& file) { return file.AppendRecords(offset, records); });
  }

  Result<IngestAnswer> AppendScalars(const std::string& run, const std::string& writer,
                                     uint64_t sequence, std::string_view batch) override {
    ASSIGN_OR_RETURN(const ScalarBatch parsed, ParseScalarBatch(batch));
    const Target target{run, writer, IngestKind::kScalars};
    RETURN_IF_ERROR(CheckNames(target));
    if (sequence > 0 && !Exists(PathOf(target))) return NothingBefore("sequence", sequence);
    const std::string records = ScalarRecords(parsed);
    return Append(target, records.size(), [&](IngestFile& file) {
      return file.AppendScalars(sequence, parsed.wall_time[0], records);
    });
  }

  Result<IngestPosition> GetPosition(const std::string& run, const std::string& writer) override {
    IngestPosition position;
    ASSIGN_OR_RETURN(position.offset, PositionOf({run, writer, IngestKind::kRecords}));
    ASSIGN_OR_RETURN(position.sequence, PositionOf({run, writer, IngestKind::kScalars}));
    return position;
  }

  StorageState GetState() const override {
    std::lock_guard lock(state_mutex_);
    if (failed_since_ > 0) return {StorageState::Health::kFailing, kDiskBad, failed_since_};
    if (!IsRefusalShown()) return {};
    return {StorageState::Health::kFull, refusal_.detail, refusal_.since};
  }

 private:
  struct Target {
    const std::string& run;
    const std::string& writer;
    IngestKind kind;
  };
  using Recent = std::list<std::shared_ptr<IngestFile>>;
  struct Writer {
    std::shared_ptr<IngestFile> file;
    Recent::iterator place;  // in recent_, or its end
  };

  struct Refusal {
    std::string detail;
    WallTime since = 0;              // of the first of those that followed close on each other
    std::optional<int64_t> last_ns;  // of the monotonic clock
  };

  static Status CheckNames(const Target& target) {
    RETURN_IF_ERROR(CheckRunPath(target.run));
    return CheckWriterName(target.writer);
  }
  std::string PathOf(const Target& target) const {
    return StrCat(options_.dir, "/", RunFolder(target.run), "/",
                  IngestFileName(target.kind, target.writer));
  }

  static IngestAnswer NothingBefore(std::string_view field, uint64_t position) {
    return {
        IngestOutcome::kGap, 0,
        StrCat("the batch has ", field, " ", position, ", want 0: nothing of this writer is here")};
  }

  // REQUIRES: the names are checked.
  template <typename Function>
  Result<IngestAnswer> Append(const Target& target, uint64_t bytes, const Function& append) {
    RETURN_IF_ERROR(CheckHealth());
    if (std::string why = WhyFull(target, bytes); !why.empty()) {
      return Refuse(std::move(why));
    }
    ASSIGN_OR_RETURN(const std::shared_ptr<IngestFile> file, OpenForAppend(target));
    Result<IngestAnswer> answer = append(*file);
    if (!answer.ok()) {
      if (answer.error().code != ErrorCode::kExhausted) return answer;
      return Refuse(answer.error().message);
    }
    RETURN_IF_ERROR(Sync(*file));
    return answer;
  }

  // A batch that is taken does not end the state: another writer may be within its bounds.
  IngestAnswer Refuse(std::string why) {
    std::lock_guard lock(state_mutex_);
    if (!IsRefusalShown()) {
      refusal_.since = RealClock().Now();
      LogWarning(StrCat("ingest refuses what programs send, which they keep: ", why));
    }
    refusal_.last_ns = RealClock().MonotonicNs();
    refusal_.detail = why;
    return {IngestOutcome::kFull, 0, std::move(why)};
  }
  // REQUIRES: state_mutex_ is held.
  bool IsRefusalShown() const {
    return refusal_.last_ns && RealClock().MonotonicNs() - *refusal_.last_ns <
                                   int64_t{options_.refusal_shown_ms} * 1'000'000;
  }

  Result<uint64_t> PositionOf(const Target& target) {
    RETURN_IF_ERROR(CheckNames(target));
    RETURN_IF_ERROR(CheckHealth());
    const std::string path = PathOf(target);
    if (!Exists(path)) return uint64_t{0};
    const std::shared_ptr<IngestFile> file = Find(path, target.kind);
    ASSIGN_OR_RETURN(const uint64_t position, file->Position());
    RETURN_IF_ERROR(Sync(*file));
    return position;
  }

  // After a failed sync the kernel may have dropped what it could not write and call the rest
  // clean: trying again would acknowledge what is not there.
  Status Sync(IngestFile& file) {
    Status status = file.Sync();
    if (status.ok()) return status;
    LogError(StrCat("ingest is off until the next start: ", status.error().message));
    std::lock_guard lock(state_mutex_);
    if (!is_disk_bad_.exchange(true)) failed_since_ = RealClock().Now();
    return Unavailable(kDiskBad);
  }
  Status CheckHealth() const {
    if (is_disk_bad_) return Unavailable(kDiskBad);
    return {};
  }

  // A sentence when the log cannot take `bytes` more of this writer.
  std::string WhyFull(const Target& target, uint64_t bytes) {
    std::string why = WhyBeyondBounds(target, bytes);
    if (!why.empty() && CountAnew()) why = WhyBeyondBounds(target, bytes);
    if (!why.empty()) return why;
    struct statvfs disk {};
    if (statvfs(options_.dir.c_str(), &disk) != 0) return {};
    const uint64_t free = uint64_t{disk.f_bavail} * disk.f_frsize;
    if (free >= options_.free_bytes_min + bytes) return {};
    return StrCat("the server's disk has ", free, " bytes left, ", options_.free_bytes_min,
                  " are kept free");
  }

  std::string WhyBeyondBounds(const Target& target, uint64_t bytes) {
    if (bytes_ + bytes > options_.bytes_max) {
      return StrCat("what was sent to this server takes ", bytes_.load(), " bytes, at most ",
                    options_.bytes_max, " are allowed (--ingest-max-gb)");
    }
    if (Exists(PathOf(target))) return {};
    std::lock_guard lock(mutex_);
    if (writers_ >= options_.writers_max) {
      return StrCat("this server keeps ", writers_, " files of writers, and takes no further one");
    }
    if (runs_.size() >= options_.runs_max && !runs_.contains(RunFolder(target.run))) {
      return StrCat("this server keeps ", runs_.size(),
                    " runs that were sent, and takes no "
                    "further one");
    }
    return {};
  }

  // Nobody tells of files that have gone: users delete runs with their files. False where that was
  // looked at a moment ago, because it lists all of them.
  bool CountAnew() {
    std::lock_guard lock(mutex_);
    const int64_t now_ns = RealClock().MonotonicNs();
    const int64_t interval_ns = int64_t{options_.recount_interval_ms} * 1'000'000;
    if (counted_ns_ && now_ns - *counted_ns_ < interval_ns) return false;
    counted_ns_ = now_ns;
    for (const auto& [path, writer] : files_) writer.file->CountAnew();
    return Count().ok();
  }

  // REQUIRES: mutex_ is held. What is appended meanwhile may be left out, or counted twice.
  Status Count() {
    ASSIGN_OR_RETURN(const Logdir folder, Logdir::Open(options_.dir, "", false));
    uint64_t bytes = 0;
    writers_ = 0;
    runs_.clear();
    for (const FoundFile& file : folder.ScanAll().files) {
      bytes += file.size;
      ++writers_;
      runs_.insert(file.run);
    }
    bytes_ = bytes;
    return {};
  }

  Result<std::shared_ptr<IngestFile>> OpenForAppend(const Target& target) {
    const std::string path = PathOf(target);
    if (!Exists(path)) RETURN_IF_ERROR(Create(target, path));
    return Find(path, target.kind);
  }

  Status Create(const Target& target, const std::string& path) {
    std::lock_guard lock(mutex_);
    if (!is_dir_on_disk_) {
      RETURN_IF_ERROR(SyncName(options_.dir));
      is_dir_on_disk_ = true;
    }
    const std::string run = RunFolder(target.run);
    std::string folder = options_.dir;
    for (const std::string_view part : Split(run, '/')) {
      folder.append("/").append(part);
      if (mkdir(folder.c_str(), 0700) == 0) {
        RETURN_IF_ERROR(SyncName(folder));
      } else if (errno != EEXIST) {
        return ErrnoError(StrCat("make folder ", folder), errno);
      }
    }
    const FileDescriptor file(
        open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
    if (!file.is_open()) {
      if (errno == EEXIST) return {};  // another request made it first
      return ErrnoError(StrCat("make ", path), errno);
    }
    RETURN_IF_ERROR(SyncName(path));
    ++writers_;
    runs_.insert(run);
    return {};
  }

  std::shared_ptr<IngestFile> Find(const std::string& path, IngestKind kind) {
    std::lock_guard lock(mutex_);
    const auto [found, is_new] = files_.try_emplace(path);
    Writer& writer = found->second;
    if (is_new) writer = {std::make_shared<IngestFile>(path, kind, &bytes_), recent_.end()};
    if (writer.place != recent_.end()) recent_.erase(writer.place);
    recent_.push_front(writer.file);
    writer.place = recent_.begin();
    CloseIdleFiles();
    return writer.file;
  }

  // What is known of a file stays; only its descriptor goes.
  void CloseIdleFiles() {
    constexpr long kHolders = 2;  // files_ and recent_
    for (auto next = recent_.end(); recent_.size() > options_.open_files_max;) {
      if (next == recent_.begin()) return;  // all are in use
      --next;
      if (next->use_count() > kHolders) continue;
      (*next)->Close();
      files_.at((*next)->path()).place = recent_.end();
      next = recent_.erase(next);
    }
  }

  static constexpr const char* kDiskBad =
      "the server's disk failed to keep what was written; its log says more";

  const IngestOptions options_;
  std::atomic<uint64_t> bytes_ = 0;
  std::atomic<bool> is_disk_bad_ = false;
  mutable std::mutex state_mutex_;  // guards the next two
  Refusal refusal_;
  WallTime failed_since_ = 0;
  std::mutex mutex_;                   // guards all below
  std::optional<int64_t> counted_ns_;  // anew, last time
  uint64_t writers_ = 0;
  bool is_dir_on_disk_ = false;                    // by its name, for certain
  std::set<std::string> runs_;                     // by folder
  std::unordered_map<std::string, Writer> files_;  // by path
  Recent recent_;  // those that may be open, the one used last in front
};

}  // namespace

std::string IngestDir(const std::string& data_dir) {
  return data_dir + "/ingest";
}

Result<std::unique_ptr<IngestLog>> IngestLog::Open(const IngestOptions& options) {
  RETURN_IF_ERROR(MakeFolders(options.dir));
  auto log = std::make_unique<IngestLogImpl>(options);
  RETURN_IF_ERROR(log->CountFiles());
  return std::unique_ptr<IngestLog>(std::move(log));
}

}  // namespace spirogram::store

#include "logger/remote/upload.h"

#include <algorithm>
#include <filesystem>
#include <map>
#include <optional>
#include <system_error>
#include <thread>
#include <utility>

#include "base/str.h"
#include "logger/remote/backoff.h"
#include "logger/remote/file_sender.h"
#include "logger/remote/ingest_client.h"
#include "logger/remote/run_name.h"
#include "logger/remote/spool.h"
#include "logger/remote/url.h"

namespace spirogram::logger {
namespace {

namespace fs = std::filesystem;
using State = FileSender::State;
using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds kConnectMin{1000};

struct Plan {
  Url url;
  std::string dir;
  std::string run;
  bool removes_sent = false;
  bool is_spool = false;
  std::chrono::seconds patience{0};
  UploadProgress progress;
};

struct FoundFile {
  std::string run;
  std::string path;
  uint64_t bytes = 0;
};

Result<Plan> MakePlan(const UploadOptions& options) {
  Plan plan;
  ASSIGN_OR_RETURN(plan.url, ParseUrl(options.url));
  plan.is_spool = options.dir.empty();
  plan.dir =
      plan.is_spool
          ? SpoolOf(options.spool_dir.empty() ? DefaultSpoolDir() : options.spool_dir, plan.url)
          : options.dir;
  plan.run = options.run;
  plan.removes_sent = options.removes_sent || plan.is_spool;
  plan.patience = options.patience;
  plan.progress = options.progress;
  return plan;
}

// All folders below `root`. One that cannot be read, or that another upload has emptied and removed
// meanwhile, is passed over alone; and none is held open, however deep they lie.
std::vector<fs::path> FoldersBelow(const fs::path& root) {
  std::vector<fs::path> folders;
  std::vector<fs::path> unread = {root};
  while (!unread.empty()) {
    const fs::path folder = std::move(unread.back());
    unread.pop_back();
    std::error_code error;
    for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
      std::error_code ignored;
      if (at->is_symlink(ignored) || !at->is_directory(ignored)) continue;
      folders.push_back(at->path());
      unread.push_back(at->path());
    }
  }
  return folders;
}

// The folders with event files, by the names of their runs.
std::map<std::string, std::string> FindRuns(const Plan& plan) {
  std::map<std::string, std::string> folders;
  const fs::path root(plan.dir);
  if (!ListEventFiles(plan.dir).empty()) {
    std::error_code error;
    const fs::path absolute = fs::weakly_canonical(root, error);
    folders[plan.run.empty() ? absolute.filename().string() : plan.run] = plan.dir;
  }
  for (const fs::path& folder : FoldersBelow(root)) {
    if (ListEventFiles(folder.string()).empty()) continue;
    const std::string below = folder.lexically_relative(root).string();
    folders[plan.run.empty() ? below : StrCat(plan.run, "/", below)] = folder.string();
  }
  return folders;
}

std::vector<FoundFile> FindFiles(const Plan& plan) {
  std::vector<FoundFile> files;
  for (const auto& [run, folder] : FindRuns(plan)) {
    for (std::string& path : ListEventFiles(folder)) {
      std::error_code error;
      const uintmax_t bytes = fs::file_size(path, error);
      files.push_back({run, std::move(path), error ? 0 : bytes});
    }
  }
  return files;
}

class FolderUpload {
 public:
  explicit FolderUpload(Plan plan) : plan_(std::move(plan)), client_(plan_.url) {}

  Result<UploadSummary> Run() {
    const std::vector<FoundFile> files = FindFiles(plan_);
    for (const FoundFile& file : files) bytes_found_ += file.bytes;
    for (const FoundFile& file : files) {
      RETURN_IF_ERROR(SendFile(file.run, file.path));
      bytes_done_ += file.bytes;
      Tell(0);
    }
    return std::move(summary_);
  }

 private:
  Status SendFile(const std::string& run, const std::string& path) {
    Status named = CheckRunName(run);
    Result<std::string> writer = WriterOf(path);
    if (!named.ok() || !writer.ok()) {
      Leave(path, named.ok() ? writer.error().message : named.error().message);
      return {};
    }
    std::optional<OrphanFile> claim;
    if (plan_.removes_sent) {
      Result<OrphanFile> claimed = OrphanFile::Claim(path);
      if (claimed.ok()) {
        claim.emplace(std::move(claimed).value());
      } else if (plan_.is_spool) {
        return {};  // empty, or a logger has it and sends it by itself
      }
    }
    FileSender sender({path, run, *writer, false});
    ASSIGN_OR_RETURN(const bool is_sent, SendAll(&sender));
    if (!is_sent) return {};
    ++summary_.files;
    summary_.bytes += sender.acknowledged();
    if (!claim) return {};
    claim->Remove(plan_.dir);
    ++summary_.removed;
    return {};
  }

  // False when the file was left, or a part of it.
  Result<bool> SendAll(FileSender* sender) {
    PatientBackoff backoff(plan_.patience, Clock::now());
    while (true) {
      // Whoever is not patient still waits for a server that is there.
      client_.set_connect_timeout(std::max(kConnectMin, backoff.Left(Clock::now())));
      const FileSender::Progress progress = sender->Step(&client_);
      switch (progress.state) {
        case State::kMore:
          backoff.Answered(Clock::now());
          Tell(sender->acknowledged());
          continue;
        case State::kSent:
          return true;
        case State::kLater:
          if (backoff.Left(Clock::now()).count() == 0) return Unavailable(progress.detail);
          Tell(sender->acknowledged(), progress.detail);
          std::this_thread::sleep_for(backoff.Next(progress.retry_after, Clock::now()));
          continue;
        case State::kRefused:
        case State::kGivenUp:
          Leave(sender->path(), progress.detail);
          return false;
      }
    }
  }

  // `sent` are of the file that is under way, which may have grown since it was found.
  void Tell(uint64_t sent, const std::string& waits = {}) {
    if (plan_.progress == nullptr) return;
    plan_.progress(std::min(bytes_done_ + sent, bytes_found_), bytes_found_, waits);
  }

  void Leave(const std::string& path, const std::string& why) {
    summary_.left.push_back(
        why.find(path) == std::string::npos ? StrCat(ToValidUtf8(path), ": ", why) : why);
  }

  const Plan plan_;
  IngestClient client_;
  uint64_t bytes_found_ = 0;
  uint64_t bytes_done_ = 0;  // of the files before the one that is under way
  UploadSummary summary_;
};

}  // namespace

Status CheckUploadTarget(const std::string& url, const std::string& run) {
  RETURN_IF_ERROR(ParseUrl(url));
  return CheckRunName(run);
}

Result<UploadSummary> UploadFolder(const UploadOptions& options) {
  ASSIGN_OR_RETURN(Plan plan, MakePlan(options));
  std::error_code error;
  if (!fs::is_directory(plan.dir, error)) {
    if (plan.is_spool) return UploadSummary{};  // nothing was ever spooled
    return NotFound(StrCat(plan.dir, " is not a folder"));
  }
  return FolderUpload(std::move(plan)).Run();
}

}  // namespace spirogram::logger

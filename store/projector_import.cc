#include "store/projector_import.h"

#include <sys/stat.h>

#include <utility>

#include "base/str.h"
#include "store/confined_file.h"

namespace spirogram::store {
namespace {

constexpr size_t kConfigBytesMax = size_t{4} << 20;
// What one transaction takes in, about: the writer thread must not be away for long.
constexpr uint64_t kTurnBytes = uint64_t{64} << 20;

WallTime ChangeTimeOf(const std::string& path) {
  struct stat info {};
  if (stat(path.c_str(), &info) != 0) return 0;
  return static_cast<double>(info.st_mtim.tv_sec);
}

void AddChange(RunId run, const ProjectorTensor& info, Commit* commit) {
  commit->changes.push_back({.run = run,
                             .tag = info.tag,
                             .kind = DataKind::kEmbedding,
                             .first_step = info.step,
                             .last_step = info.step});
}

}  // namespace

Result<ProjectorImport> ProjectorImport::Load(Database& database, const Logdir& logdir) {
  ProjectorImport import(logdir);
  ASSIGN_OR_RETURN(const auto stamps, SelectProjectorStamps(database));
  for (const auto& [folder, stamp] : stamps) import.known_[folder].stamp = stamp;
  return import;
}

void ProjectorImport::NoteFolders(const std::vector<std::string>& folders) {
  for (const std::string& folder : folders) {
    Known& known = known_[folder];
    Refresh(folder, &known);
    if (StampOf(logdir_->PathOf(folder), known.entries) != known.stamp) changed_.insert(folder);
  }
}

void ProjectorImport::Parse(const std::string& path, Known* known) {
  known->config.clear();
  known->error.clear();
  const Result<std::string> text =
      ReadConfined(path, std::string(kProjectorConfigName), kConfigBytesMax);
  if (!text.ok()) {
    known->error = text.error().message;
    return;
  }
  Result<std::vector<ProjectorEntry>> entries = ParseProjectorConfig(*text);
  if (entries.ok()) {
    known->config = std::move(entries).value();
  } else {
    known->error = entries.error().message;
  }
}

// Parses the config again when it has changed, and looks into its checkpoint again when that has.
void ProjectorImport::Refresh(const std::string& folder, Known* known) const {
  const std::string path = logdir_->PathOf(folder);
  // Each stamp is taken before what it is of is read: what changes meanwhile is read again.
  std::string stamp = StampOf(path, std::vector<ProjectorEntry>());
  if (stamp != known->config_stamp) {
    known->config_stamp = std::move(stamp);
    Parse(path, known);
  }
  stamp = StampOf(path, known->config);
  if (stamp == known->entries_stamp) return;
  known->entries_stamp = std::move(stamp);
  known->note.clear();
  known->entries = NameVariables(path, known->config, &known->note);
}

ProjectorImport::Next ProjectorImport::TakeNext() {
  Next next;
  next.folder = *changed_.begin();
  changed_.erase(changed_.begin());
  next.run_path = RunOfProjectorFolder(next.folder);
  next.wall_time = ChangeTimeOf(logdir_->PathOf(next.folder, std::string(kProjectorConfigName)));
  return next;
}

Status ProjectorImport::Import(Database& database, const Next& next, RunId run, Commit* commit) {
  Known& known = known_[next.folder];
  Refresh(next.folder, &known);
  const ProjectorFolder at{run, next.folder};
  const std::string path = logdir_->PathOf(next.folder);
  // Taken before the files are read: what changes meanwhile differs from it, and is read again.
  const std::string stamp = StampOf(path, known.entries);
  ASSIGN_OR_RETURN(auto stored, SelectStoredTensors(database, at));
  uint64_t bytes_read = 0;
  bool is_complete = true;
  std::set<std::string> seen;  // an entry may stand in the config twice
  for (size_t i = 0; i < known.entries.size(); ++i) {
    const ProjectorEntry& entry = known.entries[i];
    const auto sequence = static_cast<int64_t>(i);
    const std::string tag = SplitTensorName(entry.tensor_name).tag;
    ASSIGN_OR_RETURN(const bool is_logged, HasLoggedTag(database, run, tag));
    const std::string entry_stamp = StampOf(path, entry);
    if (is_logged || !seen.insert(entry_stamp).second) continue;
    const auto found = stored.find(entry_stamp);
    if (found != stored.end()) {
      RETURN_IF_ERROR(MoveTensor(database, at, found->second, sequence));
      stored.erase(found);
    } else if (bytes_read < kTurnBytes) {
      ASSIGN_OR_RETURN(const LoadedTensor tensor,
                       ImportTensor(database, at, sequence, entry, entry_stamp));
      bytes_read += tensor.matrix.values.size() * sizeof(float) + 1;
      if (tensor.matrix.rows > 0) AddChange(run, tensor.info, commit);
    } else {
      is_complete = false;
    }
  }
  for (const auto& [old_stamp, tensor_id] : stored) {
    RETURN_IF_ERROR(RemoveTensor(database, at, tensor_id));
  }
  commit->runs_changed = true;
  if (!is_complete) {
    changed_.insert(next.folder);
    return {};
  }
  RETURN_IF_ERROR(
      ReplaceConfig(database, at, stamp, known.error.empty() ? known.note : known.error));
  known.stamp = stamp;
  return {};
}

Result<LoadedTensor> ProjectorImport::ImportTensor(Database& database, const ProjectorFolder& at,
                                                   int64_t sequence, const ProjectorEntry& entry,
                                                   const std::string& stamp) {
  std::vector<std::string> warnings;
  Result<LoadedTensor> loaded = LoadProjectorTensor(logdir_->PathOf(at.folder), entry, &warnings);
  std::string message;
  for (const std::string& warning : warnings) message += message.empty() ? warning : "\n" + warning;
  LoadedTensor tensor;
  if (loaded.ok()) {
    tensor = std::move(loaded).value();
  } else {
    tensor.info.tensor_name = ToValidUtf8(entry.tensor_name);
    message = StrCat("embedding ", Quoted(tensor.info.tensor_name), ": ", loaded.error().message);
  }
  RETURN_IF_ERROR(InsertTensor(database, at, sequence, stamp, tensor, message));
  return tensor;
}

}  // namespace spirogram::store

// Ingest's part in what users do with runs as objects.
#include <algorithm>
#include <memory>
#include <utility>

#include "store/ingest.h"

namespace spirogram::store {

bool Ingest::IsPurged(const std::string& path) const {
  const auto found = runs_.find(path);
  return found != runs_.end() && found->second->is_purged;
}

RunState* Ingest::FindRun(RunId id) {
  const auto found = runs_by_id_.find(id);
  return found == runs_by_id_.end() ? nullptr : found->second;
}

// Forgets all of a run but who it is. Null where there is none, or it is so already.
RunState* Ingest::StartRunOver(RunId id, bool is_purged) {
  RunState* const run = FindRun(id);
  if (run == nullptr || run->is_purged == is_purged) return nullptr;
  std::erase_if(backlog_, [&](const FileRef& ref) { return ref.run == run; });
  std::erase(dirty_runs_, run);
  RunState fresh;
  fresh.id = id;
  fresh.path = run->path;
  fresh.name = run->name;
  fresh.next_file_id = run->next_file_id;
  fresh.is_purged = is_purged;
  fresh.are_details_loaded = true;  // there are none
  *run = std::move(fresh);
  return run;
}

void Ingest::Purge(RunId id, WallTime deleted_time) {
  RunState* run = FindRun(id);
  if (run == nullptr || run->is_purged) return;
  auto files = std::move(run->files);
  for (const auto& [name, file] : files) UncountFile(*file);
  run = StartRunOver(id, true);
  run->deleted_time = deleted_time;
  ++purged_runs_;
  for (auto& [name, file] : files) {
    auto kept = std::make_unique<FileState>(file->id, name, std::move(file->reader));
    kept->device = file->device;
    kept->inode = file->inode;
    kept->size = file->size;
    kept->committed_offset = kept->reader.position().offset;
    kept->is_new = true;  // its row is behind what was read, or not there at all
    run->files.emplace(name, std::move(kept));
  }
}

void Ingest::Delete(RunId id, WallTime deleted_time) {
  RunState* const run = FindRun(id);
  if (run != nullptr) run->deleted_time = deleted_time;
}

void Ingest::Restore(RunId id) {
  if (StartRunOver(id, false) != nullptr) {
    --purged_runs_;
  } else if (RunState* const run = FindRun(id); run != nullptr) {
    run->deleted_time = 0;
  }
}

void Ingest::Revive(RunId id) {
  RunState* run = FindRun(id);
  if (run == nullptr) return;
  run->deleted_time = 0;
  if (!std::exchange(run->is_purged, false)) return;
  --purged_runs_;
  files_found_ += static_cast<int64_t>(run->files.size());
  for (const auto& [name, file] : run->files) {
    CountFile(file.get());
    bytes_committed_ += file->committed_offset;
  }
}

}  // namespace spirogram::store

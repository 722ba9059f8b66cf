// Ingest's part in files that get other names: what was read of them is not read again.
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/file.h"
#include "store/ingest.h"
#include "store/ingest_names.h"

namespace spirogram::store {
namespace {

// To a run of which files are known.
bool IsUnknown(const FoundFile& found, const RunState& run) {
  return !run.is_purged && !run.files.empty() && !run.files.contains(found.name) &&
         !run.files.contains(TwinName(found.name));
}

// Its name is new to the run, or was that of another file.
bool MayBeRenamed(const FoundFile& found, const RunState& run) {
  const auto known = run.files.find(found.name);
  if (run.is_purged || known == run.files.end()) return IsUnknown(found, run);
  return known->second->inode != found.inode || known->second->device != found.device;
}

bool HasGone(const FileState& file) {
  const Result<RandomAccessFile> old = RandomAccessFile::Open(file.reader.path());
  return !old.ok() && old.error().code == ErrorCode::kNotFound;
}

}  // namespace

// Before a new file takes the name that an old one had: a log that was rotated is two files. Each
// name that becomes free may be another file's new one.
void Ingest::FollowRenames(const std::vector<FoundFile>& files) {
  bool is_renamed = true;
  while (std::exchange(is_renamed, false)) {
    for (auto found = files.rbegin(); found != files.rend(); ++found) {
      RunState* run = FindRun(found->run);
      is_renamed |= MayBeRenamed(*found, *run) && TakeRenamed(*found, run);
    }
  }
}

// The same of files that were copied, and the old ones removed.
void Ingest::FollowCopies(const std::vector<FoundFile>& files) {
  std::vector<const FoundFile*> unknown;
  std::set<const RunState*> runs;
  for (const FoundFile& found : files) {
    const RunState* run = FindRun(found.run);
    if (!IsUnknown(found, *run)) continue;
    unknown.push_back(&found);
    runs.insert(run);
  }
  if (unknown.empty()) return;
  std::set<std::pair<const RunState*, std::string>> listed;
  for (const FoundFile& found : files) {
    const RunState* run = FindRun(found.run);
    if (runs.contains(run)) listed.emplace(run, found.name);
  }
  for (const FoundFile* found : unknown) {
    RunState* run = FindRun(found->run);
    for (auto known = run->files.begin(); known != run->files.end(); ++known) {
      if (listed.contains({run, known->first}) || !IsCopy(*found, *known->second)) continue;
      GiveName(*found, run, known);
      break;
    }
  }
}

// Takes the file's state along from the name that it had when it was read, if that is another. A
// link to a file that is still there, and one that has got the number of a file that is gone, are
// none; nor may one of which nothing was read push another from its name.
bool Ingest::TakeRenamed(const FoundFile& found, RunState* run) {
  const auto name = names_by_inode_.find({run->id, found.inode});
  if (name == names_by_inode_.end()) return false;
  const auto known = run->files.find(name->second);
  if (known == run->files.end()) return false;
  FileState& file = *known->second;
  if (file.inode != found.inode || file.device != found.device) return false;
  if (file.reader.position().offset == 0 && run->files.contains(found.name)) return false;
  const Result<RandomAccessFile> old = RandomAccessFile::Open(file.reader.path());
  const bool is_free = old.ok() ? old->inode() != found.inode || old->device() != found.device
                                : old.error().code == ErrorCode::kNotFound;
  const Result<bool> is_same =
      HoldsWhatWasRead(logdir_.PathOf(found.run, found.name), file.reader.position());
  if (!is_free || !is_same.ok() || !*is_same) return false;
  GiveName(found, run, known);
  return true;
}

// Whether it is what was read of a file that has gone: a new name and a new number, as rsync and
// file systems without numbers of their own give.
bool Ingest::IsCopy(const FoundFile& found, const FileState& file) const {
  const FilePosition& read = file.reader.position();
  if (read.offset == 0 || read.offset > found.size || !HasGone(file)) return false;
  const Result<bool> is_same = HoldsWhatWasRead(logdir_.PathOf(found.run, found.name), read);
  return is_same.ok() && *is_same;
}

// A file that had the name is written over: like one that was deleted, it keeps what was read of
// it, under the name that has become free.
void Ingest::GiveName(const FoundFile& found, RunState* run, Files::iterator known) {
  const auto give = [&](const std::string& name, std::unique_ptr<FileState>* file) {
    names_by_inode_[{run->id, (*file)->inode}] = name;
    (*file)->name = name;
    (*file)->reader.set_path(logdir_.PathOf(found.run, name));
    (*file)->is_dirty = true;
  };
  std::unique_ptr<FileState>& place = run->files[found.name];
  std::swap(place, known->second);
  give(found.name, &place);
  if (known->second == nullptr) {
    run->files.erase(known);
  } else {
    give(known->first, &known->second);
  }
  MarkDirty(run);
}

}  // namespace spirogram::store
